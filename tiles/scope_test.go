package tiles

import (
	"math/rand/v2"
	"net/http"
	"testing"

	"onecity/cim"
	"onecity/cim/cimtest"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// named are the features of a layer in a tile, by the property that names them.
func named(t *testing.T, data []byte, layer cim.Layer, key string) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for _, l := range decoded(t, data).Layers {
		if l.GetName() != layer.String() {
			continue
		}
		for _, f := range l.Features {
			for i := 0; i+1 < len(f.Tags); i += 2 {
				if l.Keys[f.Tags[i]] == key {
					ids[l.Values[f.Tags[i+1]].GetStringValue()] = true
				}
			}
		}
	}
	return ids
}

func TestATileShowsExactlyWhatTheGrantsCover(t *testing.T) {
	shown := 0
	for seed := range uint64(4) {
		m := cim.NewModel()
		for _, e := range cimtest.Chapter(seed, 500) {
			m.Fold(e)
		}
		s := m.Snapshot()
		r := rand.New(rand.NewPCG(seed, 21))
		codes := []geo.Code{"", "320583", "320583100", "320583101", "320583102", "320583103"}
		tiles := map[Tile]bool{}
		for _, p := range []orb.Point{{120.85, 31.25}, {121, 31.25}, {121.15, 31.25}, {120.85, 31.4}, {121, 31.4}, {121.15, 31.4}, {120.85, 31.55}, {121, 31.55}, {121.15, 31.55}} {
			tiles[TileAt(p, 10)] = true
		}
		for range 20 {
			var grants []cim.Grant
			for range r.IntN(4) {
				grants = append(grants, cim.Grant{Region: codes[r.IntN(len(codes))], Layers: cim.Layers(r.IntN(1 << cim.LayerCount)), Grade: cim.Grade(r.IntN(3))})
			}
			scope := cim.NewGrants(grants).Scope()
			got := map[cim.Layer]map[string]bool{cim.LayerDevices: {}, cim.LayerUnits: {}, cim.LayerIncidents: {}}
			for tile := range tiles {
				data := NewPainter().Append(nil, s.In(scope), tile)
				for layer, ids := range got {
					for id := range named(t, data, layer, "id") {
						ids[id] = true
					}
				}
			}
			check := func(layer cim.Layer, id string, region geo.Code, grade cim.Grade) {
				want := false
				for _, g := range grants {
					want = want || g.Region.Contains(region) && g.Layers.Has(layer) && grade <= g.Grade
				}
				if got[layer][id] != want {
					t.Errorf("%+v: %s %s in %q graded %d shown: %v", grants, layer, id, region, grade, !want)
				}
				if want {
					shown++
				}
				delete(got[layer], id)
			}
			all := s.In(cim.Whole())
			everywhere := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
			all.Devices(everywhere, 0, func(d *cim.DeviceState) bool {
				check(cim.LayerDevices, d.ID, d.Region, d.Grade)
				return true
			})
			all.Units(everywhere, 0, func(u *cim.UnitState) bool {
				check(cim.LayerUnits, u.ID, u.Region, u.Grade)
				return true
			})
			all.Incidents(everywhere, 0, func(i *cim.IncidentState) bool {
				check(cim.LayerIncidents, i.ID, i.Region, i.Grade)
				return true
			})
			for layer, ids := range got {
				if len(ids) > 0 {
					t.Errorf("%+v: the tiles show %s that there are none of: %v", grants, layer, ids)
				}
			}
		}
	}
	if shown < 200 {
		t.Errorf("only %d things shown: the test tries too little", shown)
	}
}

func TestReadersWhoseGrantsShowTheSameShareATile(t *testing.T) {
	s := serve(t, smallCity())
	grants := func(more ...cim.Grant) cim.Scope {
		return cim.NewGrants(append(more,
			cim.Grant{Region: "320583100", Layers: cim.AllLayers}, cim.Grant{Region: "320584", Layers: cim.AllLayers})).Scope()
	}
	p := path("units", TileAt(centre, 14))
	for i, scope := range []cim.Scope{
		grants(),
		grants(cim.Grant{Region: "320583100001", Layers: cim.AllLayers}), // is in the other
	} {
		s.scope = scope
		if r := s.ask(p); r.StatusCode != http.StatusOK {
			t.Fatal(r.Status)
		}
		if n := s.Stats().Encoded; n != 1 {
			t.Errorf("scope %d: encoded %d times", i, n)
		}
	}
}
