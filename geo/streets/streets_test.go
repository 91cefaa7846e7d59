package streets

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// block is a street that goes east, with one going north from its middle.
func block() []Road {
	return []Road{
		{ID: "east", Name: "前进路", NameEn: "Qianjin Road", Class: "primary", Line: orb.LineString{{120.9, 31.3}, {120.91, 31.3}, {120.92, 31.3}}},
		{ID: "north", Name: "人民路", NameEn: "Renmin Road", Class: "residential", Line: orb.LineString{{120.91, 31.3}, {120.91, 31.31}}},
	}
}

func way(t *testing.T, n *Network, from, to orb.Point) Trip {
	t.Helper()
	trip, ok := n.Route(n.Snap(from), n.Snap(to))
	if !ok {
		t.Fatalf("no way from %v to %v", from, to)
	}
	return trip
}

func TestAOneWayStreetIsNotDrivenAgainstIt(t *testing.T) {
	roads := block()
	roads[0].Direction = Forth
	n := New(roads, Car())
	west, east := orb.Point{120.902, 31.3}, orb.Point{120.918, 31.3}
	if trip := way(t, n, west, east); math.Abs(trip.Metres-orbgeo.Distance(west, east)) > 1 {
		t.Errorf("%v m with the street", trip.Metres)
	}
	if trip, ok := n.Route(n.Snap(east), n.Snap(west)); ok {
		t.Errorf("%v m against the street", trip.Metres)
	}
	if trip, ok := New(roads, Cycle()).Route(n.Snap(east), n.Snap(west)); !ok || math.Abs(trip.Metres-orbgeo.Distance(west, east)) > 1 {
		t.Errorf("a bicycle: %v, %v m", ok, trip.Metres)
	}
	roads[0].Direction = Back
	n = New(roads, Car())
	if _, ok := n.Route(n.Snap(west), n.Snap(east)); ok {
		t.Error("there is a way against a street that is one-way against its line")
	}
}

func TestAWayThatWouldGoBackOnAOneWayStreetGoesRound(t *testing.T) {
	square := orb.LineString{{120.9, 31.3}, {120.91, 31.3}, {120.91, 31.31}, {120.9, 31.31}, {120.9, 31.3}}
	n := New([]Road{{Class: "residential", Direction: Forth, Line: square}}, Car())
	a, b := orb.Point{120.902, 31.3}, orb.Point{120.908, 31.3}
	there, back := way(t, n, a, b), way(t, n, b, a)
	if whole := orbgeo.Length(square); math.Abs(there.Metres+back.Metres-whole) > 1 || back.Metres < there.Metres {
		t.Errorf("%v m there and %v m back, once round is %v m", there.Metres, back.Metres, whole)
	}
}

func TestRoadsThatNearlyTouchMeetAndOthersDoNot(t *testing.T) {
	roads := block()
	roads[1].Line = orb.LineString{{120.910001, 31.300001}, {120.91, 31.31}} // 15 cm
	n := New(roads, Car())
	way(t, n, orb.Point{120.9, 31.3}, orb.Point{120.91, 31.31})
	roads[1].Line[0] = orb.Point{120.91, 31.3001} // 11 m
	n = New(roads, Car())
	if _, ok := n.Route(n.Snap(orb.Point{120.9, 31.3}), n.Snap(orb.Point{120.91, 31.309})); ok {
		t.Error("roads 11 m apart meet")
	}
}

func TestABridgeDoesNotMeetTheRoadBelowIt(t *testing.T) {
	n := New([]Road{
		{Class: "primary", Line: orb.LineString{{120.9, 31.3}, {120.92, 31.3}}},
		{Class: "primary", Line: orb.LineString{{120.91, 31.29}, {120.91, 31.31}}}, // crosses without a corner
	}, Car())
	if _, ok := n.Route(n.Snap(orb.Point{120.9, 31.3}), n.Snap(orb.Point{120.91, 31.31})); ok {
		t.Error("there is a way from the road on to the bridge over it")
	}
}

func TestAPlaceOffTheStreetsIsReachedFromTheNearestOne(t *testing.T) {
	n := New(block(), Car())
	field := orb.Point{120.905, 31.298} // 222 m south of the street
	s := n.Snap(field)
	if !s.OK() || math.Abs(s.Off-222) > 2 || orbgeo.Distance(s.At, orb.Point{120.905, 31.3}) > 1 {
		t.Fatalf("%+v", s)
	}
	if on, off := way(t, n, orb.Point{120.918, 31.3}, s.At), way(t, n, orb.Point{120.918, 31.3}, field); off.Seconds-on.Seconds < 150 {
		t.Errorf("%v s to the street, %v s to the field", on.Seconds, off.Seconds)
	}
	for _, p := range []orb.Point{{122, 31.3}, {math.NaN(), 31.3}, {math.Inf(1), 0}} {
		if s := n.Snap(p); s.OK() {
			t.Errorf("%v is on a street, %v m off", p, s.Off)
		}
	}
}

func TestACarParkWithoutEntranceIsLeftForTheStreetBesideIt(t *testing.T) {
	roads := append(block(), Road{Class: "service", Line: orb.LineString{{120.9015, 31.3005}, {120.9025, 31.3005}}})
	n := New(roads, Car())
	if s := n.Snap(orb.Point{120.902, 31.3006}); s.At[1] != 31.3 {
		t.Errorf("a place at the car park is at %v", s.At)
	}
	roads[2].Line = orb.LineString{{120.9015, 31.305}, {120.9025, 31.305}} // 555 m off
	n = New(roads, Car())
	if s := n.Snap(orb.Point{120.902, 31.3051}); s.At[1] != 31.305 {
		t.Errorf("a place at streets of their own is at %v", s.At)
	}
}

func TestNoStreetsAreNoWay(t *testing.T) {
	n := New([]Road{{Class: "steps", Line: orb.LineString{{120.9, 31.3}, {120.91, 31.3}}}, {Class: "primary", Line: orb.LineString{{1, 2}}},
		{Class: "primary", Line: orb.LineString{{120.9, 31.3}, {120.9, 31.3}}}}, Car())
	if s := n.Snap(orb.Point{120.9, 31.3}); s.OK() {
		t.Errorf("%+v", s)
	}
	if _, ok := n.Route(Spot{}, Spot{}); ok {
		t.Error("a way from nowhere to nowhere")
	}
	for i := range n.Nearest(Spot{}, []Spot{{}}) {
		t.Errorf("spot %d is near", i)
	}
}

func TestTheWayIsToldInBothLanguages(t *testing.T) {
	n := New(block(), Car())
	var zh, en []string
	for _, s := range way(t, n, orb.Point{120.902, 31.3}, orb.Point{120.91, 31.308}).Steps() {
		zh, en = append(zh, s.Text), append(en, s.TextEn)
	}
	if got, want := strings.Join(zh, "；"), "沿前进路向东行驶 760 米；左转进入人民路，行驶 890 米；到达目的地"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got, want := strings.Join(en, "; "), "Head east on Qianjin Road for 760 m; Turn left onto Renmin Road for 890 m; You have arrived"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	steps := way(t, n, orb.Point{120.91, 31.308}, orb.Point{120.918, 31.302}).Steps()
	if last := steps[len(steps)-1]; last.Text != "停车，离路约 220 米到达" || steps[0].Text != "沿人民路向南行驶 890 米" {
		t.Errorf("%+v", steps)
	}
}

func TestTheExitsOfARoundaboutAreCounted(t *testing.T) {
	c, r := orb.Point{120.91, 31.31}, 0.0003
	east, north, west, south := orb.Point{c[0] + r, c[1]}, orb.Point{c[0], c[1] + r}, orb.Point{c[0] - r, c[1]}, orb.Point{c[0], c[1] - r}
	n := New([]Road{
		{Class: "primary", Roundabout: true, Direction: Forth, Line: orb.LineString{south, east, north, west, south}}, // against the clock, as one drives on the right
		{Class: "primary", Name: "南街", Line: orb.LineString{{c[0], c[1] - 0.01}, south}},
		{Class: "primary", Name: "东街", Line: orb.LineString{east, {c[0] + 0.01, c[1]}}},
		{Class: "primary", Name: "北街", Line: orb.LineString{north, {c[0], c[1] + 0.01}}},
		{Class: "primary", Name: "西街", Line: orb.LineString{west, {c[0] - 0.01, c[1]}}},
	}, Car())
	start := orb.Point{c[0], c[1] - 0.009}
	for exit, end := range map[string]orb.Point{"第1个出口驶出，进入东街": {c[0] + 0.009, c[1]}, "第2个出口驶出，进入北街": {c[0], c[1] + 0.009}, "第3个出口驶出，进入西街": {c[0] - 0.009, c[1]}} {
		steps := way(t, n, start, end).Steps()
		if len(steps) != 3 || !strings.Contains(steps[1].Text, exit) {
			t.Errorf("want %s: %+v", exit, steps)
		}
	}
}

func TestTagsSayHowARoadIsDriven(t *testing.T) {
	for _, c := range []struct {
		kind string
		tags map[string]string
		want Road
	}{
		{"primary", nil, Road{Class: "primary"}},
		{"trunk", map[string]string{"highway": "trunk_link", "oneway": "yes", "maxspeed": "50"}, Road{Class: "trunk_link", Direction: Forth, MaxSpeed: 50}},
		{"motorway", nil, Road{Class: "motorway"}}, // drawn as one line
		{"motorway", map[string]string{"highway": "motorway"}, Road{Class: "motorway", Direction: Forth}},
		{"motorway", map[string]string{"highway": "motorway", "oneway": "no"}, Road{Class: "motorway"}},
		{"residential", map[string]string{"oneway": "-1"}, Road{Class: "residential", Direction: Back}},
		{"tertiary", map[string]string{"junction": "roundabout"}, Road{Class: "tertiary", Direction: Forth, Roundabout: true}},
		{"service", map[string]string{"access": "private"}, Road{Class: "service", Access: Private}},
		{"service", map[string]string{"access": "no", "motor_vehicle": "yes"}, Road{Class: "service"}},
		{"track", map[string]string{"motor_vehicle": "no"}, Road{Class: "track", Access: Closed}},
	} {
		if got := Tags(c.kind, c.tags); got.Class != c.want.Class || got.Direction != c.want.Direction || got.MaxSpeed != c.want.MaxSpeed ||
			got.Access != c.want.Access || got.Roundabout != c.want.Roundabout {
			t.Errorf("%s %v: %+v, want %+v", c.kind, c.tags, got, c.want)
		}
	}
}

func TestSpeedsAreReadAsTheyAreSigned(t *testing.T) {
	for text, want := range map[string]float64{
		"50": 50, " 90 ": 90, "30 mph": 48.28032, "50;30": 30, "60 km/h": 60, "walk": 7, "none": 0, "CN:urban": 0, "": 0, "-5": 0, "1e9": 0, "NaN": 0, "0": 0, "signals;40": 40,
	} {
		if got := ParseSpeed(text); math.Abs(got-want) > 1e-9 {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func FuzzParseSpeed(f *testing.F) {
	for _, seed := range []string{"50", "30 mph", "50;30", "walk", "none", "1e-300 mph", "Inf", "٥٠"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v := ParseSpeed(text); v != 0 && !(v >= 1 && v <= fastestLimit) {
			t.Errorf("%q: %v km/h", text, v)
		}
		r := Tags(text, map[string]string{"highway": text, "oneway": text, "maxspeed": text, "access": text, "junction": text})
		for _, p := range []Profile{Car(), Cycle()} {
			if v := p.speed(&r); !(v >= 0 && v < 60) {
				t.Errorf("%q: %v m/s", text, v)
			}
		}
	})
}
