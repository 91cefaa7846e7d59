package history

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/internal/postgres/pgtest"
	"onecity/streams"

	"github.com/paulmach/orb"
)

// fold folds the stream from a model's position to its end.
func fold(t testing.TB, m *cim.Model, b *streams.Broker) *cim.Snapshot {
	t.Helper()
	last, err := b.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from := m.Snapshot().Seq()
	if from == last {
		return m.Snapshot()
	}
	enough := errors.New("enough")
	err = b.Consume(t.Context(), from, func(e streams.Received) error {
		f, err := cim.Decode(e.Type, e.Data)
		if err != nil {
			return err
		}
		m.Fold(cim.Event{Seq: e.Seq, At: e.At, Fact: f})
		if e.Seq == last {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	return m.Snapshot()
}

// checkpointAt waits for the checkpoint of a snapshot.
func checkpointAt(t testing.TB, s *Store, seq uint64) {
	t.Helper()
	until(t, "the checkpoint is written", func() bool {
		var at int64
		err := s.pool.QueryRow(t.Context(), "select seq from checkpoints").Scan(&at)
		return err == nil && uint64(at) == seq
	})
}

func TestARestoredModelIsTheFoldedModel(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	r := s.Recorder(b, RecorderOptions{})
	run(t, r)
	now := time.Now().UTC().Truncate(time.Second)
	send(t, b, littleCity()...)
	send(t, b,
		observations("west", "pm2_5", now.Add(-10*time.Minute), time.Minute, 1, 2, 3, 4, 500, 6),
		observations("east", "pm2_5", now.Add(-time.Minute), time.Second, 7, 8),
		cim.Positions{Positions: []cim.Position{{Unit: "u1", Time: now.Add(-time.Second), Lon: 120.95, Lat: 31.4, Status: "moving"}}},
		cim.IncidentPut{Incident: cim.Incident{ID: "i1", Version: 1, Class: "road", Status: cim.StatusReported, Severity: 2, Lon: 120.9, Lat: 31.4, Reported: now, Due: now.Add(time.Hour)}},
		cim.Indicators{Indicators: []cim.Indicator{{Feed: "water", Key: "k", Name: "level", Time: now, Lon: 121.1, Lat: 31.4, Value: 2.5}}},
	)
	model := cim.NewModel()
	middle := fold(t, model, b)
	r.Offer(middle)
	checkpointAt(t, s, middle.Seq())

	// Loaded at once: the model as it was.
	loaded, pos, err := s.Load(t.Context(), b.Epoch())
	if err != nil {
		t.Fatal(err)
	}
	if pos != middle.Seq() || loaded.Snapshot().Hash() != middle.Hash() {
		t.Errorf("loaded at %d is not the model at %d", pos, middle.Seq())
	}

	// Loaded after more has happened, also to what stands.
	send(t, b,
		observations("west", "pm2_5", now.Add(-5*time.Minute), time.Minute, 6, 7, 8),
		cim.DevicesPut{Devices: []cim.Device{{ID: "new", Lon: 121.05, Lat: 31.3, Datastreams: []cim.Datastream{{Property: "noise", Unit: "dB"}}}}},
		observations("new", "noise", now, time.Second, 60, 61),
		cim.ObjectsRemoved{IDs: []string{"r1"}},
		cim.ObjectsPut{Objects: []cim.Object{{ID: "b2", Layer: cim.LayerBuildings, Geometry: orb.Point{121.01, 31.41}}}},
		cim.UnitsPut{Units: []cim.Unit{{ID: "u2"}}},
		cim.Positions{Positions: []cim.Position{{Unit: "u2", Time: now, Lon: 121.1, Lat: 31.4}}},
	)
	end := fold(t, model, b)
	caughtUp(t, s, b)
	loaded, pos, err = s.Load(t.Context(), b.Epoch())
	if err != nil {
		t.Fatal(err)
	}
	if pos != middle.Seq() {
		t.Errorf("loaded at %d, want the checkpoint's %d", pos, middle.Seq())
	}
	if got := fold(t, loaded, b); got.Hash() != end.Hash() {
		t.Error("the loaded model, folded to the end, is not the model that was never stopped")
	}

	// Another stream: what stands, and nothing that lives.
	loaded, pos, err = s.Load(t.Context(), "another")
	if err != nil {
		t.Fatal(err)
	}
	in := loaded.Snapshot().In(cim.Whole())
	d, ok := in.Device("west")
	if pos != 0 || !ok || !d.Streams[0].Time.IsZero() {
		t.Errorf("with another stream: at %d, device %+v", pos, d)
	}
}

func TestAModelResumesAfterEventsThatAgedOut(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	b, err := streams.Open(t.Context(), streams.Options{Dir: t.TempDir(), Log: quiet, MaxAge: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	r := s.Recorder(b, RecorderOptions{})
	stop := run(t, r)
	send(t, b, littleCity()...)
	model := cim.NewModel()
	snap := fold(t, model, b)
	r.Offer(snap)
	checkpointAt(t, s, snap.Seq())
	stop()
	send(t, b, cim.Tick{}, cim.Tick{})
	until(t, "the events have aged out", func() bool {
		if _, err := b.Forget(t.Context(), snap.Seq()+2); err != nil {
			t.Fatal(err)
		}
		first, err := b.First(t.Context())
		return err == nil && first == snap.Seq()+3
	})
	resumed, err := s.Resume(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	send(t, b, cim.UnitsPut{Units: []cim.Unit{{ID: "later"}}})
	if _, ok := fold(t, resumed, b).In(cim.Whole()).Unit("later"); !ok {
		t.Error("the model did not go on")
	}
	run(t, s.Recorder(b, RecorderOptions{}))
	caughtUp(t, s, b)
	if got := ask[string](t, s, "select first_seq || '-' || last_seq || ' ' || reason from gaps"); got != fmt.Sprintf("%d-%d aged out of the stream", snap.Seq()+1, snap.Seq()+2) {
		t.Errorf("the gap is noted as %s", got)
	}
}

func TestTheStreamNeverFillsUpWhileHistoryKeepsPace(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	b, err := streams.Open(t.Context(), streams.Options{Dir: t.TempDir(), Log: quiet, MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	r := s.Recorder(b, RecorderOptions{Wait: time.Millisecond})
	defer run(t, r)()
	model := cim.NewModel()
	send(t, b, littleCity()...)
	now := time.Now().UTC().Add(-time.Hour)
	values := make([]float64, 1000) // about 90 kB
	for i := range 20 {
		send(t, b, observations("west", "noise", now.Add(time.Duration(i)*time.Second), time.Millisecond, values...))
		snap := fold(t, model, b)
		r.Offer(snap)
		checkpointAt(t, s, snap.Seq())
	}
	until(t, "the record has it all", func() bool { return ask[int](t, s, "select count(*) from observations") == 20*1000 })
	if first, err := b.First(t.Context()); err != nil || first == 1 {
		t.Errorf("the stream still begins at %d (%v)", first, err)
	}
	resumed, err := s.Resume(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if fold(t, resumed, b).Hash() != model.Snapshot().Hash() {
		t.Error("the city is another one after the stream has dropped what it had")
	}
}

func TestAnEmptyDatabaseIsAnEmptyCity(t *testing.T) {
	s := openStore(t, pgtest.Database(t))
	m, pos, err := s.Load(t.Context(), "any")
	if err != nil || pos != 0 || m.Snapshot().Hash() != cim.NewModel().Snapshot().Hash() {
		t.Errorf("loaded at %d: %v", pos, err)
	}
}

func TestACheckpointIsNeverAheadOfTheTables(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	send(t, b, littleCity()...)
	snap := fold(t, cim.NewModel(), b)
	r := s.Recorder(&heldSource{Broker: b, gate: make(chan struct{})}, RecorderOptions{})
	held := r.source.(*heldSource)
	run(t, r)
	r.Offer(snap)
	until(t, "the recorder waits for the stream", func() bool { return held.waits() })
	if n := ask[int](t, s, "select count(*) from checkpoints where seq > 0"); n != 0 {
		t.Error("the checkpoint was written before the rows it needs")
	}
	close(held.gate)
	checkpointAt(t, s, snap.Seq())
}

// heldSource hands out events only once its gate is open.
type heldSource struct {
	*streams.Broker
	gate chan struct{}
	mu   sync.Mutex
	held bool
}

func (h *heldSource) waits() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held
}

func (h *heldSource) Consume(ctx context.Context, from uint64, fn func(streams.Received) error) error {
	h.mu.Lock()
	h.held = true
	h.mu.Unlock()
	select {
	case <-h.gate:
	case <-ctx.Done():
		return ctx.Err()
	}
	return h.Broker.Consume(ctx, from, fn)
}

func TestCellsAreKeptByTheMinuteWhenTheyChanged(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	now := time.Now().UTC()
	send(t, b, littleCity()...)
	model := cim.NewModel()
	first := fold(t, model, b)
	send(t, b, cim.IncidentPut{Incident: cim.Incident{ID: "i1", Version: 1, Class: "road", Status: cim.StatusReported, Severity: 2, Lon: 120.9, Lat: 31.4, Reported: now}})
	second := fold(t, model, b)
	states := newCellStates()
	if err := states.write(t.Context(), s, first); err != nil {
		t.Fatal(err)
	}
	rows := ask[int](t, s, "select count(*) from cell_states")
	if rows == 0 {
		t.Fatal("no cell was kept")
	}
	if err := states.write(t.Context(), s, first); err != nil {
		t.Fatal(err)
	}
	if got := ask[int](t, s, "select count(*) from cell_states"); got != rows {
		t.Errorf("%d rows after a minute in which nothing changed, want %d", got, rows)
	}
	if err := states.writeAt(t.Context(), s, second, second.At().UTC().Truncate(time.Minute).Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	west := geo.CellAt(orb.Point{120.9, 31.4}, geo.BaseResolution)
	ps, err := s.In(cim.Whole()).CellStates(t.Context(), west, now.Add(-time.Hour), now.Add(5*time.Minute))
	if err != nil || len(ps) != 2 || ps[0].Open != 0 || ps[1].Open != 1 || ps[1].Devices != 1 || ps[1].Index != 10 || math.IsNaN(ps[0].Index) {
		t.Errorf("the cell stood as %+v (%v)", ps, err)
	}
	if ps, err := s.In(cim.Scope{Region: "320583002", Layers: cim.AllLayers}).CellStates(t.Context(), west, now.Add(-time.Hour), now.Add(5*time.Minute)); err != nil || len(ps) != 0 {
		t.Errorf("another district sees %+v (%v)", ps, err)
	}
}
