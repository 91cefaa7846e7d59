package geo

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

func TestOffsetOfNamesTheSystemThatWasSentAsCGCS2000(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	known := pointsIn(orb.Bound{Min: orb.Point{120.81, 31.10}, Max: orb.Point{121.16, 31.54}}, 25)
	shake := func(p orb.Point) orb.Point { // a receiver's error of some metres
		return orb.Point{p[0] + (rng.Float64()-0.5)*1e-4, p[1] + (rng.Float64()-0.5)*1e-4}
	}
	sentAs := func(f func(orb.Point) orb.Point) (sent []orb.Point) {
		for _, p := range known {
			sent = append(sent, f(shake(p)))
		}
		return sent
	}
	swap := func(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} }
	for _, c := range []struct {
		name    string
		sent    []orb.Point
		crs     CRS
		swapped bool
		ok      bool
	}{
		{"as declared", sentAs(func(p orb.Point) orb.Point { return p }), CGCS2000, false, false},
		{"GCJ-02", sentAs(ToGCJ02), GCJ02, false, true},
		{"BD-09", sentAs(BD09.FromCGCS2000), BD09, false, true},
		{"swapped", sentAs(swap), CGCS2000, true, true},
		{"swapped GCJ-02", sentAs(func(p orb.Point) orb.Point { return swap(ToGCJ02(p)) }), GCJ02, true, true},
		{"one point in GCJ-02", sentAs(ToGCJ02)[:1], GCJ02, false, true},
		{"somewhere else", sentAs(func(p orb.Point) orb.Point { return orb.Point{p[0] + 0.02, p[1] + 0.01} }), 0, false, false},
		{"nothing", nil, 0, false, false},
	} {
		got, ok := OffsetOf(known, c.sent)
		if ok != c.ok || ok && (got.CRS != c.crs || got.Swapped != c.swapped) {
			t.Errorf("%s: %+v, %v", c.name, got, ok)
		}
		if ok && (got.Left > 20 || got.Apart < 300 || got.Points != len(c.sent)) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestSwappedLonLatNeedsTheOtherWayRoundToBeInTheCity(t *testing.T) {
	city := orb.Bound{Min: orb.Point{120.81, 31.10}, Max: orb.Point{121.16, 31.54}}
	for _, c := range []struct {
		p    orb.Point
		want bool
	}{
		{orb.Point{120.95, 31.38}, false}, {orb.Point{31.38, 120.95}, true},
		{orb.Point{116.4, 39.9}, false}, {orb.Point{39.9, 116.4}, false},
	} {
		if got := SwappedLonLat(c.p, city); got != c.want {
			t.Errorf("%v: %v", c.p, got)
		}
	}
}
