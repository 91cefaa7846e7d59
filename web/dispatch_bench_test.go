package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/ingest/city"
	"onecity/internal/need"

	"github.com/paulmach/orb"
)

// BenchmarkCandidatesInAndorra is the whole answer over HTTP to who could be
// sent, the eight best with their ways: 500 units on Andorra's real streets, 300
// open incidents.
func BenchmarkCandidatesInAndorra(b *testing.B) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/osm").Output()
	if err != nil {
		need.Missing(b, "the module with the extract is not on this machine: %v", err)
	}
	w := newTown(b, townOptions{})
	var roads []orb.LineString
	file := filepath.Join(strings.TrimSpace(string(out)), "testdata", "andorra-latest.osm.bz2")
	if err := city.Load(context.Background(), "andorra", city.Options{OSM: file}, func(f cim.Fact) error {
		if put, ok := f.(cim.ObjectsPut); ok {
			for _, o := range put.Objects {
				if line, ok := o.Geometry.(orb.LineString); ok && o.Layer == cim.LayerRoads {
					roads = append(roads, line)
				}
			}
		}
		w.send(f)
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 24))
	place := func() orb.Point {
		line := roads[rng.IntN(len(roads))]
		return line[rng.IntN(len(line))]
	}
	var units cim.UnitsPut
	var positions cim.Positions
	for i := range 500 {
		id, p := fmt.Sprintf("u%d", i), place()
		units.Units = append(units.Units, cim.Unit{ID: id, Name: id, Kind: []string{"grid", "enforcement", "sanitation", "emergency"}[i%4]})
		positions.Positions = append(positions.Positions, cim.Position{Unit: id, Time: time.Now().UTC(), Lon: p[0], Lat: p[1], Status: "idle"})
	}
	w.send(units)
	w.send(positions)
	for i := range 300 {
		p := place()
		w.send(cim.IncidentPut{Incident: cim.Incident{ID: fmt.Sprintf("case%d", i), Version: 1, Class: "E0101", Status: cim.StatusHandling, Severity: 3,
			Lon: p[0], Lat: p[1], Reported: time.Now(), Unit: fmt.Sprintf("u%d", i)}})
	}
	w.awaitEnd()
	w.expect("GET", "/api/v1/cases/case0/candidates", "", 200) // makes the streets
	n := 0
	for b.Loop() {
		if r := w.ask(http.MethodGet, fmt.Sprintf("/api/v1/cases/case%d/candidates", n%300), ""); r.status != 200 {
			b.Fatalf("%d %s", r.status, r.body)
		}
		n++
	}
}
