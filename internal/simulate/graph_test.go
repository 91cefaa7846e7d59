package simulate

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func TestTheQuickestWayTakesTheFastRoad(t *testing.T) {
	g := newGraph([]road{
		{"residential", "小路", orb.LineString{{120, 31}, {120.02, 31}}},
		{"motorway", "快速路", orb.LineString{{120, 31}, {120, 31.01}, {120.02, 31.01}, {120.02, 31}}},
		{"primary", "别处", orb.LineString{{121, 31}, {121.01, 31}}}, // not connected: left out
	})
	if len(g.at) != 4 {
		t.Fatalf("%d corners", len(g.at))
	}
	way := g.path(g.near(orb.Point{120, 31}), g.near(orb.Point{120.02, 31}))
	if len(way) != 3 {
		t.Errorf("the way has %d parts; the motorway's 3 are quicker than the lane", len(way))
	}
	if w := g.path(0, 0); len(w) != 0 {
		t.Errorf("a way to where one is: %v", w)
	}
	if w := (&graph{}).path(-1, 3); w != nil {
		t.Errorf("a way in no graph: %v", w)
	}
}

// On random graphs A* finds as quick a way as Bellman and Ford do.
func TestTheQuickestWayIsTheQuickest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := []string{"motorway", "primary", "residential", "footway"}
	for range 30 {
		var roads []road
		var corners []orb.Point
		for range 40 {
			corners = append(corners, orb.Point{120 + rng.Float64()/10, 31 + rng.Float64()/10})
		}
		for range 90 {
			roads = append(roads, road{kinds[rng.IntN(4)], "", orb.LineString{corners[rng.IntN(40)], corners[rng.IntN(40)]}})
		}
		g := newGraph(roads)
		seconds := make([]float64, len(g.at))
		for n := range seconds {
			seconds[n] = 1e18
		}
		seconds[0] = 0
		for range g.at {
			for n, out := range g.out {
				for _, a := range out {
					seconds[a.to] = min(seconds[a.to], seconds[n]+a.seconds)
				}
			}
		}
		for to := range g.at {
			took, at := 0.0, int32(0)
			for _, a := range g.path(0, int32(to)) {
				took, at = took+a.seconds, a.to
			}
			if at != int32(to) || took > seconds[to]+1e-6 {
				t.Fatalf("to %d: %.3f s by the way found, %.3f s at best; it ends at %d", to, took, seconds[to], at)
			}
		}
	}
}

func FuzzParseRoads(f *testing.F) {
	f.Add(gridRoads())
	f.Add(`{"features":[{"geometry":{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[]]}}]}`)
	f.Add(`{"features":[{"geometry":{"type":"Point","coordinates":[1,2]}}]}`)
	f.Add(`{"features":[{"geometry":{"type":"LineString","coordinates":[[1e999]]}}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		roads, err := parseRoads(strings.NewReader(s))
		if err != nil {
			return
		}
		g := newGraph(roads)
		if len(g.at) > 1 {
			g.path(0, int32(len(g.at)-1))
		}
	})
}

func BenchmarkPath(b *testing.B) {
	roads, err := parseRoads(strings.NewReader(gridRoads()))
	if err != nil {
		b.Fatal(err)
	}
	g := newGraph(roads)
	b.ReportAllocs()
	for b.Loop() {
		g.path(0, int32(len(g.at)-1))
	}
}
