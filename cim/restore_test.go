package cim_test

import (
	"bytes"
	"errors"
	"iter"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"onecity/cim"
)

// table is the objects that a store would hold after some events.
type table map[string]cim.Object

func stored(es []cim.Event) table {
	t := table{}
	for _, e := range es {
		switch f := e.Fact.(type) {
		case cim.ObjectsPut:
			for _, o := range f.Objects {
				t[o.ID] = o
			}
		case cim.ObjectsRemoved:
			for _, id := range f.IDs {
				delete(t, id)
			}
		}
	}
	return t
}

func (t table) facts() iter.Seq2[cim.Fact, error] {
	return func(yield func(cim.Fact, error) bool) {
		yield(cim.ObjectsPut{Objects: slices.Collect(maps.Values(t))}, nil)
	}
}

func restoreFrom(t *testing.T, standing table, s *cim.Snapshot) *cim.Model {
	t.Helper()
	var b bytes.Buffer
	if err := s.Checkpoint(&b); err != nil {
		t.Fatal(err)
	}
	m, err := cim.Restore(standing.facts(), &b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func checkpointOf(t *testing.T, s *cim.Snapshot) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Checkpoint(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestARestoredModelGoesOnLikeTheOneThatWroteTheCheckpoint(t *testing.T) {
	forSeeds(t, 8, func(t *testing.T, seed uint64) {
		es := chapter(seed, 400)
		live := cim.NewModel()
		for _, e := range es[:200] {
			live.Fold(e)
		}
		s := live.Snapshot()
		m := restoreFrom(t, stored(es[:200]), s)
		if got := m.Snapshot(); got.Hash() != s.Hash() || got.Seq() != s.Seq() || !got.At().Equal(s.At()) {
			t.Fatalf("restored at %d: it differs", s.Seq())
		}
		if !bytes.Equal(checkpointOf(t, m.Snapshot()), checkpointOf(t, s)) {
			t.Error("its checkpoint differs")
		}
		if a, b := see(m.Snapshot().In(cim.Whole())), see(s.In(cim.Whole())); !maps.Equal(a, b) {
			t.Error("a reader sees another city")
		}
		for _, e := range es[200:] {
			live.Fold(e)
			m.Fold(e)
		}
		if m.Snapshot().Hash() != live.Snapshot().Hash() {
			t.Error("200 events later it differs")
		}
		got, want := m.Snapshot().In(cim.Whole()), live.Snapshot().In(cim.Whole())
		if g, w := got.Tally(""), want.Tally(""); g.Observations != w.Observations || g.Devices != w.Devices || g.Alarms != w.Alarms {
			t.Errorf("tally %+v, want %+v", g, w)
		}
		if !maps.Equal(got.Ignored(), want.Ignored()) {
			t.Errorf("ignored %v, want %v", got.Ignored(), want.Ignored())
		}
	})
}

// Whatever stood where at the checkpoint, and has been moved, renamed, removed
// or redrawn since: what was said before it counts where it was said.
func TestAModelRestoredAtAnyPositionWithNewerObjectsIsTheOneThatNeverStopped(t *testing.T) {
	forSeeds(t, 24, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 9))
		es := restless(seed, 300)
		checkpoint := r.IntN(len(es) + 1)
		objects := checkpoint + r.IntN(len(es)+1-checkpoint)
		live := cim.NewModel()
		for _, e := range es[:checkpoint] {
			live.Fold(e)
		}
		m := restoreFrom(t, stored(es[:objects]), live.Snapshot())
		for i, e := range es[checkpoint:] {
			live.Fold(e)
			m.Fold(e)
			if at := checkpoint + i + 1; at >= objects && (at == objects || at == len(es)) {
				want, got := live.Snapshot(), m.Snapshot()
				if got.Hash() != want.Hash() {
					t.Fatalf("checkpoint at %d, objects of %d: at %d it is another city", checkpoint, objects, at)
				}
				if a, b := see(got.In(cim.Whole())), see(want.In(cim.Whole())); !maps.Equal(a, b) {
					t.Fatalf("checkpoint at %d, objects of %d: at %d a reader sees another city", checkpoint, objects, at)
				}
				g, w := got.In(cim.Whole()).Tally(""), want.In(cim.Whole()).Tally("")
				if !reflect.DeepEqual(g, w) {
					t.Fatalf("tally %+v, want %+v", g, w)
				}
			}
		}
	})
}

func TestStandingFactsBesideTheObjectsArePutOverTheCheckpoint(t *testing.T) {
	c := newCity(t, fourTowns(), cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35)}})
	c.take(observed("a", "pm2_5", noon, 35))
	moved := cim.DevicesPut{Devices: []cim.Device{airDevice("a", 121.05, 31.35), airDevice("b", 120.95, 31.35)}}
	m, err := cim.Restore(func(yield func(cim.Fact, error) bool) { yield(moved, nil) }, bytes.NewReader(checkpointOf(t, c.Snapshot())))
	if err != nil {
		t.Fatal(err)
	}
	c.take(moved)
	m.Fold(cim.Event{Seq: c.seq, At: c.now, Fact: cim.Tick{}})
	if m.Snapshot().Hash() != c.Snapshot().Hash() {
		t.Error("it is not the city in which the device has moved after it spoke")
	}
}

func TestFreshAfterARestoreTellsNobodyThatAnOldTileIsStillTrue(t *testing.T) {
	es := chapter(1, 100)
	live := cim.NewModel()
	for _, e := range es {
		live.Fold(e)
	}
	s := live.Snapshot()
	r := restoreFrom(t, stored(es), s).Snapshot().In(cim.Whole())
	for l := range cim.Layer(cim.LayerCount) {
		if got := r.Fresh(l, whole); got != s.Seq() {
			t.Errorf("%s: %d, want %d", l, got, s.Seq())
		}
	}
}

func TestWhatCannotBeRestoredSaysWhy(t *testing.T) {
	es := chapter(2, 200)
	live := cim.NewModel()
	for _, e := range es {
		live.Fold(e)
	}
	good := checkpointOf(t, live.Snapshot())
	standing := stored(es)
	broken := errors.New("the table is gone")
	for _, c := range []struct {
		name     string
		standing iter.Seq2[cim.Fact, error]
		data     []byte
		want     string
	}{
		{"cut short", standing.facts(), good[:len(good)/2], "unexpected EOF"},
		{"something else", standing.facts(), []byte("a text that is long enough"), "broken"},
		{"another version's", standing.facts(), slices.Concat([]byte("ONECITY\xff"), good[8:]), "cannot be read"},
		{"an incident beside a checkpoint", func(yield func(cim.Fact, error) bool) { yield(cim.IncidentPut{}, nil) }, good, "no standing fact"},
		{"an observation among the standing facts", func(yield func(cim.Fact, error) bool) { yield(cim.Observations{}, nil) }, good, "no standing fact"},
		{"the store fails", func(yield func(cim.Fact, error) bool) { yield(nil, broken) }, good, broken.Error()},
	} {
		_, err := cim.Restore(c.standing, bytes.NewReader(c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := cim.Restore(func(yield func(cim.Fact, error) bool) { yield(nil, broken) }, nil); !errors.Is(err, broken) {
		t.Errorf("%v is not the store's error", err)
	}
}

func TestOnlyTheCheckpointsOwnFaultsAreErrCheckpoint(t *testing.T) {
	es := chapter(2, 50)
	live := cim.NewModel()
	for _, e := range es {
		live.Fold(e)
	}
	broken := errors.New("the table is gone")
	if _, err := cim.Restore(stored(es).facts(), strings.NewReader("ONECITY\xff and what else there is")); !errors.Is(err, cim.ErrCheckpoint) {
		t.Errorf("another version's: %v", err)
	}
	_, err := cim.Restore(func(yield func(cim.Fact, error) bool) { yield(nil, broken) }, bytes.NewReader(checkpointOf(t, live.Snapshot())))
	if !errors.Is(err, broken) || errors.Is(err, cim.ErrCheckpoint) {
		t.Errorf("the store's: %v", err)
	}
}
