//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"onecity/tiles"

	"github.com/paulmach/orb"
)

// Within a minute of the simulator's start the city is alive: readings come in,
// cells have an index, units have moved, an incident is open.
func TestTheSimulatorBringsTheCityToLife(t *testing.T) {
	p := newProgram(t, "--city", "kunshan")
	p.start()
	sim := exec.Command(binary(t), "simulate", "--token-file", p.tokenFile(), "--url", p.url, "--mqtt", p.mqtt, "--incidents-per-hour", "600")
	var said logBuffer
	sim.Stdout, sim.Stderr = &said, &said
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = sim.Process.Signal(syscall.SIGTERM)
		_ = sim.Wait()
		if t.Failed() {
			t.Logf("the simulator said:\n%s", said.tail(20))
		}
	}()
	type unit struct {
		ID        string   `json:"id"`
		Lon       *float64 `json:"lon"`
		Lat       *float64 `json:"lat"`
		Simulated bool     `json:"simulated"`
	}
	type place struct{ lon, lat float64 }
	first := map[string]place{} // where each unit was first seen
	eventually(t, 2*time.Minute, "units move, incidents are open and the index is known", func() error {
		var units struct {
			Units []unit `json:"units"`
		}
		var incidents struct {
			Incidents []struct {
				Simulated bool `json:"simulated"`
			} `json:"incidents"`
		}
		var index struct {
			Value *float64 `json:"value"`
		}
		if _, err := p.get("/api/v1/units?limit=500", &units); err != nil {
			return err
		}
		if _, err := p.get("/api/v1/incidents?limit=50", &incidents); err != nil {
			return err
		}
		if _, err := p.get("/api/v1/widgets/city-index", &index); err != nil {
			return err
		}
		moved := 0
		for _, u := range units.Units {
			if !u.Simulated {
				t.Fatalf("unit %s is not marked as simulated", u.ID)
			}
			if u.Lon == nil || u.Lat == nil {
				continue // it has not said where it is yet
			}
			at := place{*u.Lon, *u.Lat}
			if was, ok := first[u.ID]; !ok {
				first[u.ID] = at
			} else if was != at {
				moved++
			}
		}
		if moved < 10 || len(incidents.Incidents) == 0 || index.Value == nil {
			return fmt.Errorf("%d of %d units moved, %d incidents, index %v", moved, len(units.Units), len(incidents.Incidents), index.Value)
		}
		return nil
	})
}

// What `onecity import` reads stands in the city a moment later, also after a restart.
func TestImportedObjectsStandInTheCity(t *testing.T) {
	p := newProgram(t, "--city", "kunshan")
	p.start()
	file := filepath.Join(p.dir, "houses.geojson")
	house := `{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"hall","properties":{"name":"试验楼","height":"21"},"geometry":{"type":"Polygon","coordinates":[[[120.97,31.385],[120.9705,31.385],[120.9705,31.3854],[120.97,31.3854],[120.97,31.385]]]}},
		{"type":"Feature","id":"bowtie","properties":{},"geometry":{"type":"Polygon","coordinates":[[[120.97,31.385],[120.98,31.395],[120.98,31.385],[120.97,31.395],[120.97,31.385]]]}}]}`
	if err := os.WriteFile(file, []byte(house), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary(t), "import", "--token-file", p.tokenFile(), "--url", p.url, "--layer", "buildings", file).CombinedOutput()
	if err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	found := func() error {
		tile := tiles.TileAt(orb.Point{120.97025, 31.3852}, 16).String()
		res, err := p.client().Get(p.url + "/tiles/buildings/" + tile + ".mvt")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("tile %s: %s", tile, res.Status)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		if !bytes.Contains(body, []byte("试验楼")) {
			return errors.New("the tile does not name the building")
		}
		return nil
	}
	eventually(t, 20*time.Second, "the building is in its tile", found)
	p.kill()
	p.start()
	eventually(t, 20*time.Second, "the building is in its tile after kill -9", found)
}
