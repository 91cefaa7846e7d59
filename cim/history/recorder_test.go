package history

import (
	"context"
	"fmt"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/internal/postgres/pgtest"

	"github.com/paulmach/orb"
)

func TestWhatHappensIsRecordedAndReadBack(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	now := time.Now().UTC().Truncate(time.Minute)
	send(t, b, littleCity()...)
	send(t, b,
		observations("west", "pm2_5", now.Add(-2*time.Minute), 30*time.Second, 10, 20, 30, 40),
		observations("east", "pm2_5", now.Add(-2*time.Minute), time.Minute, 100, 200),
		observations("nobody", "pm2_5", now, time.Minute, 1),
		observations("west", "colour", now, time.Minute, 1),
		cim.Positions{Positions: []cim.Position{
			{Unit: "u1", Time: now.Add(-time.Minute), Lon: 120.9, Lat: 31.4, Speed: 3, Heading: 90, Status: "moving"},
			{Unit: "u1", Time: now, Lon: 121.1, Lat: 31.4},
		}},
		cim.Indicators{Indicators: []cim.Indicator{{Feed: "water", Key: "k", Name: "level", Time: now, Lon: 121, Lat: 31.4, Value: 2.5, Unit: "m"}}},
	)
	caughtUp(t, s, b)
	whole := s.In(cim.Whole())
	ctx := t.Context()

	ps, err := whole.Series(ctx, "west", "pm2_5", now.Add(-2*time.Minute), now, time.Minute)
	if err != nil || fmt.Sprint(ps) != fmt.Sprint([]Point{{now.Add(-2 * time.Minute), 15, 10, 20, 2}, {now.Add(-time.Minute), 35, 30, 40, 2}}) {
		t.Errorf("series by minute: %v (%v)", ps, err)
	}
	if ps, err = whole.Series(ctx, "west", "pm2_5", now.Add(-time.Hour), now, 0); err != nil || len(ps) != 4 || ps[0].Mean != 10 || ps[0].Count != 1 {
		t.Errorf("every observation: %v (%v)", ps, err)
	}
	west, east := geo.CellAt(orb.Point{120.9, 31.4}, geo.BaseResolution), geo.CellAt(orb.Point{121.1, 31.4}, geo.BaseResolution)
	ps, err = whole.CellSeries(ctx, west, "pm2_5", now.Add(-time.Hour), now, time.Minute)
	if err != nil || len(ps) != 2 || ps[1].Mean != 35 || ps[1].Max != 40 || ps[1].Count != 2 {
		t.Errorf("cell series: %v (%v)", ps, err)
	}
	ps, err = whole.CellSeries(ctx, west.Parent(6), "pm2_5", now.Add(-time.Hour), now, time.Hour)
	if err != nil || len(ps) == 0 {
		t.Errorf("coarse cell series: %v (%v)", ps, err)
	}
	if ps, err = whole.ObservationCounts(ctx, "", now.Add(-time.Hour), now); err != nil || len(ps) != 2 || ps[0].Count != 3 || ps[1].Count != 3 {
		t.Errorf("counts: %v (%v)", ps, err)
	}
	track, err := whole.Track(ctx, "u1", now.Add(-time.Hour), now.Add(time.Second))
	if err != nil || len(track) != 2 || track[0].Lon != 120.9 || track[0].Speed != 3 || track[0].Status != "moving" || !track[1].Time.Equal(now) {
		t.Errorf("track: %v (%v)", track, err)
	}
	if n := ask[int](t, s, "select count(*) from indicators where value = 2.5"); n != 1 {
		t.Errorf("%d indicators", n)
	}

	// The scope of a district, and of a low grade.
	district := cim.Scope{Region: "320583001", Layers: cim.AllLayers, Grade: 1}
	narrow := s.In(district)
	for what, got := range map[string]func() (int, error){
		"a device outside": func() (int, error) {
			ps, err := narrow.Series(ctx, "east", "pm2_5", now.Add(-time.Hour), now, 0)
			return len(ps), err
		},
		"a device of a higher grade": func() (int, error) {
			ps, err := s.In(cim.Scope{Layers: cim.AllLayers, Grade: 1}).Series(ctx, "east", "pm2_5", now.Add(-time.Hour), now, 0)
			return len(ps), err
		},
		"a cell outside": func() (int, error) {
			ps, err := narrow.CellSeries(ctx, east, "pm2_5", now.Add(-time.Hour), now, time.Minute)
			return len(ps), err
		},
		"another region": func() (int, error) {
			ps, err := narrow.ObservationCounts(ctx, "320583002", now.Add(-time.Hour), now)
			return len(ps), err
		},
		"a scope without layers": func() (int, error) {
			ps, err := s.In(cim.Scope{Grade: 255}).Series(ctx, "west", "pm2_5", now.Add(-time.Hour), now, 0)
			return len(ps), err
		},
	} {
		if n, err := got(); n != 0 || err != nil {
			t.Errorf("%s: %d rows (%v), want none", what, n, err)
		}
	}
	if track, err := narrow.Track(ctx, "u1", now.Add(-time.Hour), now.Add(time.Second)); err != nil || len(track) != 1 || track[0].Lon != 120.9 {
		t.Errorf("the track inside the district: %v (%v)", track, err)
	}
	if ps, err := narrow.ObservationCounts(ctx, "320583", now.Add(-time.Hour), now); err != nil || len(ps) != 2 || ps[0].Count != 2 {
		t.Errorf("counts of the district: %v (%v)", ps, err)
	}
}

func TestARepeatIsRecordedOnce(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{Wait: time.Millisecond}))
	now := time.Now().UTC().Truncate(time.Minute).Add(-time.Minute)
	send(t, b, littleCity()...)
	f := observations("west", "pm2_5", now, time.Second, 1, 2, 3)
	f.Observations = append(f.Observations, f.Observations[0])
	f.Observations[3].Value = 99 // the same datastream and time: the first counts
	send(t, b, f)
	caughtUp(t, s, b)
	send(t, b, f, f) // under other ids, as after the broker's window
	caughtUp(t, s, b)
	if got := ask[string](t, s, "select count(*) || ' ' || sum(value) from observations"); got != "3 6" {
		t.Errorf("recorded count and sum %s, want 3 6", got)
	}
	if got := ask[string](t, s, "select sum(count) || ' ' || sum(sum) || ' ' || max(max) from cell_minutes"); got != "3 6 3" {
		t.Errorf("the cell's minutes say %s, want 3 6 3", got)
	}
}

func TestIncidentsKeepTheirNewestVersionAndEveryStep(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	now := time.Now().UTC().Truncate(time.Second)
	send(t, b, littleCity()...)
	in := cim.Incident{ID: "i1", Version: 1, Class: "road", Title: "坑\x00洞", Status: cim.StatusReported, Severity: 3, Lon: 120.9, Lat: 31.4, Reported: now.Add(-time.Hour)}
	handled := in
	handled.Version, handled.Status, handled.Unit, handled.Updated = 2, cim.StatusHandling, "u1", now.Add(-30*time.Minute)
	closed := handled
	closed.Version, closed.Status, closed.Closed, closed.Updated = 3, cim.StatusClosed, now, now
	other := in
	other.ID, other.Lon, other.Grade, other.Reported = "i2", 121.1, 3, now
	send(t, b, cim.IncidentPut{Incident: in}, cim.IncidentPut{Incident: closed}, cim.IncidentPut{Incident: handled}, cim.IncidentPut{Incident: other})
	caughtUp(t, s, b)
	ctx, whole := t.Context(), s.In(cim.Whole())
	ins, err := whole.Incidents(ctx, IncidentFilter{})
	if err != nil || len(ins) != 2 || ins[0].ID != "i2" || ins[1].Status != cim.StatusClosed || ins[1].Title != "坑洞" || ins[1].Region != "320583001" {
		t.Errorf("incidents: %+v (%v)", ins, err)
	}
	if page, err := whole.Incidents(ctx, IncidentFilter{After: &ins[0], Limit: 1}); err != nil || len(page) != 1 || page[0].ID != "i1" {
		t.Errorf("the next page: %+v (%v)", page, err)
	}
	if ins, err := s.In(cim.Scope{Layers: cim.AllLayers, Region: "320583001"}).Incidents(ctx, IncidentFilter{}); err != nil || len(ins) != 1 {
		t.Errorf("incidents of the district: %+v (%v)", ins, err)
	}
	if steps, err := whole.Steps(ctx, "i1"); err != nil || len(steps) != 3 || steps[1].Unit != "u1" || steps[2].Status != cim.StatusClosed {
		t.Errorf("steps: %+v (%v)", steps, err)
	}
	if ds, err := whole.HandlingTimes(ctx, "320583001", now.Add(-time.Minute), now.Add(time.Minute)); err != nil || len(ds) != 1 || ds[0] != time.Hour {
		t.Errorf("handling times: %v (%v)", ds, err)
	}
}

func TestPostgreSQLAwayForAWhileLosesNothing(t *testing.T) {
	dsn := pgtest.Database(t)
	s, b := openStore(t, dsn), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{Wait: 5 * time.Millisecond}))
	now := time.Now().UTC().Truncate(time.Hour)
	send(t, b, littleCity()...)
	for i := range 50 {
		send(t, b, observations("west", "pm2_5", now.Add(time.Duration(i)*time.Second), time.Second, 1))
		if i == 10 || i == 30 {
			// Killed in the middle of whatever it does; it is started again.
			if err := pgtest.Server(t).Crash(); err != nil {
				t.Fatal(err)
			}
		}
	}
	caughtUp(t, s, b)
	if got := ask[string](t, s, "select count(*) || ' ' || (select sum(count) from cell_minutes) from observations"); got != "50 50" {
		t.Errorf("recorded %s, want 50 50", got)
	}
}

func TestARecorderStoppedInMidBatchGoesOnWithoutLossOrRepeat(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	now := time.Now().UTC().Truncate(time.Hour)
	send(t, b, littleCity()...)
	for i := range 60 {
		send(t, b, observations("west", "pm2_5", now.Add(time.Duration(10*i)*time.Millisecond), time.Millisecond, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))
	}
	last, err := b.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		r := s.Recorder(b, RecorderOptions{Rows: 40, Wait: time.Millisecond})
		before := ask[int64](t, s, "select coalesce(sum(seq), 0)::bigint from positions")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		until(t, "the record moves", func() bool { return r.Position() > uint64(before) })
		cancel()
		<-done
		if _, seq, _, err := s.Position(t.Context()); err != nil {
			t.Fatal(err)
		} else if seq == last {
			break
		}
		// What is in the table is exactly what the position says.
		got := ask[bool](t, s, "select count(*) = greatest(0, 10 * ((select seq from positions) - $1)) from observations", len(littleCity()))
		if !got {
			t.Fatalf("after stop %d the rows are not those of the position", i)
		}
	}
	if got := ask[int](t, s, "select count(*) from observations"); got != 600 {
		t.Errorf("recorded %d observations, want 600", got)
	}
}

func TestOnlyOneRecorderWrites(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	one, two := s.Recorder(b, RecorderOptions{}), s.Recorder(b, RecorderOptions{})
	stop := run(t, one)
	send(t, b, littleCity()...)
	caughtUp(t, s, b)
	run(t, two)
	send(t, b, cim.Tick{})
	caughtUp(t, s, b)
	if two.Recorded() != 0 {
		t.Errorf("the second recorder wrote %d events beside the first", two.Recorded())
	}
	stop()
	send(t, b, cim.Tick{})
	caughtUp(t, s, b)
	until(t, "the second recorder has taken over", func() bool { return two.Recorded() > 0 })
}

func TestAnEventThatTheDatabaseRefusesIsLeftOutAndNoted(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	if _, err := s.pool.Exec(t.Context(), "alter table units add constraint no_thirteen check (id <> 'u13')"); err != nil {
		t.Fatal(err)
	}
	run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, littleCity()...)
	send(t, b, cim.UnitsPut{Units: []cim.Unit{{ID: "u12"}}}, cim.UnitsPut{Units: []cim.Unit{{ID: "u13"}}}, cim.UnitsPut{Units: []cim.Unit{{ID: "u14"}}})
	caughtUp(t, s, b)
	if got := ask[string](t, s, "select string_agg(id, ' ' order by id) from units"); got != "u1 u12 u14" {
		t.Errorf("units %s, want u1 u12 u14", got)
	}
	if got := ask[int64](t, s, "select first_seq from gaps"); got != int64(len(littleCity())+2) {
		t.Errorf("the gap is noted at %d", got)
	}
}

func TestAnotherStreamBeginsAnew(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	now := time.Now().UTC().Truncate(time.Minute)
	for i := range 2 {
		b := openBroker(t)
		stop := run(t, s.Recorder(b, RecorderOptions{}))
		send(t, b, littleCity()...)
		send(t, b, observations("west", "noise", now.Add(time.Duration(i)*time.Second), time.Second, 50))
		caughtUp(t, s, b)
		stop()
	}
	if got := ask[int](t, s, "select count(*) from observations"); got != 2 {
		t.Errorf("recorded %d observations of two streams, want 2", got)
	}
}

func TestTimesThatNoPartitionShouldBeMadeForAreLeftOut(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, littleCity()...)
	for _, at := range []time.Time{time.Unix(0, 0), time.Now().AddDate(0, 0, 2), time.Now().AddDate(-1, 0, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		send(t, b, observations("west", "noise", at, time.Second, 50))
	}
	send(t, b, observations("west", "noise", time.Now().AddDate(0, 0, -3), time.Second, 50))
	caughtUp(t, s, b)
	if got := ask[int](t, s, "select count(*) from observations"); got != 1 {
		t.Errorf("recorded %d observations, want the one of three days ago", got)
	}
}

func TestPartitionsPastKeepingAreDropped(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	ctx := t.Context()
	parts, err := loadPartitions(ctx, s.pool)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	for d := range 5 {
		if err := parts.need(ctx, s.pool, "observations", now.AddDate(0, 0, -d)); err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.ahead(ctx, s.pool, now); err != nil {
		t.Fatal(err)
	}
	dropped, err := parts.drop(ctx, s.pool, now, Retention{"observations": 48 * time.Hour})
	if err != nil || len(dropped) != 2 {
		t.Errorf("dropped %v (%v), want the 16th and 17th", dropped, err)
	}
	names := ask[string](t, s, "select string_agg(inhrelid::regclass::text, ' ' order by inhrelid::regclass::text) from pg_inherits where inhparent = 'observations'::regclass")
	if names != "observations_20260518 observations_20260519 observations_20260520 observations_20260521 observations_20260522" {
		t.Errorf("there are %s", names)
	}
}

func TestOpeningTwiceAtOnceMigratesOnce(t *testing.T) {
	dsn := pgtest.Database(t)
	errs := make(chan error)
	for range 3 {
		go func() {
			s, err := Open(context.Background(), dsn, Options{Log: quiet})
			if err == nil {
				s.Close()
			}
			errs <- err
		}()
	}
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestZeroCharactersNeverReachTheDatabase(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"b"}`: `{"a":"b"}`, `{"a":"\u0000b"}`: `{"a":"b"}`, `{"a":"\\u0000"}`: `{"a":"\\u0000"}`,
		`{"a":"\\\u0000"}`: `{"a":"\\"}`, `"\n\u0000\u0000\""`: `"\n\""`,
	} {
		if got := string(cleanJSON([]byte(in))); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
	if clean("a\x00b") != "ab" {
		t.Error("a zero character stayed")
	}
}
