package duty

import (
	"math"
	"slices"
	"time"

	"onecity/geo"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/planar"
)

const (
	// Resolution of the cells that coverage is counted in: H3 11, about 25 m a
	// side, what one sees from where one stands.
	Resolution = 11
	// maxCells is the most cells of an area whose share is counted: 100 km².
	maxCells = 60_000
	// vague is an accuracy, in metres, with which one cannot tell the cell.
	vague = 100
)

// Cover is how much of an area was visited.
type Cover struct {
	Cells []geo.Cell // visited, within the area where there is one
	Total int        // cells of the area; 0 where there is none, or it is too large
	Share float64    // of the area, 0 … 1
	// Kilometres that were gone.
	Kilometres float64
}

// CoverOf counts what a track visits of an area; an empty area is anywhere.
// Between two positions the straight way counts as gone, when they lie close
// together in time and space.
func CoverOf(track []Fix, area orb.MultiPolygon) Cover {
	inside := cellsOf(area)
	seen := map[geo.Cell]bool{}
	visit := func(p orb.Point) {
		c := geo.CellAt(p, Resolution)
		if inside == nil || inside[c] {
			seen[c] = true
		}
	}
	var out Cover
	var last *Fix
	for i := range track {
		f := &track[i]
		if f.Accuracy > vague {
			continue
		}
		here := orb.Point{f.Lon, f.Lat}
		visit(here)
		if last != nil {
			there := orb.Point{last.Lon, last.Lat}
			metres := orbgeo.Distance(there, here)
			if joined(metres, f.Time.Sub(last.Time)) {
				out.Kilometres += metres / 1000
				steps := int(math.Ceil(metres / 15))
				for n := 1; n < steps; n++ {
					k := float64(n) / float64(steps)
					visit(orb.Point{there[0] + k*(here[0]-there[0]), there[1] + k*(here[1]-there[1])})
				}
			}
		}
		last = f
	}
	out.Cells = make([]geo.Cell, 0, len(seen))
	for c := range seen {
		out.Cells = append(out.Cells, c)
	}
	slices.Sort(out.Cells)
	if len(inside) > 0 {
		out.Total = len(inside)
		out.Share = float64(len(out.Cells)) / float64(out.Total)
	}
	return out
}

// joined: nobody has been elsewhere between two positions.
func joined(metres float64, took time.Duration) bool {
	return took > 0 && took <= 5*time.Minute && metres <= 1500 && metres/took.Seconds() <= 40
}

// cellsOf are the cells whose middle lies in an area; nil for none.
func cellsOf(area orb.MultiPolygon) map[geo.Cell]bool {
	if len(area) == 0 {
		return nil
	}
	all, ok := geo.CellsIn(area.Bound(), Resolution, 4*maxCells)
	if !ok {
		return nil
	}
	inside := map[geo.Cell]bool{}
	for _, c := range all {
		if planar.MultiPolygonContains(area, c.Centre()) {
			inside[c] = true
		}
	}
	if len(inside) == 0 || len(inside) > maxCells {
		return nil
	}
	return inside
}
