package tiles

import (
	"math"
	"sync"

	"onecity/cim"
	"onecity/geo"
)

// hexagons keeps the outlines of H3 cells in world units: H3 computes them in
// C, which costs more than all else about a cell. It forgets everything when
// it is full; a city of 1,000 km² has about 11,000 cells.
type hexagons struct {
	mu  *sync.RWMutex
	all map[geo.Cell]*hexagon
}

const maxHexagons = 1 << 17

// hexagon is the outline of one cell. Twelve cells of each resolution are
// pentagons, and a cell that crosses an icosahedron's edge has up to ten points.
type hexagon struct {
	name   string
	n      int
	points [10]geo.WorldPoint
}

func newHexagons() hexagons {
	return hexagons{mu: new(sync.RWMutex), all: map[geo.Cell]*hexagon{}}
}

func (h *hexagons) of(c geo.Cell) *hexagon {
	h.mu.RLock()
	x := h.all[c]
	h.mu.RUnlock()
	if x != nil {
		return x
	}
	x = &hexagon{name: c.String()}
	ring := c.Boundary()
	if n := len(ring); n > 1 && ring[0] == ring[n-1] {
		ring = ring[:n-1]
	}
	for x.n < len(ring) && x.n < len(x.points) {
		x.points[x.n] = geo.Project(ring[x.n])
		x.n++
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.all) >= maxHexagons {
		clear(h.all)
	}
	h.all[c] = x
	return x
}

func (h *hexagons) draw(e *encoder, r cim.Reader, t Tile) {
	r.Cells(cellResolution(t.Z), reach(cim.LayerCells, t), func(c *cim.CellState) bool {
		x := h.of(c.Cell)
		e.ring(x.points[:x.n], true)
		if !e.shown() {
			e.clear()
			return true
		}
		e.unique(keyCell, x.name)
		e.number(keyIndex, math.Round(c.Index*10)/10)
		open := 0
		for _, n := range c.Open {
			open += n
		}
		e.number(keyOpen, float64(open))
		e.number(keyLate, float64(c.Late))
		e.number(keyUnits, float64(c.Units))
		e.number(keyDevices, float64(c.Devices))
		e.number(keyAlarms, float64(c.Alarms))
		for i := range c.Properties {
			if w := &c.Properties[i].Windows[cim.Quarter]; w.Count > 0 {
				e.named(string(c.Properties[i].Property), float64(float32(w.Mean())))
			}
		}
		e.feature(featureNumber(x.name), typePolygon)
		return true
	})
}
