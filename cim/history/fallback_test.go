package history

import (
	"slices"
	"testing"
	"time"

	"onecity/cim"
	"onecity/internal/postgres/pgtest"
	"onecity/streams"
)

// checkpointed is a database with a checkpoint of a little city that has lived.
func checkpointed(t *testing.T, b *streams.Broker) (*Store, *cim.Snapshot) {
	t.Helper()
	s := openStore(t, pgtest.Database(t))
	r := s.Recorder(b, RecorderOptions{})
	defer run(t, r)()
	now := time.Now().UTC().Truncate(time.Second)
	send(t, b, littleCity()...)
	send(t, b,
		observations("west", "pm2_5", now.Add(-time.Minute), time.Second, 7, 8),
		cim.Positions{Positions: []cim.Position{{Unit: "u1", Time: now, Lon: 120.95, Lat: 31.4}}},
		report("open", 1, cim.StatusReported, now),
		report("done", 1, cim.StatusReported, now),
		report("done", 2, cim.StatusClosed, now),
	)
	snap := fold(t, cim.NewModel(), b)
	r.Offer(snap)
	checkpointAt(t, s, snap.Seq())
	return s, snap
}

func report(id string, version uint32, status cim.Status, at time.Time) cim.IncidentPut {
	return cim.IncidentPut{Incident: cim.Incident{ID: id, Version: version, Class: "road", Status: status, Severity: 2, Lon: 120.9, Lat: 31.4, Reported: at}}
}

func TestACheckpointThatCannotBeReadIsReplacedByTheStream(t *testing.T) {
	b := openBroker(t)
	s, snap := checkpointed(t, b)
	for name, sql := range map[string]string{
		"not compressed":     "update checkpoints set body = 'something else'",
		"of another version": "update checkpoints set body = overlay(body placing '\\xff' from length(body) / 2)",
	} {
		if _, err := s.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		m, err := s.Resume(t.Context(), b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := m.Snapshot().Seq(); got != 0 {
			t.Errorf("%s: resumed at %d, want from the stream's beginning", name, got)
		}
		if fold(t, m, b).Hash() != snap.Hash() {
			t.Errorf("%s: the stream folded again makes another city", name)
		}
	}
}

func TestADeviceMissingFromTheTablesIsStillInTheCity(t *testing.T) {
	b := openBroker(t)
	s, snap := checkpointed(t, b)
	if _, err := s.pool.Exec(t.Context(), "delete from devices where id = 'west'"); err != nil {
		t.Fatal(err)
	}
	m, err := s.Resume(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if m.Snapshot().Hash() != snap.Hash() {
		t.Error("the city is another one than at its checkpoint")
	}
}

func TestWhatTheStreamLostAfterTheCheckpointStandsAllTheSame(t *testing.T) {
	b := openBroker(t)
	s, snap := checkpointed(t, b)
	// The record of three events that the stream does not have.
	for _, sql := range []string{
		"update positions set seq = seq + 3",
		"update devices set lon = 121.05 where id = 'west'",
		"insert into units (id, name, kind, org, home, grade, simulated, seq) values ('lost', '', '', '', '', 0, false, 0)",
	} {
		if _, err := s.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	m, err := s.Resume(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	got, want := m.Snapshot().In(cim.Whole()), snap.In(cim.Whole())
	d, _ := got.Device("west")
	was, _ := want.Device("west")
	if _, ok := got.Unit("lost"); !ok || d.Lon != 121.05 || !slices.Equal(d.Streams, was.Streams) {
		t.Errorf("unit %t, device at %g says %+v, want %+v", ok, d.Lon, d.Streams, was.Streams)
	}
	if _, ok := got.Incident("open"); !ok || m.Snapshot().Seq() != snap.Seq() {
		t.Errorf("at %d of %d the incident is there: %t", m.Snapshot().Seq(), snap.Seq(), ok)
	}
}

func TestAStreamThatLostItsNewestEventsIsTakenInAnew(t *testing.T) {
	b := openBroker(t)
	s, snap := checkpointed(t, b)
	ahead := cim.NewModel()
	fold(t, ahead, b)
	ahead.Fold(cim.Event{Seq: snap.Seq() + 100, At: snap.At(), Fact: cim.Tick{}})
	if err := writeCheckpoint(t.Context(), s.pool, b.Epoch(), ahead.Snapshot()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), "update positions set seq = seq + 100"); err != nil {
		t.Fatal(err)
	}
	m, err := s.Resume(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if got := fold(t, m, b); got.Hash() != snap.Hash() {
		t.Errorf("at %d it is another city than at %d", got.Seq(), snap.Seq())
	}
	// The record goes on where the stream ends, and so do the checkpoints.
	r := s.Recorder(b, RecorderOptions{})
	run(t, r)
	until(t, "the record has gone back", func() bool {
		_, seq, _, err := s.Position(t.Context())
		return err == nil && seq == snap.Seq()
	})
	send(t, b, cim.UnitsPut{Units: []cim.Unit{{ID: "later"}}})
	after := fold(t, m, b)
	r.Offer(after)
	checkpointAt(t, s, after.Seq())
	if n := ask[int](t, s, "select count(*) from units where id = 'later'"); n != 1 {
		t.Error("what came after was not recorded")
	}
}

func TestOpenIncidentsOutliveTheStream(t *testing.T) {
	s, _ := checkpointed(t, openBroker(t))
	b := openBroker(t) // another one, empty
	m, err := s.Resume(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	send(t, b, cim.Tick{}, report("open", 2, cim.StatusAccepted, now))
	in := fold(t, m, b).In(cim.Whole())
	if got, ok := in.Incident("open"); !ok || got.Status != cim.StatusAccepted || got.Region != "320583001" {
		t.Errorf("the open incident: %t, %+v", ok, got)
	}
	if _, ok := in.Incident("done"); ok {
		t.Error("a closed incident came back")
	}
}
