//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"
)

// ledger remembers what the program said yes to.
type ledger struct {
	mu        sync.Mutex
	readings  map[string]map[int64]float64 // device → second → value
	incidents []string
}

func newLedger() *ledger { return &ledger{readings: map[string]map[int64]float64{}} }

func (l *ledger) accepted(device string, at time.Time, value float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.readings[device] == nil {
		l.readings[device] = map[int64]float64{}
	}
	l.readings[device][at.Unix()] = value
}

func (l *ledger) reported(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.incidents = append(l.incidents, id)
}

func (l *ledger) size() (readings, incidents int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.readings {
		readings += len(r)
	}
	return readings, len(l.incidents)
}

// check compares the ledger with the program's records: every accepted reading
// is in the history with its value, and once.
func (l *ledger) check(t *testing.T, p *program, from, to time.Time) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for device, want := range l.readings {
		eventually(t, 60*time.Second, "history has all of "+device, func() error {
			have, err := p.readings(device, from, to)
			if err != nil {
				return err
			}
			for at, value := range want {
				got, ok := have[at]
				switch {
				case !ok:
					return fmt.Errorf("%s, its reading %d, was accepted and is not there (%d of %d are); dead letters: %s",
						device, at-from.Unix(), len(have), len(want), p.deadLetters())
				case got.Count != 1:
					return fmt.Errorf("%s at %d is there %d times", device, at, got.Count)
				case got.Mean != value:
					return fmt.Errorf("%s at %d is %v, was sent as %v", device, at, got.Mean, value)
				}
			}
			return nil
		})
	}
	for _, id := range l.incidents {
		if status, err := p.get("/api/v1/incidents/"+url.PathEscape(id), nil); err != nil || status != http.StatusOK {
			t.Errorf("incident %s was accepted and is not there: %d %v", id, status, err)
		}
	}
}

type point struct {
	Time  time.Time `json:"time"`
	Mean  float64   `json:"mean"`
	Count int       `json:"count"`
}

// readings are a device's temperatures, a second each, asked for in pieces as
// long as the program answers at once.
func (p *program) readings(device string, from, to time.Time) (map[int64]point, error) {
	const piece = 1800 * time.Second
	have := map[int64]point{}
	for ; from.Before(to); from = from.Add(piece) {
		q := url.Values{
			"property": {"temperature"}, "step": {"1"},
			"from": {from.UTC().Format(time.RFC3339)}, "to": {from.Add(piece).UTC().Format(time.RFC3339)},
		}
		var series struct {
			Points []point `json:"points"`
		}
		status, err := p.get("/api/v1/devices/"+device+"/history?"+q.Encode(), &series)
		if err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("history of %s: status %d, %v", device, status, err)
		}
		for _, one := range series.Points {
			have[one.Time.Unix()] = one
		}
	}
	return have, nil
}

// deadLetters is what was refused, for the report of a failure.
func (p *program) deadLetters() string {
	var all json.RawMessage
	if _, err := p.get("/api/v1/dead-letters?limit=3", &all); err != nil {
		return err.Error()
	}
	return string(all)
}

// credential is what a registered device signs in with.
type credential struct {
	ID       string `json:"id"`
	Password string `json:"password"`
}

// register makes n thermometers in the middle of Kunshan.
func (p *program) register(n int) map[string]string {
	p.t.Helper()
	type stream struct {
		Property string `json:"property"`
		Unit     string `json:"unit"`
	}
	type device struct {
		ID          string   `json:"id"`
		Name        string   `json:"name"`
		Kind        string   `json:"kind"`
		Lon         float64  `json:"lon"`
		Lat         float64  `json:"lat"`
		Datastreams []stream `json:"datastreams"`
		Simulated   bool     `json:"simulated"`
	}
	var body struct {
		Devices []device `json:"devices"`
	}
	for i := range n {
		body.Devices = append(body.Devices, device{
			ID: fmt.Sprintf("t-%03d", i), Name: fmt.Sprintf("测温 %d", i), Kind: "weather",
			Lon: 120.95 + 0.002*float64(i%20), Lat: 31.37 + 0.002*float64(i/20),
			Datastreams: []stream{{"temperature", "Cel"}}, Simulated: true,
		})
	}
	status, answer, err := p.post("/api/v1/devices", body)
	if err != nil || status != http.StatusOK {
		p.t.Fatalf("register devices: %d %v %s", status, err, answer)
	}
	var got struct {
		Credentials []credential `json:"credentials"`
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		p.t.Fatal(err)
	}
	passwords := map[string]string{}
	for _, c := range got.Credentials {
		passwords[c.ID] = c.Password
	}
	if len(passwords) != n {
		p.t.Fatalf("registered %d devices and got %d passwords", n, len(passwords))
	}
	return passwords
}
