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
	"sync"
	"syscall"
	"testing"
	"time"

	"onecity/tiles"

	"github.com/paulmach/orb"
)

// plays runs a command of the program that plays a life against p, until the
// test or stop ends it.
func (p *program) plays(t *testing.T, args ...string) (stop func()) {
	t.Helper()
	args = append(args, "--url", p.url, "--token-file", p.tokenFile(), "--workers-token-file", filepath.Join(p.dir, "workers.token"))
	cmd := exec.Command(binary(t), args...)
	var said logBuffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		t.Logf("%s said last: %s", args[0], said.tail(1))
		if t.Failed() {
			t.Logf("before that:\n%s", said.tail(20))
		}
	})
	t.Cleanup(stop)
	return stop
}

// reached is how many cases stand in each state; of ends, those of today.
func (p *program) reached() (states map[string]int, err error) {
	var counts struct{ ByState map[string]int }
	_, err = p.get("/api/v1/cases/counts", &counts)
	return counts.ByState, err
}

// Some minutes after the simulator's start the city is alive: units have moved,
// cells have an index, and what was reported is in the hands of crews. A
// recorded set at 60 times its speed goes on from there to verified ends.
func TestTheSimulatorBringsTheCityToLife(t *testing.T) {
	t.Parallel() // it mostly waits
	p := newProgram(t, "--city", "kunshan")
	p.start()
	stop := p.plays(t, "simulate", "--mqtt", p.mqtt, "--incidents-per-hour", "1200", "--leave", "0")
	type unit struct {
		ID        string   `json:"id"`
		Lon       *float64 `json:"lon"`
		Lat       *float64 `json:"lat"`
		Simulated bool     `json:"simulated"`
	}
	type place struct{ lon, lat float64 }
	first := map[string]place{} // where each unit was first seen
	eventually(t, 2*time.Minute, "units move and the index is known", func() error {
		var units struct {
			Units []unit `json:"units"`
		}
		var index struct {
			Value *float64 `json:"value"`
		}
		if _, err := p.get("/api/v1/units?limit=500", &units); err != nil {
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
		if moved < 10 || index.Value == nil {
			return fmt.Errorf("%d of %d units moved, index %v", moved, len(units.Units), index.Value)
		}
		return nil
	})
	eventually(t, 4*time.Minute, "crews have accepted cases and are at work on some", func() error {
		states, err := p.reached()
		if err == nil && (states["accepted"] < 3 || states["handling"]+states["handled"]+states["closed"] < 1) {
			err = fmt.Errorf("cases stand so: %v", states)
		}
		return err
	})
	stop()

	before, err := p.reached()
	if err != nil {
		t.Fatal(err)
	}
	p.plays(t, "replay", "--reports", "sample", "--speed", "60")
	handled := false // seen in that state
	eventually(t, 3*time.Minute, "recorded reports are handled, verified and closed", func() error {
		states, err := p.reached()
		if err != nil {
			return err
		}
		handled = handled || states["handled"] > before["handled"]
		if n := states["closed"] - before["closed"]; !handled || n < 5 {
			return fmt.Errorf("%d closed, handled seen: %v; cases stand so: %v", n, handled, states)
		}
		return nil
	})
	var closed struct{ Items []struct{ ID, Unit string } }
	if _, err := p.get("/api/v1/cases?state=closed&limit=5&order=newest", &closed); err != nil || len(closed.Items) == 0 {
		t.Fatalf("no closed case is listed: %v", err)
	}
	for _, item := range closed.Items {
		var c aCase
		if _, err := p.get("/api/v1/cases/"+item.ID, &c); err != nil {
			t.Fatal(err)
		}
		by := map[string]string{}
		for _, e := range c.Timeline {
			if e.Kind == "event" {
				by[e.Event] = e.By
			}
		}
		if by["finish"] == "" || by["close"] == "" || by["finish"] == by["close"] || c.Case.Proofs == 0 {
			t.Errorf("%s was finished by %q with %d proofs, and closed by %q", item.ID, by["finish"], c.Case.Proofs, by["close"])
		}
	}
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
