package cim_test

import (
	"bytes"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/cim"
)

// register is what a store of standing facts would hold after some events.
type register struct {
	regions cim.Fact
	formula cim.Fact
	objects map[string]cim.Object
	devices map[string]cim.Device
	units   map[string]cim.Unit
}

func registered(es []cim.Event) *register {
	r := &register{objects: map[string]cim.Object{}, devices: map[string]cim.Device{}, units: map[string]cim.Unit{}}
	for _, e := range es {
		switch f := e.Fact.(type) {
		case cim.RegionsPut:
			r.regions = f
		case cim.FormulaPut:
			r.formula = f
		case cim.ObjectsPut:
			for _, o := range f.Objects {
				r.objects[o.ID] = o
			}
		case cim.ObjectsRemoved:
			for _, id := range f.IDs {
				delete(r.objects, id)
			}
		case cim.DevicesPut:
			for _, d := range f.Devices {
				r.devices[d.ID] = d
			}
		case cim.UnitsPut:
			for _, u := range f.Units {
				r.units[u.ID] = u
			}
		}
	}
	return r
}

func (r *register) facts() iter.Seq2[cim.Fact, error] {
	return func(yield func(cim.Fact, error) bool) {
		_ = yield(r.regions, nil) && yield(r.formula, nil) &&
			yield(cim.ObjectsPut{Objects: slices.Collect(maps.Values(r.objects))}, nil) &&
			yield(cim.DevicesPut{Devices: slices.Collect(maps.Values(r.devices))}, nil) &&
			yield(cim.UnitsPut{Units: slices.Collect(maps.Values(r.units))}, nil)
	}
}

func restoreFrom(t *testing.T, standing *register, s *cim.Snapshot) *cim.Model {
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
		m := restoreFrom(t, registered(es[:200]), s)
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

func TestAModelRestoredWithNewerStandingFactsConverges(t *testing.T) {
	forSeeds(t, 4, func(t *testing.T, seed uint64) {
		es := chapter(seed, 400)
		live := cim.NewModel()
		for _, e := range es[:200] {
			live.Fold(e)
		}
		m := restoreFrom(t, registered(es[:300]), live.Snapshot())
		end := es[len(es)-1]
		tail := append(slices.Clone(es[200:]),
			cim.Event{Seq: end.Seq + 1, At: end.At.Add(25 * time.Hour), Fact: cim.Tick{}})
		for _, e := range tail {
			live.Fold(e)
			m.Fold(e)
		}
		a, b := see(m.Snapshot().In(cim.Whole())), see(live.Snapshot().In(cim.Whole()))
		for k, want := range b {
			// A value told before its device was registered stays with the one
			// who knew the device already.
			if k.layer != cim.LayerDevices && k.layer != cim.LayerCells && k.layer != cim.LayerUnits && a[k].tells != want.tells {
				t.Errorf("%v: %s, want %s", k, a[k].tells, want.tells)
			}
		}
		if len(a) != len(b) {
			t.Errorf("%d things, want %d", len(a), len(b))
		}
	})
}

func TestFreshAfterARestoreTellsNobodyThatAnOldTileIsStillTrue(t *testing.T) {
	es := chapter(1, 100)
	live := cim.NewModel()
	for _, e := range es {
		live.Fold(e)
	}
	s := live.Snapshot()
	r := restoreFrom(t, registered(es), s).Snapshot().In(cim.Whole())
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
	standing := registered(es)
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
	broken := errors.New("the table is gone")
	if _, err := cim.Restore(registered(es).facts(), strings.NewReader("ONECITY\xff and what else there is")); !errors.Is(err, cim.ErrCheckpoint) {
		t.Errorf("another version's: %v", err)
	}
	_, err := cim.Restore(func(yield func(cim.Fact, error) bool) { yield(nil, broken) }, strings.NewReader("x"))
	if !errors.Is(err, broken) || errors.Is(err, cim.ErrCheckpoint) {
		t.Errorf("the store's: %v", err)
	}
}

func TestADeviceAndAUnitThatNoLongerStandAreLeftOutOfTheRestoredCity(t *testing.T) {
	es := chapter(2, 200)
	live := cim.NewModel()
	for _, e := range es {
		live.Fold(e)
	}
	in := live.Snapshot().In(cim.Whole())
	standing := registered(es)
	var device, unit string
	for id := range standing.devices {
		if d, ok := in.Device(id); ok && !d.Seen.IsZero() {
			device = id
		}
	}
	for id := range standing.units {
		if u, ok := in.Unit(id); ok && !u.Position.Time.IsZero() {
			unit = id
		}
	}
	if device == "" || unit == "" {
		t.Fatal("nobody was heard")
	}
	delete(standing.devices, device)
	delete(standing.units, unit)
	m := restoreFrom(t, standing, live.Snapshot())
	if m.LeftOut() != 2 {
		t.Errorf("%d were left out, want the device and the unit", m.LeftOut())
	}
	got := m.Snapshot().In(cim.Whole())
	if _, ok := got.Device(device); ok {
		t.Error("the device came back")
	}
	for id := range standing.devices {
		was, _ := in.Device(id)
		is, ok := got.Device(id)
		if !ok || !slices.Equal(is.Streams, was.Streams) {
			t.Errorf("device %s says %+v, want %+v", id, is.Streams, was.Streams)
		}
	}
}
