package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

var begin = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func load(t *testing.T, file, mapping string) *Recording {
	t.Helper()
	var ms []Mapping
	if mapping != "" {
		var err error
		if ms, err = ReadMapping("testdata/" + mapping); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := Load("testdata/"+file, ms)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestATableOfADepartmentIsReadByItsMapping(t *testing.T) {
	rec := load(t, "air.csv", "air.mapping.json")
	if rec.Rows != 5 || rec.Rejected != 2 || rec.Len() != 5 || rec.Lasts() != time.Minute {
		t.Errorf("%d rows, %d rejected, %d items over %s: %v", rec.Rows, rec.Rejected, rec.Len(), rec.Lasts(), rec.Reasons)
	}
	for i, want := range []string{`row 5: column 时间: "昨天"`, `row 6: column PM2.5: "高" is no number`} {
		if i >= len(rec.Reasons) || !strings.Contains(rec.Reasons[i], want) {
			t.Errorf("reasons %v, want %q", rec.Reasons, want)
		}
	}
	devices := rec.placed()
	if len(devices) != 2 || devices[0].ID != "rec-A1" || devices[0].Name != "昆山市政府" || devices[0].Kind != "air" || !devices[0].Simulated || len(devices[0].Datastreams) != 2 {
		t.Fatalf("devices: %+v", devices)
	}
	// The table is in GCJ-02; the device stands where it really is.
	if d := orbgeo.Distance(orb.Point{devices[0].Lon, devices[0].Lat}, orb.Point{120.9566, 31.3858}); d > 0.01 {
		t.Errorf("%.3f m off", d)
	}
	if at := rec.items[0].at; !at.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the first is of %s", at.UTC())
	}
}

func TestRowsOfTheServersOwnFormNeedNoMapping(t *testing.T) {
	rec := load(t, "mixed.ndjson", "")
	if rec.Len() != 5 || rec.Rejected != 2 || len(rec.units) != 1 || len(rec.devices) != 2 || len(rec.placed()) != 1 {
		t.Errorf("%d items, %d rejected (%v), units %v, devices %v", rec.Len(), rec.Rejected, rec.Reasons, rec.units, rec.devices)
	}
	var last time.Time
	for _, it := range rec.items {
		if it.at.Before(last) {
			t.Error("not in the order of time")
		}
		last = it.at
	}
}

func TestAMappingThatMeansNothingIsRefusedWithTheReason(t *testing.T) {
	for text, want := range map[string]string{
		``:                        "it is empty",
		`[]`:                      "it is empty",
		`{"kind":"weather"}`:      `kind "weather"`,
		`{"kind":"observations"}`: "time: no column",
		`{"kind":"observations","time":"t","device":"d"}`:                                    "property: no column",
		`{"kind":"observations","time":"t","device":"d","values":{"a":"hapiness"}}`:          `"hapiness" is no observed property`,
		`{"kind":"positions","time":"t","unit":"u","lon":"x"}`:                               "lat: no column",
		`{"kind":"incidents","time":"t","lon":"x","lat":"y"}`:                                "class: no column",
		`{"kind":"positions","time":"t","unit":"u","lon":"x","lat":"y","timeZone":"Mars"}`:   "Mars",
		`{"kind":"positions","time":"t","unit":"u","lon":"x","lat":"y","encoding":"latin1"}`: "latin1",
		`{"kind":"positions","time":"t","unit":"u","lon":"x","lat":"y","crs":"EPSG:9"}`:      "unknown coordinate system",
		`{"kind":"positions","time":"t","unit":"u","lon":"x","lat":"y","colour":"red"}`:      "colour",
	} {
		if _, err := parseMapping(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestARecordingWithoutAUsableRowIsAnError(t *testing.T) {
	for text, want := range map[string]string{
		"": "empty", "a,b\n1,2\n": "row 2: no mapping fits", "{\"unit\":\"u\",\"time\":\"2026-03-01T08:00:00Z\"}\n": "the place is missing",
	} {
		if _, err := Read(strings.NewReader(text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// taker takes what is sent, in order.
type taker struct {
	*httptest.Server
	mu      sync.Mutex
	obs     []cim.Observation
	moves   []cim.Position
	reports []url.Values
	keys    []string
	devices []cim.Device
	units   []cim.Unit
	down    int // requests still to be answered with 503
}

func newTaker(t *testing.T) *taker {
	k := &taker{}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.down > 0 {
			k.down--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var b struct {
			Observations []cim.Observation
			Positions    []cim.Position
			Devices      []cim.Device
			Units        []cim.Unit
		}
		if r.URL.Path == "/open311/v2/requests.json" {
			_ = r.ParseForm()
			k.reports, k.keys = append(k.reports, r.PostForm), append(k.keys, r.Header.Get("Idempotency-Key"))
			if r.PostForm.Get("service_code") == "wrong" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			io.WriteString(w, `[{"service_request_id":"x"}]`)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
			t.Error(err)
		}
		k.obs, k.moves = append(k.obs, b.Observations...), append(k.moves, b.Positions...)
		k.devices, k.units = append(k.devices, b.Devices...), append(k.units, b.Units...)
		fmt.Fprintf(w, `{"accepted":%d}`, len(b.Observations)+len(b.Positions)+len(b.Devices)+len(b.Units))
	}))
	t.Cleanup(k.Close)
	return k
}

// clock counts how long was waited, and waits not at all.
func options(k *taker, waits *[]time.Duration) Options {
	return Options{URL: k.URL, Start: begin, Log: slog.New(slog.DiscardHandler), Wait: func(ctx context.Context, until time.Time) error {
		if waits != nil {
			*waits = append(*waits, until.Sub(begin))
		}
		return ctx.Err()
	}}
}

func TestARecordingIsPlayedInOrderFromNowOn(t *testing.T) {
	k := newTaker(t)
	var waits []time.Duration
	stats, err := Play(t.Context(), load(t, "mixed.ndjson", ""), options(k, &waits))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Stats{Observations: 2, Positions: 2, Incidents: 1, Loops: 1}); stats != want {
		t.Errorf("%+v, want %+v", stats, want)
	}
	if want := []time.Duration{0, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second}; !reflect.DeepEqual(waits, want) {
		t.Errorf("sent at %v, want %v", waits, want)
	}
	if o := k.obs[0]; o.Device != "dev-1" || o.Value != 61.5 || !o.Time.Equal(begin.Add(time.Second)) {
		t.Errorf("observation %+v", o)
	}
	if p := k.moves[1]; p.Unit != "bus-1" || p.Lon != 120.951 || !p.Time.Equal(begin.Add(10*time.Second)) {
		t.Errorf("position %+v", p)
	}
	if r := k.reports[0]; r.Get("simulated") != "true" || r.Get("service_code") != "E0101" || r.Get("description") != "路边有垃圾" {
		t.Errorf("report %v", r)
	}
	if len(k.devices) != 1 || len(k.units) != 1 || !k.units[0].Simulated {
		t.Errorf("registered %+v, %+v", k.devices, k.units)
	}
}

func TestItIsPlayedFasterAndAgain(t *testing.T) {
	k := newTaker(t)
	ctx, cancel := context.WithCancel(t.Context())
	var waits []time.Duration
	o := options(k, &waits)
	o.Speed, o.Loop = 10, true
	plain := o.Wait
	o.Wait = func(ctx context.Context, until time.Time) error {
		if len(waits) == 8 { // in the middle of the third time
			cancel()
		}
		return plain(ctx, until)
	}
	stats, err := Play(ctx, load(t, "mixed.ndjson", ""), o)
	if err != nil || stats.Loops != 2 || stats.Incidents < 2 {
		t.Fatalf("%+v, %v", stats, err)
	}
	// Ten seconds take one, the first half of which goes out in two batches.
	if want := []time.Duration{0, 500 * time.Millisecond, time.Second, 3 * time.Second, 3500 * time.Millisecond, 4 * time.Second}; !reflect.DeepEqual(waits[:6], want) {
		t.Errorf("sent at %v, want %v", waits[:6], want)
	}
	seen := map[string]bool{}
	for _, key := range k.keys {
		if seen[key] {
			t.Errorf("the report of another time has the same key %s", key)
		}
		seen[key] = true
	}
}

func TestAServerThatIsAwayIsWaitedForAndAWrongRowIsNot(t *testing.T) {
	k := newTaker(t)
	k.down = 1
	rec, err := Read(strings.NewReader(`{"class":"wrong","reported":"2026-03-01T08:00:00Z","lon":120.95,"lat":31.38}`+"\n"+
		`{"unit":"u","time":"2026-03-01T08:00:01Z","lon":120.95,"lat":31.38}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	stats, err := Play(t.Context(), rec, options(k, nil))
	if want := (Stats{Positions: 1, Refused: 1, Loops: 1}); err != nil || stats != want {
		t.Errorf("%+v, %v; want %+v", stats, err, want)
	}
}

func TestOptionsThatMeanNothingAreRefused(t *testing.T) {
	if _, err := Play(t.Context(), nil, Options{Speed: -1}); err == nil {
		t.Error("played backwards")
	}
	if _, err := Load("testdata/none.csv", nil); err == nil || !strings.Contains(err.Error(), "open recording") {
		t.Errorf("no file: %v", err)
	}
}
