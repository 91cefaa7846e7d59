package duty_test

import (
	"math"
	"testing"
	"time"

	"onecity/gov/incident/duty"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// square is half a kilometre a side.
var square = orb.MultiPolygon{{{{120.98, 31.38}, {120.985, 31.38}, {120.985, 31.3845}, {120.98, 31.3845}, {120.98, 31.38}}}}

func walk(points ...orb.Point) (track []duty.Fix) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for i, p := range points {
		if i > 0 {
			at = at.Add(time.Duration(orbgeo.Distance(points[i-1], p) / 1.4 * float64(time.Second)))
		}
		track = append(track, duty.Fix{Told: duty.Told{Time: at, Lon: p[0], Lat: p[1], Accuracy: 10}})
	}
	return track
}

func TestAWalkCoversWhatLiesOnItsWay(t *testing.T) {
	west, east := orb.Point{120.9801, 31.382}, orb.Point{120.9849, 31.382}
	middle := orb.Point{120.9825, 31.382}
	c := duty.CoverOf(walk(west, middle, east), square)
	if c.Total < 50 || c.Total > 200 {
		t.Fatalf("%d cells in half a kilometre", c.Total)
	}
	if want := orbgeo.Distance(west, east) / 1000; math.Abs(c.Kilometres-want) > 0.01 {
		t.Errorf("%g km, want %g", c.Kilometres, want)
	}
	// 457 m over cells of about 50 m.
	if len(c.Cells) < 8 || len(c.Cells) > 20 || math.Abs(c.Share-float64(len(c.Cells))/float64(c.Total)) > 1e-9 {
		t.Errorf("%d cells, share %g", len(c.Cells), c.Share)
	}
	if again := duty.CoverOf(walk(west, middle, east, middle, west), square); len(again.Cells) != len(c.Cells) {
		t.Errorf("back again: %d cells", len(again.Cells))
	}
}

func TestWhatIsOutsideOrVagueOrAJumpDoesNotCount(t *testing.T) {
	inside, outside := orb.Point{120.982, 31.382}, orb.Point{121.2, 31.5}
	if c := duty.CoverOf(walk(outside), square); len(c.Cells) != 0 || c.Share != 0 {
		t.Errorf("outside: %+v", c)
	}
	vague := walk(inside)
	vague[0].Accuracy = 500
	if c := duty.CoverOf(vague, square); len(c.Cells) != 0 {
		t.Errorf("vague: %+v", c)
	}
	jump := walk(inside, orb.Point{120.984, 31.382})
	jump[1].Time = jump[0].Time.Add(time.Second)
	if c := duty.CoverOf(jump, square); len(c.Cells) != 2 || c.Kilometres != 0 {
		t.Errorf("a jump: %+v", c)
	}
	if c := duty.CoverOf(walk(inside), nil); len(c.Cells) != 1 || c.Total != 0 {
		t.Errorf("anywhere: %+v", c)
	}
}
