package tiles

import (
	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// Painter turns a reader's view of the city into tiles. It keeps the projected
// outlines of regions and hexagons, which every tile needs again. It is safe
// for concurrent use.
type Painter struct {
	regions outlines
	hexes   hexagons
}

// NewPainter is a Painter that has drawn nothing yet.
func NewPainter() *Painter { return &Painter{hexes: newHexagons()} }

// Append appends to dst the tile t of the layers that r's scope has, MVT 2.1,
// not compressed. A tile without features adds nothing. Equal views give equal
// bytes.
func (p *Painter) Append(dst []byte, r cim.Reader, t Tile) []byte {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	for i := range Layers {
		l, spec := cim.Layer(i), &Layers[i]
		if t.Z < spec.MinZoom || !r.Scope().Layers.Has(l) {
			continue
		}
		e.begin(t, spec)
		switch l {
		case cim.LayerRegions:
			p.regions.draw(e, r.Regions())
		case cim.LayerDevices:
			drawDevices(e, r, t)
		case cim.LayerUnits:
			drawUnits(e, r, t)
		case cim.LayerIncidents:
			drawIncidents(e, r, t)
		case cim.LayerCells:
			p.hexes.draw(e, r, t)
		default:
			drawObjects(e, r, l, t)
		}
		dst = e.end(dst, l.String())
	}
	return dst
}

// Fresh is the position of the newest change to what the tile t of r shows: a
// tile drawn at a position not below it is still true.
func (p *Painter) Fresh(r cim.Reader, t Tile) (seq uint64) {
	for i := range Layers {
		if l := cim.Layer(i); t.Z >= Layers[i].MinZoom && r.Scope().Layers.Has(l) {
			b := reach(l, t)
			if l == cim.LayerCells {
				b = pad(b, t) // what is merged in a cell lies as far from its centre
			}
			seq = max(seq, r.Fresh(l, b))
		}
	}
	return seq
}

// reach is the box, lon lat, of everything that layer l of tile t may show.
func reach(l cim.Layer, t Tile) orb.Bound {
	b := t.Bound(Layers[l].Buffer)
	if l == cim.LayerCells {
		// Cells are found by their centre; one that only reaches in has its
		// centre up to a hexagon's radius away.
		b = pad(b, t)
	}
	return b
}

// pad grows b by the radius of the tile's cells.
func pad(b orb.Bound, t Tile) orb.Bound { return b.Pad(hexRadius[cellResolution(t.Z)]) }

// hexRadius is above the circumradius of H3 cells, in degrees of longitude at
// 60° latitude, by resolution (average edge lengths of the H3 documentation,
// a fifth more for the largest cells).
var hexRadius = func() (r [geo.BaseResolution + 1]float64) {
	edges := [...]float64{1281.3, 483.1, 182.5, 68.98, 26.07, 9.854, 3.725, 1.406, 0.5314, 0.2008} // km
	for i := range r {
		r[i] = edges[i] * 1.2 / 55.6
	}
	return r
}()
