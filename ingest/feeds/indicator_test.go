package feeds_test

import (
	"fmt"
	"testing"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// What a department's feed says stands in the cell beside what sensors say: by
// name, as the mean over its rows there, and only as the newest delivery has it.
func TestIndicatorsOfAFeedAreToldInTheirCells(t *testing.T) {
	c := start(t, inCRS("pump-stations", geo.CGCS2000))
	const head = "泵站编码,采集时间,X坐标,Y坐标,内河水位\n"
	here := geo.CellAt(orb.Point{121, 31.4}, geo.BaseResolution)
	there := geo.CellAt(orb.Point{121.05, 31.45}, geo.BaseResolution)
	// told is what a cell of any resolution says, "" when there is nothing.
	told := func(r cim.Reader, at geo.Cell) string {
		cell, ok := r.Cell(at)
		if !ok || len(cell.Indicators) == 0 {
			return ""
		}
		return fmt.Sprintf("%d: %s %g", len(cell.Indicators), cell.Indicators[0].Name, cell.Indicators[0].Value)
	}
	says := func(what string, at map[geo.Cell]string) {
		t.Helper()
		c.Until(t, what, func(r cim.Reader) bool {
			for cell, want := range at {
				if told(r, cell) != want {
					return false
				}
			}
			return true
		})
	}
	deliver := func(name, rows string, accepted int) {
		t.Helper()
		if r := c.deliver(t, "pump-stations", name, []byte(head+rows)); r.Accepted != accepted {
			t.Fatalf("%s: %+v", name, r)
		}
	}
	parent := here.Parent(6)
	if there.Parent(6) == parent {
		t.Fatal("the two places lie in one cell of resolution 6")
	}

	deliver("1.csv", "p-1,2026/1/31 8:00,121,31.4,2\np-2,2026/1/31 8:00,121.0001,31.4001,3\n", 2)
	says("the mean of two pumps stands in their cell and in the one around it",
		map[geo.Cell]string{here: "1: 泵站内河水位 2.5", parent: "1: 泵站内河水位 2.5", there: ""})

	// One pump is measured again, and later, the other is read again as it was earlier.
	deliver("2.csv", "p-1,2026/1/31 8:10,121,31.4,4\np-2,2026/1/31 7:00,121.0001,31.4001,9\n", 2)
	says("a newer row replaces its own, an older one nothing",
		map[geo.Cell]string{here: "1: 泵站内河水位 3.5", parent: "1: 泵站内河水位 3.5"})

	// A pump whose place was wrong moves, and takes its value along.
	deliver("3.csv", "p-2,2026/1/31 8:12,121.05,31.45,5\n", 1)
	says("a row that moved is told where it is now, and nowhere else",
		map[geo.Cell]string{here: "1: 泵站内河水位 4", there: "1: 泵站内河水位 5", there.Parent(6): "1: 泵站内河水位 5"})

	// Whoever looks at the map is told the same as who asks for the cell.
	seen := map[geo.Cell]string{}
	r := c.Read()
	r.Cells(geo.BaseResolution, orb.Bound{Min: orb.Point{120.9, 31.3}, Max: orb.Point{121.1, 31.5}}, func(s *cim.CellState) bool {
		seen[s.Cell] = told(r, s.Cell)
		return true
	})
	if len(seen) != 2 || seen[here] != "1: 泵站内河水位 4" || seen[there] != "1: 泵站内河水位 5" {
		t.Errorf("the map shows %v", seen)
	}
}
