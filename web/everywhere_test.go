package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/cimtest"
	"onecity/cim/history"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
)

// watched are the layers of single things: where each is listed, and what its
// rows are in the record.
var watched = []struct {
	layer     cim.Layer
	list, key string
	sql       string
}{
	{cim.LayerDevices, "/api/v1/devices", "devices", "select id from devices"},
	{cim.LayerUnits, "/api/v1/units", "units", "select distinct u.id from units u join unit_tracks t on t.unit = u.n"},
	{cim.LayerIncidents, "/api/v1/incidents", "incidents", "select id from incidents"},
}

// testRoles are the standard ones that may look, and some that see a part.
func testRoles() []access.Role {
	roles := access.Standard()
	for g := range uint8(4) {
		roles = append(roles,
			access.Role{Code: fmt.Sprint("devices-", g), Does: []access.Action{access.CityView}, Layers: []string{"devices"}, Grade: g},
			access.Role{Code: fmt.Sprint("moving-", g), Does: []access.Action{access.CityView}, Layers: []string{"units", "incidents"}, Grade: g})
	}
	return roles
}

// randomSubject holds up to four bindings, on either tree.
func randomSubject(t *testing.T, r *rand.Rand) *access.Subject {
	t.Helper()
	codes := []string{"", "320583", "320583100", "320583101", "320583102", "320583103", "3205831", "320584", "320583100001"}
	roles := testRoles()
	var bindings []access.Binding
	for n := range r.IntN(5) {
		b := access.Binding{ID: fmt.Sprint(n), Subject: "person:reader", Role: roles[r.IntN(len(roles))].Code, On: access.Node{Code: codes[r.IntN(len(codes))]}}
		if r.IntN(5) == 0 {
			b.On = access.Node{Axis: access.ByOrg, Code: "0001"} // reaches nothing of the city
		}
		bindings = append(bindings, b)
	}
	table, err := access.Compile(roles, bindings, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return table.Subject("person:reader")
}

// reached says by the bindings alone whether a thing may be seen.
func reached(s *access.Subject, l cim.Layer, region geo.Code, grade cim.Grade) bool {
	return slices.ContainsFunc(s.Scope(access.CityView), func(v access.Reach) bool {
		return v.On.Axis == access.ByRegion && strings.HasPrefix(string(region), v.On.Code) && uint8(grade) <= v.Grade && slices.Contains(v.Layers, l.String())
	})
}

// TestWhatMayBeSeenIsSeenEverywhereAndNothingElse: by the bindings ⇔ in the
// list ⇔ by id ⇔ in a tile ⇔ in a frame ⇔ in the record behind row-level
// security, for things that move and change their grade.
func TestWhatMayBeSeenIsSeenEverywhereAndNothingElse(t *testing.T) {
	var caller atomic.Pointer[Caller]
	w := newTown(t, townOptions{who: func(*http.Request) (Caller, error) { return *caller.Load(), nil }})
	store, pool := record(t, w)
	wall, err := database.WallOf(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(11, 24))
	w.put(cimtest.FourTowns())
	seen, hidden := 0, 0
	for world := range 40 {
		if world%2 == 0 {
			w.stir(r, world)
			recorded(t, w, store)
		}
		s := randomSubject(t, r)
		scope := scopeOf(s)
		caller.Store(&Caller{ID: "person:reader", Rights: s, Scope: scope})
		things := w.things()
		tiles := w.tiled(t)
		wanted := map[string]map[string]bool{}
		for _, a := range watched {
			wanted[a.key] = map[string]bool{}
			for id, th := range things[a.layer] {
				if reached(s, a.layer, th.region, th.grade) {
					wanted[a.key][id] = true
				}
			}
		}
		frame := w.framed(t, wanted)
		for _, a := range watched {
			listed := w.listed(a.list, a.key)
			rows, err := database.Collect(t.Context(), wall, wallScope(scope), a.sql, nil, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			recorded := map[string]bool{}
			for _, id := range rows {
				recorded[id] = true
			}
			if a.layer == cim.LayerIncidents {
				ins, err := store.In(scope).Incidents(t.Context(), history.IncidentFilter{Limit: history.MaxPoints})
				if err != nil || len(ins) != len(recorded) || slices.ContainsFunc(ins, func(in cim.Incident) bool { return !recorded[in.ID] }) {
					t.Errorf("%s: the record lists %d incidents, behind the wall alone there are %d (%v)", scope, len(ins), len(recorded), err)
				}
			}
			for id, th := range things[a.layer] {
				want := wanted[a.key][id]
				byID := w.ask("GET", a.list+"/"+id, "").status == 200
				got := map[string]bool{"scope": scope.Sees(a.layer, th.region, th.grade), "list": listed[id], "id": byID,
					"tile": tiles[a.key][id], "frame": frame[a.key][id], "record": recorded[id]}
				for where, is := range got {
					if is != want {
						t.Errorf("world %d, %s: %s in %q graded %d: %s %v, want %v", world, scope, id, th.region, th.grade, where, is, want)
					}
				}
				// Rights know no layers: they allow at least what is seen, and no more
				// where every role sees all.
				can := s.Can(access.CityView, access.Object{Region: string(th.region), Grade: uint8(th.grade), NoOrg: true})
				if want && !can || can && !want && whole(s) {
					t.Errorf("world %d, %s: %s in %q graded %d: Can is %v, seen %v", world, scope, id, th.region, th.grade, can, want)
				}
				if want {
					seen++
				} else {
					hidden++
				}
			}
			for where, ids := range map[string]map[string]bool{"list": listed, "tile": tiles[a.key], "frame": frame[a.key], "record": recorded} {
				for id := range ids {
					if _, is := things[a.layer][id]; !is {
						t.Errorf("world %d: the %s shows %s, which is not there", world, where, id)
					}
				}
			}
		}
	}
	if seen < 300 || hidden < 300 {
		t.Errorf("%d seen and %d hidden: the test tries too little", seen, hidden)
	}
}

// whole reports whether every role of s that looks sees every layer.
func whole(s *access.Subject) bool {
	return !slices.ContainsFunc(s.Scope(access.CityView), func(v access.Reach) bool { return len(v.Layers) < cim.LayerCount })
}

// record runs a recorder of the town's stream.
func record(t *testing.T, w *town) (*history.Store, *pgxpool.Pool) {
	t.Helper()
	dsn := pgtest.Database(t)
	store, err := history.Open(t.Context(), dsn, history.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	pool, err := database.Open(t.Context(), dsn, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- store.Recorder(w.broker, history.RecorderOptions{Wait: 10 * time.Millisecond}).Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-done })
	return store, pool
}

func recorded(t *testing.T, w *town, store *history.Store) {
	t.Helper()
	last, err := w.broker.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the record at the end of the stream", func() bool {
		_, seq, _, err := store.Position(t.Context())
		return err == nil && seq >= last
	})
}

// stir puts every thing somewhere else, with another grade; some outside every
// region.
func (w *town) stir(r *rand.Rand, world int) {
	w.t.Helper()
	place := func() (lon, lat float64) { return 120.88 + 0.24*r.Float64(), 31.28 + 0.24*r.Float64() }
	var devices cim.DevicesPut
	var units cim.UnitsPut
	var positions cim.Positions
	now := time.Now().UTC()
	for n := range 8 {
		lon, lat := place()
		devices.Devices = append(devices.Devices, cim.Device{ID: fmt.Sprint("d", n), Kind: "air", Lon: lon, Lat: lat, Grade: cim.Grade(r.IntN(4)),
			Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}}})
		// The record keeps where a unit was: each world has units of its own.
		id := fmt.Sprint("u", world, "-", n)
		units.Units = append(units.Units, cim.Unit{ID: id, Kind: "grid", Grade: cim.Grade(r.IntN(4))})
		lon, lat = place()
		positions.Positions = append(positions.Positions, cim.Position{Unit: id, Time: now, Lon: lon, Lat: lat, Status: "moving"})
	}
	w.send(devices)
	w.send(units)
	w.send(positions)
	for n := range 8 {
		lon, lat := place()
		w.send(cim.IncidentPut{Incident: cim.Incident{ID: fmt.Sprint("i", n), Version: uint32(world + 1), Class: "noise", Status: cim.StatusReported,
			Severity: 3, Lon: lon, Lat: lat, Reported: now, Updated: now, Grade: cim.Grade(r.IntN(4))}})
	}
	w.awaitEnd()
}

type standing struct {
	region geo.Code
	grade  cim.Grade
}

// things are all there are, by layer and id.
func (w *town) things() map[cim.Layer]map[string]standing {
	all := map[cim.Layer]map[string]standing{cim.LayerDevices: {}, cim.LayerUnits: {}, cim.LayerIncidents: {}}
	city := w.city.Snapshot().In(cim.Whole())
	everywhere := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	city.Devices(everywhere, 0, func(d *cim.DeviceState) bool {
		all[cim.LayerDevices][d.ID] = standing{d.Region, d.Grade}
		return true
	})
	city.Units(everywhere, 0, func(u *cim.UnitState) bool {
		all[cim.LayerUnits][u.ID] = standing{u.Region, u.Grade}
		return true
	})
	city.Incidents(everywhere, 0, func(i *cim.IncidentState) bool {
		all[cim.LayerIncidents][i.ID] = standing{i.Region, i.Grade}
		return true
	})
	return all
}

func (w *town) listed(path, key string) map[string]bool {
	w.t.Helper()
	ids := map[string]bool{}
	r := w.ask("GET", path+"?limit=1000", "")
	if r.status == http.StatusForbidden { // nothing is granted at all
		return ids
	}
	if r.status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, r.status, r.body)
	}
	for _, v := range r.json(w.t)[key].([]any) {
		ids[v.(map[string]any)["id"].(string)] = true
	}
	return ids
}

// tiled is what the tiles of the whole place show.
func (w *town) tiled(t *testing.T) map[string]map[string]bool {
	t.Helper()
	ids := map[string]map[string]bool{"devices": {}, "units": {}, "incidents": {}}
	const zoom = 9
	low, high := maptile.At(orb.Point{120.8, 31.6}, zoom), maptile.At(orb.Point{121.2, 31.2}, zoom)
	for x := low.X; x <= high.X; x++ {
		for y := low.Y; y <= high.Y; y++ {
			r, err := http.Get(w.url + fmt.Sprintf("/tiles/devices,units,incidents/%d/%d/%d.mvt", zoom, x, y))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r.Body)
			_ = r.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if r.StatusCode != http.StatusOK {
				continue // none, or nothing is granted
			}
			layers, err := mvt.Unmarshal(body)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range layers {
				for _, f := range l.Features {
					ids[l.Name][f.Properties["id"].(string)] = true
				}
			}
		}
	}
	return ids
}

// framed is the picture that a live socket's frames come to: a view that was
// there before may be some frames behind. When it does not come to what is
// wanted, it is the last one.
func (w *town) framed(t *testing.T, want map[string]map[string]bool) map[string]map[string]bool {
	t.Helper()
	ids := map[string]map[string]bool{"devices": {}, "units": {}, "incidents": {}}
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+"/ws", nil)
	if err != nil {
		return ids // nothing is granted
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"op":"sub","id":"a","view":{"layers":["devices","units","incidents"],"rate":40}}`)); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for frames := 0; ; {
		if frames > 0 && maps.EqualFunc(ids, want, maps.Equal[map[string]bool]) {
			return ids
		}
		_, b, err := conn.ReadMessage()
		if err != nil {
			return ids
		}
		var m map[string]json.RawMessage
		var gone map[string][]string
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		switch {
		case string(m["op"]) == `"error"`:
			return ids
		case string(m["op"]) != `"frame"`:
			continue
		case m["gone"] != nil:
			if err := json.Unmarshal(m["gone"], &gone); err != nil {
				t.Fatal(err)
			}
		}
		frames++
		for layer := range ids {
			var things []struct {
				ID string `json:"id"`
			}
			if string(m["reset"]) == "true" {
				clear(ids[layer])
			}
			if m[layer] != nil {
				if err := json.Unmarshal(m[layer], &things); err != nil {
					t.Fatalf("%s: %s", err, m[layer])
				}
			}
			for _, th := range things {
				ids[layer][th.ID] = true
			}
			for _, id := range gone[layer] {
				delete(ids[layer], id)
			}
		}
	}
}

// wallScope is a scope as the second wall is told of it.
func wallScope(s cim.Scope) database.Scope {
	out := database.Scope{Layers: map[string][]database.Piece{}}
	for _, a := range watched {
		for _, p := range s.Pieces(a.layer) {
			out.Layers[a.layer.String()] = append(out.Layers[a.layer.String()], database.Piece{Prefix: string(p.Region), Grade: uint8(p.Grade)})
		}
	}
	return out
}
