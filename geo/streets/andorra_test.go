package streets_test

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/geo/streets"
	"onecity/ingest/city"
	"onecity/internal/need"

	"github.com/paulmach/orb"
)

// andorra are the real roads of the extract that comes with the module that
// reads it.
func andorra(t testing.TB) (roads []streets.Road) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/osm").Output()
	if err != nil {
		need.Missing(t, "the module with the extract is not on this machine: %v", err)
	}
	file := filepath.Join(strings.TrimSpace(string(out)), "testdata", "andorra-latest.osm.bz2")
	err = city.Load(context.Background(), "andorra", city.Options{OSM: file}, func(f cim.Fact) error {
		put, ok := f.(cim.ObjectsPut)
		if !ok {
			return nil
		}
		for _, o := range put.Objects {
			if line, ok := o.Geometry.(orb.LineString); ok && o.Layer == cim.LayerRoads {
				r := streets.Tags(o.Kind, o.Attributes)
				r.ID, r.Line, r.Name, r.NameEn = o.ID, line, o.Name, o.NameEn
				roads = append(roads, r)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return roads
}

var (
	laVella = orb.Point{1.5215, 42.5075} // Andorra la Vella, at the government's building
	pas     = orb.Point{1.7340, 42.5430} // Pas de la Casa, at the border with France
)

func TestAcrossAndorraIsAsFarAsItsRoadsSay(t *testing.T) {
	n := streets.New(andorra(t), streets.Car())
	nodes, edges := n.Size()
	t.Logf("%d nodes, %d edges", nodes, edges)
	trip, ok := n.Route(n.Snap(laVella), n.Snap(pas))
	// 30 km over the CG-2, about three quarters of an hour.
	if !ok || trip.Metres < 27_000 || trip.Metres > 34_000 || trip.Seconds < 25*60 || trip.Seconds > 60*60 {
		t.Fatalf("a way: %v, %.0f m in %.0f min", ok, trip.Metres, trip.Seconds/60)
	}
	steps := trip.Steps()
	for _, s := range steps {
		if s.Text == "" || s.TextEn == "" {
			t.Errorf("%+v", s)
		}
	}
	if len(steps) < 5 || len(steps) > 80 {
		t.Errorf("%d steps for 30 km", len(steps))
	}
}

// units are n places along real streets, and some off them.
func units(n int, roads []streets.Road) (places []orb.Point) {
	rng := rand.New(rand.NewPCG(4, 24))
	for range n {
		line := roads[rng.IntN(len(roads))].Line
		p := line[rng.IntN(len(line))]
		places = append(places, orb.Point{p[0] + (rng.Float64()-0.5)*0.0006, p[1] + (rng.Float64()-0.5)*0.0006})
	}
	return places
}

// BenchmarkNearestOf500 is the whole answer to who is nearest: snap 500 units,
// search, and draw the ways of the eight nearest.
func BenchmarkNearestOf500(b *testing.B) {
	roads := andorra(b)
	n := streets.New(roads, streets.Car())
	places := units(500, roads)
	for _, all := range []bool{false, true} {
		name := "eight"
		if all {
			name = "everybody"
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				spots := make([]streets.Spot, len(places))
				for i, p := range places {
					spots[i] = n.Snap(p)
				}
				count := 0
				for _, trip := range n.Nearest(n.Snap(laVella), spots) {
					if count++; count <= 8 {
						_ = trip.Line()
					} else if !all {
						break
					}
				}
				if count < 8 {
					b.Fatalf("only %d units reach the place", count)
				}
			}
		})
	}
}

func BenchmarkRoute(b *testing.B) {
	n := streets.New(andorra(b), streets.Car())
	for b.Loop() {
		if trip, ok := n.Route(n.Snap(laVella), n.Snap(pas)); !ok || len(trip.Steps()) == 0 {
			b.Fatal("no way")
		}
	}
}

func BenchmarkNew(b *testing.B) {
	roads := andorra(b)
	for b.Loop() {
		streets.New(roads, streets.Car())
	}
}
