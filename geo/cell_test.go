package geo

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

var kunshanStation = orb.Point{120.9566, 31.3858}

func TestParentAgreesWithTheH3Library(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		p := orb.Point{rng.Float64()*360 - 180, rng.Float64()*180 - 90}
		res := rng.IntN(16)
		c := CellAt(p, res)
		if c.Resolution() != res || !c.Valid() {
			t.Fatalf("%v: resolution %d, valid %v", c, c.Resolution(), c.Valid())
		}
		up := rng.IntN(res + 1)
		want, err := h3.Cell(c).Parent(up)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Parent(up); got != Cell(want) {
			t.Fatalf("parent of %v at %d: %v, want %v", c, up, got, want)
		}
	}
	c := CellAt(kunshanStation, 9)
	if c.Parent(10) != 0 || c.Parent(-1) != 0 || Cell(0).Parent(0) != 0 {
		t.Error("a parent that cannot be is not 0")
	}
}

func TestChildrenOfACellAreAllTheCellsWhoseParentItIs(t *testing.T) {
	c := CellAt(kunshanStation, 8)
	kids := c.Children(10)
	if len(kids) != 49 {
		t.Fatalf("%d children, want 49", len(kids))
	}
	for _, k := range kids {
		if k.Parent(8) != c {
			t.Errorf("%v is no child of %v", k, c)
		}
	}
	if Cell(0).Children(3) != nil || c.Children(7) != nil || c.Children(15) != nil {
		t.Error("children that cannot be, or are too many, are not nil")
	}
}

func TestCellJSONIsHexadecimalAndRoundTrips(t *testing.T) {
	c := CellAt(kunshanStation, BaseResolution)
	type doc struct {
		Cell Cell
		Sums map[Cell]int
		None Cell
	}
	b, err := json.Marshal(doc{c, map[Cell]int{c: 3}, 0})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Cell":"` + c.String() + `","Sums":{"` + c.String() + `":3},"None":""}`; string(b) != want {
		t.Fatalf("got %s, want %s", b, want)
	}
	var back doc
	if err := json.Unmarshal(b, &back); err != nil || back.Cell != c || back.Sums[c] != 3 {
		t.Fatalf("back: %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"Cell":"ffff"}`), &back); err == nil {
		t.Error("ffff was taken for a cell")
	}
}

func TestBoundaryHoldsTheCentreAndHasTheCellsArea(t *testing.T) {
	c := CellAt(kunshanStation, BaseResolution)
	q := prepare(orb.Polygon{c.Boundary()})
	if !q.holds(c.Centre()) {
		t.Error("the centre is outside the boundary")
	}
	if a := c.Area(); math.Abs(a-105_000) > 30_000 {
		t.Errorf("area %.0f m²", a)
	}
	if Cell(0).Boundary() != nil || Cell(0).Area() != 0 {
		t.Error("no cell has a shape")
	}
	if CellAt(orb.Point{math.NaN(), 0}, 9) != 0 {
		t.Error("NaN has a cell")
	}
}

func TestCellsInHoldsTheCellOfEveryPointOfTheBound(t *testing.T) {
	b := orb.Bound{Min: orb.Point{120.90, 31.35}, Max: orb.Point{121.00, 31.42}}
	cells, ok := CellsIn(b, BaseResolution, 5000)
	if !ok {
		t.Fatal("refused")
	}
	in := map[Cell]bool{}
	for _, c := range cells {
		in[c] = true
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		p := orb.Point{b.Min[0] + rng.Float64()*0.10, b.Min[1] + rng.Float64()*0.07}
		if !in[CellAt(p, BaseResolution)] {
			t.Fatalf("cell of %v is not in the cover", p)
		}
	}
	for _, c := range cells {
		if !c.Boundary().Bound().Intersects(b) {
			t.Errorf("%v does not touch the bound", c)
		}
	}
}

func TestCellsInRefusesWhatIsTooMuchAndManagesTheExtremes(t *testing.T) {
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	if _, ok := CellsIn(world, 9, 100_000); ok {
		t.Error("the world at resolution 9 was covered")
	}
	if cells, ok := CellsIn(world, 0, 200); !ok || len(cells) != 122 {
		t.Errorf("the world at resolution 0: %d cells, %v; want 122", len(cells), ok)
	}
	point := orb.Bound{Min: kunshanStation, Max: kunshanStation}
	if cells, ok := CellsIn(point, 9, 1); !ok || cells[0] != CellAt(kunshanStation, 9) {
		t.Errorf("a point: %v, %v", cells, ok)
	}
	line := orb.Bound{Min: kunshanStation, Max: orb.Point{kunshanStation[0] + 0.02, kunshanStation[1]}}
	if cells, ok := CellsIn(line, 9, 100); !ok || len(cells) < 4 {
		t.Errorf("a line: %v, %v", cells, ok)
	}
	nan := orb.Bound{Min: orb.Point{math.NaN(), 0}, Max: orb.Point{1, 1}}
	if _, ok := CellsIn(nan, 9, 100); ok {
		t.Error("NaN was covered")
	}
	if _, ok := CellsIn(point, 16, 100); ok {
		t.Error("resolution 16 was covered")
	}
}

func FuzzParseCell(f *testing.F) {
	for _, s := range []string{"89309866b43ffff", "", "0", "zz", "ffffffffffffffff", "8009fffffffffff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCell(s)
		if err != nil {
			return
		}
		if back, err := ParseCell(c.String()); err != nil || back != c {
			t.Fatalf("%q → %v → %v, %v", s, c, back, err)
		}
	})
}
