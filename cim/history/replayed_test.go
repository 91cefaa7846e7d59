package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/internal/postgres/pgtest"
)

// replayed is what Observations gives, and in how many lists.
func replayed(t *testing.T, r Reader, devices []string, p cim.Property, from, to time.Time, most int) (all []cim.Observation, lists int, thinned bool) {
	t.Helper()
	thinned, err := r.Observations(t.Context(), devices, p, from, to, most, func(list []cim.Observation) error {
		lists++
		all = append(all, list...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, lists, thinned
}

func TestObservationsOfSeveralDevicesComeTogetherOldestFirst(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, littleCity()...)
	end := time.Now().UTC().Truncate(time.Hour)
	begin := end.Add(-3 * time.Hour)
	values := make([]float64, 3*60*60+2) // one at the end, and one after it
	for i := range values {
		values[i] = float64(i)
	}
	sent := []cim.Observations{
		observations("west", "pm2_5", begin.Add(-time.Second), time.Second, values...),
		observations("east", "pm2_5", begin.Add(500*time.Millisecond), time.Minute, values[:180]...),
		observations("west", "noise", begin, time.Minute, values[:180]...),
	}
	send(t, b, sent[0], sent[1], sent[2])
	caughtUp(t, s, b)
	expect := func(devices string, p cim.Property, from, to time.Time) (want []cim.Observation) {
		for _, o := range slices.Concat(sent[0].Observations, sent[1].Observations, sent[2].Observations) {
			if strings.Contains(devices, o.Device) && (p == "" || p == o.Property) && !o.Time.Before(from) && o.Time.Before(to) {
				want = append(want, o)
			}
		}
		return want
	}
	// Those of one moment are in no order that is promised.
	sorted := func(list []cim.Observation) string {
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b cim.Observation) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Property, b.Property))
		})
		return fmt.Sprint(list)
	}
	for _, c := range []struct {
		devices  string
		property cim.Property
		from, to time.Time
	}{
		{"west east", "", begin, end},
		{"west east nobody", "pm2_5", begin, end},
		{"east", "pm2_5", begin, end},
		{"west", "noise", begin.Add(time.Minute), begin.Add(2 * time.Minute)}, // the first of it, and not the last
		{"west", "pm2_5", begin.Add(-time.Hour), end.Add(time.Hour)},
		{"west", "pm2_5", begin.Add(50 * time.Minute), begin.Add(125 * time.Minute)},
		{"west", "colour", begin, end},
		{"nobody", "", begin, end},
		{"west", "", end, begin},
	} {
		got, lists, thinned := replayed(t, s.In(cim.Whole()), strings.Fields(c.devices), c.property, c.from, c.to, 0)
		want := expect(c.devices, c.property, c.from, c.to)
		if thinned || sorted(got) != sorted(want) {
			t.Errorf("%s of %s: %d observations, want %d; thinned %v", c.property, c.devices, len(got), len(want), thinned)
		}
		if !slices.IsSortedFunc(got, func(a, b cim.Observation) int { return a.Time.Compare(b.Time) }) {
			t.Errorf("%s of %s: not the oldest first", c.property, c.devices)
		}
		if len(got) > 0 && lists != (len(got)+4095)/4096 {
			t.Errorf("%s of %s: %d observations in %d lists", c.property, c.devices, len(got), lists)
		}
	}

	enough := errors.New("enough")
	calls := 0
	_, err := s.In(cim.Whole()).Observations(t.Context(), []string{"west"}, "", begin, end, 0, func([]cim.Observation) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("after the error of who reads, it was called %d times: %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.In(cim.Whole()).Observations(ctx, []string{"west"}, "", begin, end, 0, func([]cim.Observation) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever went away is told %v", err)
	}
}

func TestOfTooManyObservationsTheExtremesOfEachMinuteAreGiven(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, littleCity()...)
	end := time.Now().UTC().Truncate(time.Hour)
	begin := end.Add(-2 * time.Hour)
	values := make([]float64, 2*60*6) // every 10 s; a peak and a dip within a minute
	for i := range values {
		values[i] = 50
	}
	values[6*90+2], values[6*90+3] = 400, -7
	send(t, b, observations("west", "pm2_5", begin, 10*time.Second, values...), observations("west", "noise", begin.Add(30*time.Second), time.Minute, 1, 2))
	caughtUp(t, s, b)
	got, _, thinned := replayed(t, s.In(cim.Whole()), []string{"west"}, "", begin, end, 500)
	if !thinned || len(got) != 2*120+2 {
		t.Fatalf("thinned %v: %d observations, want two a minute, and the one where there is one", thinned, len(got))
	}
	if !slices.IsSortedFunc(got, func(a, b cim.Observation) int { return a.Time.Compare(b.Time) }) {
		t.Error("not the oldest first")
	}
	at := begin.Add(90 * time.Minute)
	var extremes []float64
	for _, o := range got {
		if o.Property == "pm2_5" && !o.Time.Before(at) && o.Time.Before(at.Add(time.Minute)) {
			extremes = append(extremes, o.Value)
		}
	}
	if fmt.Sprint(extremes) != "[-7 400]" {
		t.Errorf("of the minute with the peak and the dip there are %v", extremes)
	}
	if got, _, thinned := replayed(t, s.In(cim.Whole()), []string{"west"}, "pm2_5", begin, end, 720); thinned || len(got) != 720 {
		t.Errorf("as many as are allowed: thinned %v, %d", thinned, len(got))
	}
}

func TestReplayedIsOnlyWhatTheScopeReaches(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, littleCity()...)
	send(t, b, cim.UnitsPut{Units: []cim.Unit{{ID: "u2", Name: "巡逻二队", Kind: "grid", Home: "320583002"}}})
	end := time.Now().UTC().Truncate(time.Minute)
	begin := end.Add(-2 * time.Hour)
	west, east := func(unit string, at time.Time) cim.Position {
		return cim.Position{Unit: unit, Time: at, Lon: 120.9, Lat: 31.4, Speed: 3, Heading: 90, Status: "moving"}
	}, func(unit string, at time.Time) cim.Position {
		return cim.Position{Unit: unit, Time: at, Lon: 121.1, Lat: 31.4}
	}
	send(t, b,
		observations("west", "pm2_5", begin, time.Minute, 1, 2), observations("east", "pm2_5", begin, time.Minute, 3, 4),
		cim.Positions{Positions: []cim.Position{
			west("u1", begin), west("u2", begin.Add(time.Minute)), east("u1", begin.Add(70*time.Minute)), west("u1", end.Add(-time.Second)), west("u1", end),
		}},
	)
	caughtUp(t, s, b)
	walked := func(scope cim.Scope, units ...string) string {
		t.Helper()
		var seen []string
		if err := s.In(scope).Positions(t.Context(), units, begin, end, func(list []cim.Position) error {
			for _, p := range list {
				seen = append(seen, fmt.Sprintf("%s@%d:%g", p.Unit, int(p.Time.Sub(begin).Minutes()), p.Lon))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return strings.Join(seen, " ")
	}
	of := func(region geo.Code, layers cim.Layers, grade cim.Grade) cim.Scope {
		return cim.NewGrants([]cim.Grant{{Region: region, Layers: layers, Grade: grade}}).Scope()
	}
	district, unseen := of("320583001", cim.AllLayers, 2), of("320583", 0, 2)
	for what, c := range map[string]struct{ got, want string }{
		"the whole city":   {walked(cim.Whole(), "u1", "u2"), "u1@0:120.9 u2@1:120.9 u1@70:121.1 u1@119:120.9"},
		"one unit":         {walked(cim.Whole(), "u2", "nobody"), "u2@1:120.9"},
		"a district":       {walked(district, "u1", "u2"), "u1@0:120.9 u2@1:120.9 u1@119:120.9"},
		"without a layer":  {walked(unseen, "u1", "u2"), ""},
		"no unit at all":   {walked(cim.Whole()), ""},
		"nobody's patrols": {walked(cim.Whole(), "nobody"), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", what, c.got, c.want)
		}
	}
	both := []string{"west", "east"}
	for what, c := range map[string]struct {
		scope cim.Scope
		want  int
	}{
		"the whole city": {cim.Whole(), 4}, "a district": {district, 2}, "a low grade": {of("320583", cim.AllLayers, 1), 2}, "without a layer": {unseen, 0},
	} {
		if got, _, _ := replayed(t, s.In(c.scope), both, "", begin, end, 0); len(got) != c.want {
			t.Errorf("%s: %d observations, want %d", what, len(got), c.want)
		}
	}
}

func TestWhatIsPastKeepingIsNotReplayed(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	stop := run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, littleCity()...)
	now := time.Now().UTC().Truncate(time.Minute)
	old := now.AddDate(0, 0, -4)
	send(t, b, observations("west", "pm2_5", old, time.Second, 1, 2), observations("west", "pm2_5", now.Add(-time.Minute), time.Second, 3),
		cim.Positions{Positions: []cim.Position{{Unit: "u1", Time: old, Lon: 120.9, Lat: 31.4}, {Unit: "u1", Time: now.Add(-time.Minute), Lon: 120.9, Lat: 31.4}}})
	caughtUp(t, s, b)
	stop()
	count := func() (values, places int) {
		list, _, _ := replayed(t, s.In(cim.Whole()), []string{"west"}, "", old.Add(-time.Hour), now, 0)
		if err := s.In(cim.Whole()).Positions(t.Context(), []string{"u1"}, old.Add(-time.Hour), now, func(list []cim.Position) error {
			places += len(list)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return len(list), places
	}
	if values, places := count(); values != 3 || places != 2 {
		t.Fatalf("before: %d values, %d places", values, places)
	}
	parts, err := loadPartitions(t.Context(), s.pool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parts.drop(t.Context(), s.pool, now, Retention{"observations": 48 * time.Hour, "unit_tracks": 48 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if values, places := count(); values != 1 || places != 1 {
		t.Errorf("after: %d values, %d places", values, places)
	}
}
