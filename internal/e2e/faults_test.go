//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onecity/internal/postgres"
)

// A second program on the same data directory says so and ends; the first goes on.
func TestSecondInstanceOnTheSameDataIsRefused(t *testing.T) {
	p := newProgram(t, "--city", "none")
	p.start()
	out, err := exec.Command(binary(t), "serve", "--city", "none", "--data", p.dir, "--listen", freeAddr(t), "--mqtt", freeAddr(t)).CombinedOutput()
	if err == nil {
		t.Fatal("the second instance started")
	}
	if !strings.Contains(string(out), "in use") || !strings.Contains(string(out), p.dir) {
		t.Errorf("the message does not say which directory is in use:\n%s", out)
	}
	if status, err := p.get("/readyz", nil); err != nil || status != http.StatusOK {
		t.Errorf("the first instance suffered: %d %v", status, err)
	}
}

// outage is how long the database is away.
const outage = time.Minute

// While PostgreSQL is away facts go on being accepted and shown; when it is back
// the history catches up, and reports are cases, each once.
func TestDatabaseAwayLosesNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	dir, err := os.MkdirTemp("", "onecity-e2e-pg-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	options := postgres.Options{DataDir: filepath.Join(dir, "pg")}
	database, err := postgres.Start(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Stop() }()

	p := newProgram(t, "--city", "kunshan")
	p.env = []string{"ONECITY_DATABASE_URL=" + database.DSN()}
	p.start()
	p.register(3)
	spots, _ := settle(t, p)
	reports := awayReports{p: p, spots: spots, before: len(spots)}
	for _, s := range spots {
		p.opened(t, s.incident)
	}
	began := time.Now().Add(-12 * time.Hour).Truncate(time.Second)
	book := newLedger()
	send := func(i int) {
		at := began.Add(time.Duration(i) * time.Second)
		status, answer, err := p.post("/api/v1/observations", map[string]any{"observations": []map[string]any{
			{"device": "t-001", "property": "temperature", "time": at.Format(time.RFC3339), "value": float64(i % 40)},
		}})
		if err != nil || status != http.StatusOK {
			t.Fatalf("reading %d was refused: %d %v %s", i, status, err, answer)
		}
		book.accepted("t-001", at, float64(i%40))
	}
	for i := range 50 {
		send(i)
	}
	if err := database.Stop(); err != nil {
		t.Fatal(err)
	}
	away := time.Now()
	i := 50
	for ; time.Since(away) < outage; i++ {
		send(i)
		if time.Since(away) > time.Duration(len(reports.ids))*time.Second {
			reports.send(t)
		}
		time.Sleep(10 * time.Millisecond)
	}
	last := float64((i - 1) % 40)
	eventually(t, 5*time.Second, "the model shows the newest reading while the database is away", func() error {
		var device struct {
			Datastreams []struct {
				Value *float64 `json:"value"`
			} `json:"datastreams"`
		}
		if _, err := p.get("/api/v1/devices/t-001", &device); err != nil {
			return err
		}
		if len(device.Datastreams) != 1 || device.Datastreams[0].Value == nil || *device.Datastreams[0].Value != last {
			return fmt.Errorf("it shows %+v, not %v", device, last)
		}
		return nil
	})
	if database, err = postgres.Start(context.Background(), options); err != nil {
		t.Fatal(err)
	}
	reports.areCases(t)
	n, _ := book.size()
	t.Logf("%d readings and %d reports were accepted, most of them during the outage", n, len(reports.ids))
	book.check(t, p, began, time.Now().Add(time.Hour))
}

// A graceful stop and a new start show the same city.
func TestRestartShowsTheSameCity(t *testing.T) {
	p := newProgram(t, "--city", "kunshan")
	p.start()
	type city struct {
		Code    string   `json:"code"`
		Notices []string `json:"notices"`
	}
	var before, after city
	eventually(t, 60*time.Second, "the city is loaded", func() error {
		if _, err := p.get("/api/v1/city", &before); err != nil {
			return err
		}
		if before.Code != "320583" {
			return fmt.Errorf("code %q", before.Code)
		}
		return nil
	})
	p.stop()
	p.start()
	if _, err := p.get("/api/v1/city", &after); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("before the restart %+v, after it %+v", before, after)
	}
}
