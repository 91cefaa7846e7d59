package history

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/cimtest"
	"onecity/geo"
	"onecity/internal/postgres/pgtest"
	"onecity/streams"

	"github.com/paulmach/orb"
)

// cells is what each base cell counts and says: every window of every property,
// incidents, units, alarms, indicators.
func cells(s *cim.Snapshot) map[geo.Cell]string {
	all := map[geo.Cell]string{}
	s.In(cim.Whole()).Cells(geo.BaseResolution, world, func(c *cim.CellState) bool {
		x := *c
		x.Seq = 0 // says when, not what
		if math.IsNaN(x.Index) {
			x.Index = -1
		}
		b, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		all[c.Cell] = string(b)
		return true
	})
	return all
}

// sameCity fails the test where got is not want, cell by cell and as a whole.
func sameCity(t testing.TB, got, want *cim.Snapshot) {
	t.Helper()
	g, w := cells(got), cells(want)
	for c, says := range w {
		if g[c] != says {
			t.Errorf("cell %x:\n got %s\nwant %s", uint64(c), g[c], says)
		}
	}
	if len(g) != len(w) {
		t.Errorf("%d cells, want %d", len(g), len(w))
	}
	if got.Hash() != want.Hash() {
		t.Errorf("at %d and %d the cities differ", got.Seq(), want.Seq())
	}
}

// restarted is the city after kill -9 and a restart.
func restarted(t testing.TB, s *Store, b *streams.Broker) *cim.Model {
	t.Helper()
	m, err := s.Resume(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	fold(t, m, b)
	return m
}

// count is how much of pm2.5 the hour holds in the cell of a place.
func count(s *cim.Snapshot, lon, lat float64) int {
	c, _ := s.In(cim.Whole()).Cell(geo.CellAt(orb.Point{lon, lat}, geo.BaseResolution))
	for _, p := range c.Properties {
		if p.Property == "pm2_5" {
			return int(p.Windows[cim.Hour].Count)
		}
	}
	return 0
}

// moving is a day in which a device speaks, moves, and speaks again, while the
// regions change and it gets and loses datastreams.
func moving(now time.Time) []cim.Fact {
	at := func(lon float64, streams ...cim.Datastream) cim.Fact {
		return cim.DevicesPut{Devices: []cim.Device{{ID: "west", Name: "西站", Kind: "air", Lon: lon, Lat: 31.4, Datastreams: streams}}}
	}
	pm, noise := cim.Datastream{Property: "pm2_5", Unit: "ug/m3"}, cim.Datastream{Property: "noise", Unit: "dB"}
	city := littleCity()[1].(cim.RegionsPut)
	return []cim.Fact{
		observations("west", "pm2_5", now.Add(-9*time.Minute), time.Second, 4, 5),
		at(120.95, pm),
		observations("west", "pm2_5", now.Add(-8*time.Minute), time.Second, 6),
		observations("west", "noise", now.Add(-8*time.Minute), time.Second, 50), // not now
		cim.RegionsPut{Regions: city.Regions[:2]},
		observations("east", "pm2_5", now.Add(-7*time.Minute), time.Second, 7),
		at(121.05, pm, noise),
		observations("west", "pm2_5", now.Add(-6*time.Minute), time.Second, 8, 9, 10),
		observations("west", "noise", now.Add(-6*time.Minute), time.Second, 51),
		cim.RegionsPut{Regions: city.Regions},
	}
}

func TestADeviceThatMovedAfterTheCheckpointCountsWhereItSpoke(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	r := s.Recorder(b, RecorderOptions{})
	stop := run(t, r)
	now := time.Now().UTC().Truncate(time.Second)
	send(t, b, littleCity()...)
	send(t, b, observations("west", "pm2_5", now.Add(-10*time.Minute), time.Second, 1, 2, 3))
	never := cim.NewModel()
	snap := fold(t, never, b)
	r.Offer(snap)
	checkpointAt(t, s, snap.Seq())
	send(t, b, moving(now)...)
	caughtUp(t, s, b)
	stop()
	want := fold(t, never, b)
	got := restarted(t, s, b).Snapshot()
	for lon, n := range map[float64]int{120.9: 5, 120.95: 1, 121.05: 3, 121.1: 1} {
		if count(got, lon, 31.4) != n || count(want, lon, 31.4) != n {
			t.Errorf("at %g the hour counts %d, never stopped %d, want %d", lon, count(got, lon, 31.4), count(want, lon, 31.4), n)
		}
	}
	sameCity(t, got, want)
}

func TestAKillBeforeTheFirstCheckpointLosesNothing(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	stop := run(t, s.Recorder(b, RecorderOptions{}))
	now := time.Now().UTC().Truncate(time.Second)
	send(t, b, littleCity()...)
	send(t, b, moving(now)...)
	caughtUp(t, s, b)
	stop()
	sameCity(t, restarted(t, s, b).Snapshot(), fold(t, cim.NewModel(), b))

	// Another stream begins with what the first has left, and is the same after
	// a kill before its first minute as without.
	b = openBroker(t)
	never, err := s.Resume(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	stop = run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, moving(now.Add(time.Second))...)
	send(t, b, cim.ObjectsRemoved{IDs: []string{"b1"}})
	caughtUp(t, s, b)
	stop()
	sameCity(t, restarted(t, s, b).Snapshot(), fold(t, never, b))
}

// Whatever happens, whenever a checkpoint is offered, however far the record
// is, whenever the program is killed.
func TestARestartAtAnyMomentIsAsIfThereHadBeenNone(t *testing.T) {
	for seed := range uint64(3) {
		s, b := openStore(t, pgtest.Database(t)), openBroker(t)
		r := rand.New(rand.NewPCG(seed, 11))
		story := cimtest.NewStory(seed)
		send(t, b, cimtest.FourTowns())
		never, m := cim.NewModel(), cim.NewModel()
		for restart := range 4 {
			recorder := s.Recorder(b, RecorderOptions{Wait: time.Millisecond})
			stop := run(t, recorder)
			for range 10 + r.IntN(60) {
				story.Now = time.Now()
				f := story.Fact()
				if r.IntN(12) == 0 {
					f = cimtest.Reform(r)
				}
				send(t, b, f)
				switch r.IntN(15) {
				case 0:
					recorder.Offer(fold(t, m, b))
				case 1:
					recorder.OfferCheckpoint(fold(t, m, b))
				case 2:
					caughtUp(t, s, b)
				}
			}
			stop()
			m = restarted(t, s, b)
			if sameCity(t, m.Snapshot(), fold(t, never, b)); t.Failed() {
				t.Fatalf("seed %d, restart %d", seed, restart)
			}
		}
	}
}

func TestAnObjectThatIsPutAndRemovedAndPutAtOnceIsThereOnce(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	put := func(id string) cim.Fact {
		return cim.ObjectsPut{Objects: []cim.Object{{ID: id, Layer: cim.LayerPlaces, Geometry: orb.Point{121, 31.4}}}}
	}
	// All in the stream before the recorder comes: one transaction.
	send(t, b, put("again"), put("gone"), cim.ObjectsRemoved{IDs: []string{"again", "gone"}}, put("again"), cim.ObjectsRemoved{}, put("other"))
	run(t, s.Recorder(b, RecorderOptions{}))
	caughtUp(t, s, b)
	if got := ask[string](t, s, "select string_agg(id, ' ' order by id) from objects"); got != "again other" {
		t.Errorf("the record has %s, want again other", got)
	}
}

func TestAnObjectThatTheModelDoesNotTakeReplacesNoneInTheRecord(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	r := s.Recorder(b, RecorderOptions{})
	run(t, r)
	send(t, b, littleCity()...)
	send(t, b, cim.ObjectsPut{Objects: []cim.Object{
		{ID: "b1", Layer: cim.LayerBuildings, Geometry: orb.Point{200, 31}},
		{ID: "r1", Layer: cim.LayerDevices, Geometry: orb.Point{121, 31.4}},
	}})
	snap := fold(t, cim.NewModel(), b)
	r.Offer(snap)
	checkpointAt(t, s, snap.Seq())
	sameCity(t, restarted(t, s, b).Snapshot(), snap)
}

func TestAGracefulStopLeavesNothingToFold(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	r := s.Recorder(b, RecorderOptions{})
	stop := run(t, r)
	send(t, b, littleCity()...)
	caughtUp(t, s, b)
	stop()
	send(t, b, moving(time.Now())...) // the record is behind
	snap := fold(t, cim.NewModel(), b)
	if err := r.Finish(t.Context(), snap); err != nil {
		t.Fatal(err)
	}
	m, pos, err := s.Load(t.Context(), b.Epoch())
	if err != nil || pos != snap.Seq() {
		t.Fatalf("loaded at %d of %d: %v", pos, snap.Seq(), err)
	}
	sameCity(t, m.Snapshot(), snap)
}

func TestAStopWhileAnotherNodeRecordsLeavesTheCheckpointsToIt(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	send(t, b, littleCity()...)
	caughtUp(t, s, b)
	if err := s.Recorder(b, RecorderOptions{}).Finish(t.Context(), fold(t, cim.NewModel(), b)); err != nil {
		t.Fatal(err)
	}
	if n := ask[int](t, s, "select count(*) from checkpoints where seq > 0"); n != 0 {
		t.Error("two nodes wrote")
	}
}

func TestAStopWithoutADatabaseSaysSo(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	snap := fold(t, cim.NewModel(), b)
	s.Close()
	if err := s.Recorder(b, RecorderOptions{}).Finish(t.Context(), snap); err == nil || errors.Is(err, errTaken) {
		t.Errorf("the error is %v", err)
	}
}
