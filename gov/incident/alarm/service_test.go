package alarm_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/gov/incident/alarm"
	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var noon = time.Date(2026, 5, 1, 4, 0, 0, 0, time.UTC)

// town is the city, its record and its log, as far as the rules need them.
type town struct {
	mu     sync.Mutex
	log    []audit.Entry
	values []alarm.Observation
}

func (w *town) Property(id string) (string, string, int, bool) {
	return map[string]string{"pm10": "PM10", "water_level": "水位", "pm2_5": "PM2.5", "vehicle_speed": "车速", "cover_open": "井盖", "noise": "噪声", "gas": "气体"}[id], "", 0, id != "" && id != "none"
}
func (w *town) Region(code string) string {
	if strings.HasPrefix(code, "320583") {
		return "昆山" + code
	}
	return ""
}
func (w *town) Class(code string) (string, bool) { return "类" + code, code != "X" }
func (w *town) All() alarm.Registered {
	return alarm.Registered{Devices: []alarm.Device{{ID: "a", Name: "A", Kind: "air", Lon: 120.95, Lat: 31.38, Region: "320583100"}}}
}
func (w *town) append(_ context.Context, _ pgx.Tx, e audit.Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, e)
	return nil
}
func (w *town) Observations(_ context.Context, devices []string, property string, from, to time.Time, _ int, fn func([]alarm.Observation) error) (bool, error) {
	for _, o := range w.values {
		if o.Device == devices[0] && o.Property == property && !o.Time.Before(from) && o.Time.Before(to) {
			if err := fn([]alarm.Observation{o}); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}
func (w *town) Positions(context.Context, []string, time.Time, time.Time, func([]alarm.Position) error) error {
	return nil
}

func open(t testing.TB, pool *pgxpool.Pool) (*alarm.Service, *town) {
	t.Helper()
	w := &town{}
	zone := time.FixedZone("CST", 8*3600)
	s, err := alarm.Open(t.Context(), pool, alarm.ServiceOptions{
		Audit: w.append, Names: w, Register: w, Past: w, Location: func() *time.Location { return zone }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, w
}

// of is somebody whose right reaches a subtree.
func of(region, why string) alarm.By {
	return alarm.By{Subject: "person:" + region, Why: why, May: func(r string) bool { return strings.HasPrefix(r, region) }}
}

func dust(region string) alarm.Definition {
	return alarm.Definition{
		Name: "扬尘", Region: region, Kind: alarm.KindThreshold, Filter: alarm.Filter{Property: "pm10"},
		Threshold: &alarm.Threshold{Compare: ">", Limit: 150, For: 2}, Open: alarm.Opening{Class: "E0106", Severity: 3, Text: "{device} {value}"},
	}
}

func TestAnOperatorOfATownSeesAndChangesOnlyRulesInIt(t *testing.T) {
	s, w := open(t, newDatabase(t))
	ctx := t.Context()
	city, town := of("320583", ""), of("320583100", "")
	whole, err := s.Add(ctx, city, dust("320583"))
	if err != nil {
		t.Fatal(err)
	}
	mine, err := s.Add(ctx, town, dust("320583100"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(ctx, town, dust("320583101")); !errors.Is(err, alarm.ErrRefused) {
		t.Errorf("added elsewhere: %v", err)
	}
	if _, err := s.Change(ctx, town, mine.ID, 1, dust("320583")); !errors.Is(err, alarm.ErrRefused) {
		t.Errorf("moved out of the town: %v", err)
	}
	list, err := s.List(ctx, town)
	if err != nil || len(list) != 1 || list[0].ID != mine.ID {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := s.List(ctx, city); err != nil || len(list) != 2 {
		t.Errorf("%d, %v", len(list), err)
	}
	_, get := s.Get(ctx, town, whole.ID)
	_, change := s.Change(ctx, town, whole.ID, 1, dust("320583100"))
	_, turn := s.Switch(ctx, of("320583100", "why not"), whole.ID, true)
	_, history := s.History(ctx, town, whole.ID)
	_, openings := s.Openings(ctx, town, whole.ID, 1)
	_, try := s.Try(ctx, town, whole.ID, noon, noon.Add(time.Hour))
	for i, err := range []error{get, change, turn, history, openings, try, s.Remove(ctx, town, whole.ID)} {
		if !errors.Is(err, alarm.ErrNotFound) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if len(w.log) != 2 || w.log[1].Action != "incident.rule.add" || w.log[1].Region != "320583100" || w.log[1].Actor != "person:320583100" {
		t.Errorf("%+v", w.log)
	}
}

func TestARuleThatWasNeverTriedIsSwitchedOnOnlyForAReason(t *testing.T) {
	s, w := open(t, newDatabase(t))
	ctx := t.Context()
	r, err := s.Add(ctx, of("320583", ""), dust("320583"))
	if err != nil || r.On {
		t.Fatal(r, err)
	}
	if _, err := s.Switch(ctx, of("320583", "  "), r.ID, true); !errors.Is(err, alarm.ErrUntried) {
		t.Errorf("%v", err)
	}
	if on, err := s.Switch(ctx, of("320583", "暴雨应急"), r.ID, true); err != nil || !on.On || on.Version != 2 {
		t.Errorf("%+v, %v", on, err)
	}
	if e := w.log[len(w.log)-1]; e.Why != "暴雨应急" || e.Action != "incident.rule.switch" {
		t.Errorf("%+v", e)
	}
	// Another condition: off, and to be tried anew; another name: neither.
	d := dust("320583")
	d.Name = "扬尘二"
	if r, err = s.Change(ctx, of("320583", ""), r.ID, 2, d); err != nil || !r.On {
		t.Errorf("%+v, %v", r, err)
	}
	d.Threshold.Limit = 120
	if r, err = s.Change(ctx, of("320583", ""), r.ID, 3, d); err != nil || r.On {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := s.Change(ctx, of("320583", ""), r.ID, 3, d); !errors.Is(err, alarm.ErrConflict) {
		t.Errorf("%v", err)
	}
	if _, err := s.Try(ctx, of("320583", ""), r.ID, noon, noon.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if r, err = s.Switch(ctx, of("320583", ""), r.ID, true); err != nil || !r.On || r.Tried == nil {
		t.Errorf("%+v, %v", r, err)
	}
	if h, err := s.History(ctx, of("320583", ""), r.ID); err != nil || len(h) != 5 || h[0].What != "switch" || h[4].What != "add" || h[4].Was.Threshold.Limit != 150 {
		t.Errorf("%+v, %v", h, err)
	}
	if err := s.Remove(ctx, of("320583", ""), r.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(ctx, of("320583", ""), r.ID); !errors.Is(err, alarm.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestWhatIsWrongWithADefinitionIsSaidAllAtOnce(t *testing.T) {
	s, _ := open(t, newDatabase(t))
	d := dust("4403")
	d.Name, d.Open.Text, d.Open.Class, d.Filter.Property = "", "{devise}", "X", "none"
	d.Rate = &alarm.Rate{}
	_, err := s.Add(t.Context(), of("", ""), d)
	var faults alarm.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	for _, f := range faults {
		fields[f.Field] = true
	}
	for _, want := range []string{"/name", "/region", "/open/text", "/open/class", "/filter/property", "/rate"} {
		if !fields[want] {
			t.Errorf("%s is not in %v", want, faults)
		}
	}
}

func TestATrialSaysWhatTheRuleWouldHaveOpened(t *testing.T) {
	s, w := open(t, newDatabase(t))
	ctx := t.Context()
	r, err := s.Add(ctx, of("320583", ""), dust("320583"))
	if err != nil {
		t.Fatal(err)
	}
	for m := range 3 * 24 * 60 { // every day from noon on for an hour
		at := noon.Add(time.Duration(m) * time.Minute)
		v := 100.0
		if h := m % (24 * 60); h >= 60 && h < 120 {
			v = 200
		}
		w.values = append(w.values, alarm.Observation{Device: "a", Property: "pm10", Time: at, Value: v})
	}
	trial, err := s.Try(ctx, of("320583", ""), r.ID, noon, noon.Add(72*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if trial.Total != 3 || trial.Observations != 4320 || trial.Targets != 1 || fmt.Sprint(trial.Days) != "[{2026-05-01 1} {2026-05-02 1} {2026-05-03 1} {2026-05-04 0}]" {
		t.Errorf("%+v", trial)
	}
	o := trial.Opened[0]
	if !o.Since.Equal(noon.Add(time.Hour)) || !o.Opened.Equal(noon.Add(62*time.Minute)) || o.Over == nil || o.Seconds != 3600 || o.Value != 200 || o.Name != "A" {
		t.Errorf("%+v", o)
	}
	got, err := s.Get(ctx, of("320583", ""), r.ID)
	if err != nil || got.Tried == nil || got.Tried.Opened != 3 || got.Version != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, to := range []time.Time{noon, noon.AddDate(0, 2, 0), time.Now().Add(time.Hour)} {
		if _, err := s.Try(ctx, of("320583", ""), r.ID, noon, to); err == nil {
			t.Errorf("a trial up to %s", to)
		}
	}
}
