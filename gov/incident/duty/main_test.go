package duty_test

import (
	"context"
	"testing"
	"time"

	"onecity/gov/incident/duty"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// office is a service on a database of its own, with a clock that the test sets.
type office struct {
	*duty.Service
	now        time.Time
	registered []duty.Unit
}

func open(t *testing.T) *office {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	o := &office{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	o.Service, err = duty.Open(t.Context(), pool, duty.Options{
		Now:      func() time.Time { return o.now },
		Register: func(_ context.Context, u duty.Unit) error { o.registered = append(o.registered, u); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var (
	ding = duty.Unit{ID: "p-ding", Name: "丁一帆", Kind: "grid", Home: "320583100001001", Own: true}
	car  = duty.Unit{ID: "car-1", Name: "巡查一", Kind: "enforcement"}
)

// right is a phone whose clock is right.
func (o *office) right() duty.Clock { return duty.ClockOf(o.now, o.now) }

func (o *office) begin(t *testing.T, subject string, u duty.Unit, at time.Time, c duty.Clock) duty.Shift {
	t.Helper()
	s, err := o.Begin(t.Context(), subject, u, at, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *office) end(t *testing.T, subject string, at time.Time, c duty.Clock) *duty.Shift {
	t.Helper()
	s, err := o.End(t.Context(), subject, at, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *office) units(t *testing.T, subject string) []string {
	t.Helper()
	u, err := o.OnDuty(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (o *office) put(t *testing.T, subject string, c duty.Clock, at ...time.Time) duty.Taken {
	t.Helper()
	var told []duty.Told
	for i, x := range at {
		told = append(told, duty.Told{Time: x, Lon: 120.98 + float64(i)*0.0005, Lat: 31.38, Accuracy: 8})
	}
	taken, err := o.Put(t.Context(), subject, told, c)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}
