package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/cimtest"
	"onecity/geo"
	"onecity/internal/postgres/pgtest"

	"github.com/paulmach/orb"
)

func TestTheRecordShowsExactlyWhatTheGrantsCover(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	for _, e := range cimtest.Chapter(3, 400) {
		send(t, b, e.Fact)
	}
	now := time.Now().UTC().Truncate(time.Minute)
	var ids []string
	for i := range 12 {
		ids = append(ids, fmt.Sprint("d", i))
		send(t, b, observations(ids[i], "pm2_5", now.Add(-time.Minute), time.Second, 1))
	}
	caughtUp(t, s, b)
	ctx := t.Context()
	all, err := s.In(cim.Whole()).Incidents(ctx, IncidentFilter{Limit: MaxPoints})
	if err != nil || len(all) < 5 {
		t.Fatalf("%d incidents (%v)", len(all), err)
	}
	codes := []geo.Code{"", "320583", "320583100", "320583101", "320583102", "320583103", "32058310"}
	r := rand.New(rand.NewPCG(3, 51))
	shown := 0
	for range 60 {
		var grants []cim.Grant
		for range r.IntN(4) {
			grants = append(grants, cim.Grant{Region: codes[r.IntN(len(codes))], Layers: cim.Layers(r.IntN(1 << cim.LayerCount)), Grade: cim.Grade(r.IntN(3))})
		}
		reader := s.In(cim.NewGrants(grants).Scope())
		covers := func(l cim.Layer, c geo.Code, g cim.Grade) bool {
			return slices.ContainsFunc(grants, func(v cim.Grant) bool {
				return v.Region.Contains(c) && v.Layers.Has(l) && g <= v.Grade
			})
		}
		region := codes[r.IntN(len(codes))]
		list, err := reader.Incidents(ctx, IncidentFilter{Limit: MaxPoints, Region: region})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range all {
			may := covers(cim.LayerIncidents, in.Region, in.Grade)
			listed := slices.ContainsFunc(list, func(o cim.Incident) bool { return o.ID == in.ID })
			_, found, err := reader.Incident(ctx, in.ID)
			steps, err2 := reader.Steps(ctx, in.ID)
			if err != nil || err2 != nil || found != may || (len(steps) > 0) != may || listed != (may && region.Contains(in.Region)) {
				t.Errorf("%+v in %q: incident %s in %q graded %d: listed %v, found %v, %d steps (%v, %v)",
					grants, region, in.ID, in.Region, in.Grade, listed, found, len(steps), err, err2)
			}
			if may {
				shown++
			}
		}
		for _, id := range ids {
			ps, err := reader.Series(ctx, id, "pm2_5", now.Add(-time.Hour), now, 0)
			var at string
			var grade int
			has := false
			if e := s.pool.QueryRow(ctx, `select d.region, d.grade, exists (select 1 from datastreams ds join properties p on p.id = ds.property
				join observations o on o.stream = ds.id where ds.device = d.id and p.name = 'pm2_5' and o.time >= $2) from devices d where d.id = $1`,
				id, now.Add(-time.Hour)).Scan(&at, &grade, &has); e != nil {
				continue // none of that name stands
			}
			if may := has && covers(cim.LayerDevices, geo.Code(at), cim.Grade(grade)); err != nil || (len(ps) > 0) != may {
				t.Errorf("%+v: series of %s in %q graded %d: %d points (%v)", grants, id, at, grade, len(ps), err)
			}
		}
	}
	if shown < 100 {
		t.Errorf("only %d incidents shown: the test tries too little", shown)
	}
}

func TestACellsCourseHoldsHiddenDevicesOnlyWhereTheyAreEnough(t *testing.T) {
	s, b := openStore(t, pgtest.Database(t)), openBroker(t)
	run(t, s.Recorder(b, RecorderOptions{}))
	at := orb.Point{120.9, 31.4}
	base := geo.CellAt(at, geo.BaseResolution)
	var beside geo.Cell // in the same cell of resolution 8
	for _, c := range base.Parent(8).Children(geo.BaseResolution) {
		if c != base {
			beside = c
		}
	}
	device := func(id string, cell geo.Cell, grade cim.Grade) cim.Device {
		p := cell.Centre()
		return cim.Device{ID: id, Lon: p[0], Lat: p[1], Grade: grade, Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}}}
	}
	send(t, b, littleCity()[1], cim.DevicesPut{Devices: []cim.Device{
		device("open", base, 0), device("a", base, 1), device("b", base, 1), device("c", beside, 1), device("deep", base, 2),
	}})
	now := time.Now().UTC().Truncate(time.Minute)
	for _, id := range []string{"open", "a", "b", "c", "deep"} {
		send(t, b, observations(id, "pm2_5", now.Add(-time.Minute), time.Second, 10))
	}
	caughtUp(t, s, b)
	count := func(grade cim.Grade, cell geo.Cell) (n uint64) {
		t.Helper()
		ps, err := s.In(cim.Scope{Region: "320583001", Layers: cim.AllLayers, Grade: grade}).CellSeries(t.Context(), cell, "pm2_5", now.Add(-time.Hour), now, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range ps {
			n += p.Count
		}
		return n
	}
	check := func(what string, want ...uint64) {
		t.Helper()
		var got []uint64
		for _, cell := range []geo.Cell{base, beside, base.Parent(8)} {
			for grade := range cim.Grade(3) {
				got = append(got, count(grade, cell))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v observations, want %v", what, got, want)
		}
	}
	// Of the cell, the one beside and the one around both; each for grades 0, 1, 2.
	check("three are enough", 1, 3, 4, 0, 1, 1, 4, 4, 5)
	send(t, b, cim.PrivacyPut{Privacy: cim.Privacy{Least: 2}})
	caughtUp(t, s, b)
	check("two are enough", 3, 3, 4, 0, 1, 1, 3, 4, 5)
	send(t, b, cim.PrivacyPut{Privacy: cim.Privacy{Least: 1}})
	caughtUp(t, s, b)
	check("one is enough", 4, 4, 4, 1, 1, 1, 5, 5, 5)

	counts, err := s.In(cim.Scope{Layers: cim.AllLayers, Grade: 1}).ObservationCounts(t.Context(), "320583", now.Add(-time.Hour), now)
	if err != nil || len(counts) != 1 || counts[0].Count != 4 {
		t.Errorf("observations of devices up to grade 1: %v (%v)", counts, err)
	}
	// How cells stood is kept for all grades together.
	if err := newCellStates().writeAt(t.Context(), s, fourDevices(), now.Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	for grade := range cim.Grade(3) {
		states, err := s.In(cim.Scope{Region: "320583001", Layers: cim.AllLayers, Grade: grade}).CellStates(t.Context(), base, now.Add(-time.Hour), now)
		if err != nil || (len(states) > 0) != (grade == 2) {
			t.Errorf("states for grade %d: %v (%v)", grade, states, err)
		}
	}
}

// fourDevices is a model in which four devices stand in the cell of the test.
func fourDevices() *cim.Snapshot {
	m := cim.NewModel()
	put := cim.DevicesPut{}
	for i := range 4 {
		put.Devices = append(put.Devices, cim.Device{ID: fmt.Sprint(i), Lon: 120.9, Lat: 31.4})
	}
	for i, f := range []cim.Fact{littleCity()[1], put} {
		m.Fold(cim.Event{Seq: uint64(i + 1), At: time.Now(), Fact: f})
	}
	return m.Snapshot()
}
