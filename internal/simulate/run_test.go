package simulate

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

func atOnce(ctx context.Context, _ time.Time) (time.Duration, error) { return 0, ctx.Err() }

func simulated(t *testing.T, seed uint64, lasts time.Duration) (map[string][]string, *Stats) {
	t.Helper()
	rec := newRecorder(t)
	stats, err := Run(t.Context(), quick(rec, seed, lasts))
	if err != nil {
		t.Fatal(err)
	}
	return rec.lines(), stats
}

func TestTheSameSeedSendsTheSameMessages(t *testing.T) {
	first, _ := simulated(t, 7, 3*time.Minute)
	again, _ := simulated(t, 7, 3*time.Minute)
	if !reflect.DeepEqual(first, again) {
		for line := range first {
			if !reflect.DeepEqual(first[line], again[line]) {
				t.Errorf("%s: %d messages, then %d", line, len(first[line]), len(again[line]))
			}
		}
	}
	if other, _ := simulated(t, 8, 3*time.Minute); reflect.DeepEqual(first, other) {
		t.Error("another seed sends the same")
	}
}

// readAs decodes all messages of a line.
func readAs[T any](t *testing.T, bodies []string) (all []T) {
	t.Helper()
	for _, b := range bodies {
		var v T
		if err := json.Unmarshal([]byte(b), &v); err != nil {
			t.Fatalf("%v in %s", err, b)
		}
		all = append(all, v)
	}
	return all
}

func TestDevicesSpeakAtTheRateAndStayWithinWhatIsPlausible(t *testing.T) {
	said, stats := simulated(t, 1, 5*time.Minute)
	devices := map[string]cim.Device{}
	for _, b := range readAs[struct{ Devices []cim.Device }](t, said["/api/v1/devices"]) {
		for _, d := range b.Devices {
			devices[d.ID] = d
			if !d.Simulated || d.Name == "" || len(d.Datastreams) == 0 {
				t.Errorf("device %+v", d)
			}
		}
	}
	if len(devices) != 80 {
		t.Errorf("%d devices", len(devices))
	}
	n, alarms := 0, 0
	heard := map[string]bool{}
	seen := map[string]bool{}
	for _, b := range readAs[struct{ Observations []cim.Observation }](t, said["/api/v1/observations"]) {
		for _, o := range b.Observations {
			n++
			heard[o.Device] = true
			info, ok := cim.PropertyOf(o.Property)
			if !ok || o.Value < info.Low || o.Value > info.High {
				t.Errorf("%+v is not plausible", o)
			}
			if o.Property.Alarm(o.Value) {
				alarms++
			}
			if key := o.Device + string(o.Property) + o.Time.String(); seen[key] {
				t.Errorf("%s says %s twice at %s", o.Device, o.Property, o.Time)
			} else {
				seen[key] = true
			}
		}
	}
	if want := 60 * 300; n < want-10 || n > want+10 || int64(n) != stats.Observations.Load() {
		t.Errorf("%d observations, %d counted, want %d", n, stats.Observations.Load(), want)
	}
	if len(heard) != len(devices) {
		t.Errorf("%d of %d devices spoke", len(heard), len(devices))
	}
	if alarms == 0 || alarms > n/4 {
		t.Errorf("%d alarms in %d observations: the episodes should be felt, and not everywhere", alarms, n)
	}
}

func TestUnitsKeepToTheStreetsAndToTheirSpeed(t *testing.T) {
	said, _ := simulated(t, 1, 5*time.Minute)
	roads, err := parseRoads(strings.NewReader(gridRoads()))
	if err != nil {
		t.Fatal(err)
	}
	g := newGraph(roads)
	tracks := map[string][]cim.Position{}
	for _, b := range readAs[struct{ Positions []cim.Position }](t, said["/api/v1/positions"]) {
		for _, p := range b.Positions {
			tracks[p.Unit] = append(tracks[p.Unit], p)
		}
	}
	for line, bodies := range said {
		if id, ok := strings.CutPrefix(line, "/ws/units/"); ok {
			tracks[id] = readAs[cim.Position](t, bodies)
		}
	}
	if len(tracks) != 24 {
		t.Errorf("%d units said where they are", len(tracks))
	}
	moved, statuses := 0, map[string]int{}
	for id, track := range tracks {
		for i, p := range track {
			at := orb.Point{p.Lon, p.Lat}
			statuses[p.Status]++
			if d := fromStreets(g, at); d > 2 {
				t.Fatalf("%s is %.0f m off the streets", id, d)
			}
			if i == 0 {
				continue
			}
			before := track[i-1]
			went, took := orbgeo.Distance(at, orb.Point{before.Lon, before.Lat}), p.Time.Sub(before.Time).Seconds()
			if took <= 0 || went/took > 27 {
				t.Fatalf("%s went %.0f m in %.1f s", id, went, took)
			}
			if went > 10 {
				moved++
			}
		}
	}
	if moved < 300 || statuses["moving"] == 0 || statuses["handling"] == 0 || statuses["idle"] == 0 {
		t.Errorf("%d moves, statuses %v", moved, statuses)
	}
}

// fromStreets is the distance to the nearest street in metres, along and across.
func fromStreets(g *graph, p orb.Point) float64 {
	n := g.near(p)
	best := orbgeo.Distance(p, g.at[n])
	for _, a := range g.out[n] {
		q := g.at[a.to]
		for k := range 101 {
			f := float64(k) / 100
			on := orb.Point{g.at[n][0] + f*(q[0]-g.at[n][0]), g.at[n][1] + f*(q[1]-g.at[n][1])}
			best = min(best, orbgeo.Distance(p, on))
		}
	}
	return best - 3 // a hundredth of a street is up to 5.6 m
}

func TestIncidentsGoThroughTheirStepsToTheEnd(t *testing.T) {
	rec := newRecorder(t)
	stats, err := Run(t.Context(), quick(rec, 1, 40*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	said := rec.lines()
	reports := said["/open311/v2/requests.json"]
	if n := len(reports); n < 60 || int64(n) != stats.Reported.Load() {
		t.Errorf("%d reports, %d counted", n, stats.Reported.Load())
	}
	for _, body := range reports {
		_, form, _ := strings.Cut(body, "address_string=")
		v, err := url.ParseQuery("address_string=" + form)
		if err != nil || v.Get("simulated") != "true" || v.Get("description") == "" || !strings.Contains(v.Get("address_string"), "社区") {
			t.Errorf("report %s: %v", body, err)
		}
	}
	ends, did := map[string]int{}, map[string]int{}
	for id, c := range rec.cases {
		ends[c.State]++
		for _, h := range c.history {
			did[h.event]++
			if (h.event == "accept" || h.event == "finish") != (h.who == "crews") && h.event != "arrive" && h.event != "decline" && h.event != "ask-delay" {
				t.Errorf("%s: %s by %q", id, h.event, h.who)
			}
		}
	}
	if ends[stateClosed] < 20 || ends["rejected"] == 0 || int64(ends[stateClosed]) != stats.Closed.Load() || int64(did["finish"]) != stats.Handled.Load() {
		t.Errorf("cases ended as %v, %d closed and %d handled counted", ends, stats.Closed.Load(), stats.Handled.Load())
	}
	for _, event := range []string{"decline", "ask-delay", "grant-delay", "rework", "merge"} {
		if did[event] == 0 {
			t.Errorf("nobody did %s: %v", event, did)
		}
	}
}

func TestWithoutCrewsReportsAreLeftToPeople(t *testing.T) {
	rec := newRecorder(t)
	o := quick(rec, 1, 5*time.Minute)
	o.Workers = ""
	stats, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for id, c := range rec.cases {
		if len(c.history) > 0 {
			t.Errorf("%s was led on: %v", id, c.history)
		}
	}
	if stats.Reported.Load() < 10 {
		t.Errorf("%d reports", stats.Reported.Load())
	}
}

func TestWhatAPersonDoesFirstIsRespected(t *testing.T) {
	rec := newRecorder(t)
	o := quick(rec, 1, 10*time.Minute)
	// A person rejects every report as soon as it is there.
	rec.refuse = func(_ http.ResponseWriter, r *http.Request) bool {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		for _, c := range rec.cases {
			if c.State == stateReported {
				c.State, c.Version = "rejected", c.Version+1
			}
		}
		return false
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for id, c := range rec.cases {
		if len(c.history) > 0 {
			t.Errorf("%s was rejected by a person, and then: %v", id, c.history)
		}
	}
}

func TestAServerThatHasForgottenTheDevicesIsToldAgain(t *testing.T) {
	rec := newRecorder(t)
	o := quick(rec, 3, time.Minute)
	asked := 0
	rec.refuse = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/v1/observations" {
			return false
		}
		if asked++; asked != 5 {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		io.WriteString(w, `{"status":422,"errors":[{"item":0,"field":"/device","code":"unknown-device","message":"设备未登记"}]}`)
		return true
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if n := len(rec.lines()["/api/v1/devices"]); n != 2 {
		t.Errorf("devices were registered %d times", n)
	}
	if len(rec.lines()["/api/v1/observations"]) < 100 {
		t.Error("it did not go on")
	}
}

func TestItEndsWhenToldAndRefusesOptionsThatMeanNothing(t *testing.T) {
	rec := newRecorder(t)
	o := quick(rec, 1, 0)
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	o.Pace = func(ctx context.Context, _ time.Time) (time.Duration, error) {
		if steps++; steps == 50 {
			cancel()
		}
		return 0, ctx.Err()
	}
	if _, err := Run(ctx, o); err != nil || steps != 50 {
		t.Errorf("%v after %d steps", err, steps)
	}
	for name, change := range map[string]func(*Options){
		"--url": func(o *Options) { o.URL = "localhost" }, "--rate": func(o *Options) { o.Rate = -1 },
		"--devices": func(o *Options) { o.Devices = -1 }, "--units": func(o *Options) { o.Units = -1 },
		"--incidents-per-hour": func(o *Options) { o.IncidentsPerHour = -1 }, "--for": func(o *Options) { o.For = -1 },
	} {
		bad := quick(rec, 1, time.Minute)
		change(&bad)
		if _, err := Run(t.Context(), bad); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALateRunJumpsToNow(t *testing.T) {
	rec := newRecorder(t)
	o := quick(rec, 1, time.Minute)
	calls := 0
	o.Pace = func(ctx context.Context, _ time.Time) (time.Duration, error) {
		if calls++; calls == 100 {
			return time.Hour, nil
		}
		return 0, ctx.Err()
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	last := readAs[struct{ Observations []cim.Observation }](t, rec.lines()["/api/v1/observations"])
	end := last[len(last)-1].Observations[0].Time
	if want := o.Start.Add(time.Hour + time.Minute - tick); !end.Equal(want) {
		t.Errorf("the last reading is of %s, want %s", end, want)
	}
}
