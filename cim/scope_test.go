package cim_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// scopes are some that see everything, nothing, and parts.
func scopes(r *rand.Rand, n int) []cim.Scope {
	list := []cim.Scope{cim.Whole(), {}, {Layers: cim.AllLayers}, {Region: "320583", Layers: cim.AllLayers, Grade: 255}}
	codes := []geo.Code{"", "320583", "320583100", "320583101", "320583102", "320583103", "32058310", "9"}
	for i := range n {
		if i%3 == 0 {
			scope, _ := cim.NewGrants(someGrants(r)).Scope().Within(grantCodes[r.IntN(len(grantCodes))])
			list = append(list, scope)
			continue
		}
		list = append(list, cim.Scope{
			Region: codes[r.IntN(len(codes))], Layers: cim.Layers(r.IntN(1 << cim.LayerCount)), Grade: cim.Grade(r.IntN(4)),
		})
	}
	return list
}

// placeOf says where a thing counts, and how it is graded.
func placeOf(t *testing.T, r cim.Reader, k key) (geo.Code, cim.Grade) {
	t.Helper()
	var code geo.Code
	var grade cim.Grade
	ok := false
	switch k.layer {
	case cim.LayerDevices:
		var d *cim.DeviceState
		if d, ok = r.Device(k.id); ok {
			code, grade = d.Region, d.Grade
		}
	case cim.LayerUnits:
		var u *cim.UnitState
		if u, ok = r.Unit(k.id); ok {
			code, grade = u.Region, u.Grade
		}
	case cim.LayerIncidents:
		var i *cim.IncidentState
		if i, ok = r.Incident(k.id); ok {
			code, grade = i.Region, i.Grade
		}
	case cim.LayerCells:
		var c *cim.CellState
		if c, ok = r.Cell(k.cell); ok {
			code = c.Region
		}
	default:
		var o *cim.Object
		if o, ok = r.Object(k.id); ok {
			code, grade = o.Region, o.Grade
		}
	}
	if !ok {
		t.Fatalf("%v was visited and is not found", k)
	}
	return code, grade
}

// found reports whether one thing can be asked for.
func found(r cim.Reader, k key) (ok bool) {
	switch k.layer {
	case cim.LayerDevices:
		_, ok = r.Device(k.id)
	case cim.LayerUnits:
		_, ok = r.Unit(k.id)
	case cim.LayerIncidents:
		_, ok = r.Incident(k.id)
	case cim.LayerCells:
		_, ok = r.Cell(k.cell)
	default:
		_, ok = r.Object(k.id)
	}
	return ok
}

func TestNothingOutsideItsScopeReachesAReader(t *testing.T) {
	forSeeds(t, 5, func(t *testing.T, seed uint64) {
		s := fold(chapter(seed, 500), true).Snapshot()
		all := s.In(cim.Whole())
		everything := see(all)
		for _, scope := range scopes(rand.New(rand.NewPCG(seed, 3)), 30) {
			r := s.In(scope)
			seen := see(r)
			for k, what := range everything {
				code, grade := placeOf(t, all, k)
				may := scope.Sees(k.layer, code, grade)
				got, visited := seen[k]
				if level, _ := scope.Level(k.layer, code); k.layer == cim.LayerCells && may && level < storyGrade {
					// What such a cell tells, if anything, see TestACellTells….
					if visited != found(r, k) {
						t.Errorf("scope %+v: %v visited %v, found %v", scope, k, visited, !visited)
					}
					continue
				}
				if visited != may || found(r, k) != may {
					t.Errorf("scope %+v: %v in %q graded %d: visited %v, found %v", scope, k, code, grade, visited, found(r, k))
				}
				if visited && got.tells != what.tells {
					t.Errorf("scope %+v: %v tells %s, to others %s", scope, k, got.tells, what.tells)
				}
			}
			if len(seen) > len(everything) {
				t.Errorf("scope %+v sees more than there is", scope)
			}
			checkByID(t, r, seen)
			checkRollUp(t, r)
			checkTally(t, s, r, everything)
			for l := range cim.Layer(cim.LayerCount) {
				if !scope.Layers.Has(l) && r.Fresh(l, whole) != 0 {
					t.Errorf("scope %+v: Fresh tells of layer %s", scope, l)
				}
			}
		}
	})
}

// checkByID reads the lists page by page and compares with what was visited.
func checkByID(t *testing.T, r cim.Reader, seen map[key]thing) {
	t.Helper()
	lists := map[cim.Layer]func(after string, fn func(id string) bool){
		cim.LayerDevices: func(after string, fn func(string) bool) {
			r.DevicesAfter(after, func(d *cim.DeviceState) bool { return fn(d.ID) })
		},
		cim.LayerUnits: func(after string, fn func(string) bool) {
			r.UnitsAfter(after, func(u *cim.UnitState) bool {
				return u.Position.Time.IsZero() || fn(u.ID)
			})
		},
		cim.LayerIncidents: func(after string, fn func(string) bool) {
			r.IncidentsAfter(after, func(i *cim.IncidentState) bool { return fn(i.ID) })
		},
	}
	for layer, list := range lists {
		var ids []string
		for last := ""; ; {
			n := 0
			list(last, func(id string) bool {
				ids, last = append(ids, id), id
				n++
				return n < 3
			})
			if n < 3 {
				break
			}
		}
		want := 0
		for k := range seen {
			if k.layer == layer {
				want++
				if !slices.Contains(ids, k.id) {
					t.Errorf("scope %+v: %s %s is not in the list", r.Scope(), layer, k.id)
				}
			}
		}
		if len(ids) != want || !slices.IsSorted(ids) {
			t.Errorf("scope %+v: the list of %s is %q", r.Scope(), layer, ids)
		}
	}
}

func TestRolledUpCellsFollowEveryChange(t *testing.T) {
	forSeeds(t, 4, func(t *testing.T, seed uint64) {
		m := cim.NewModel()
		for i, e := range chapter(seed, 300) {
			m.Fold(e)
			if i%3 == 0 {
				s := m.Snapshot()
				checkRollUp(t, s.In(cim.Whole()))
				checkRollUp(t, s.In(cim.Scope{Region: "320583101", Layers: cim.AllLayers, Grade: storyGrade}))
			}
		}
	})
}

// checkRollUp adds up the base cells that r sees and compares, where nothing in
// them is withheld.
func checkRollUp(t *testing.T, r cim.Reader) {
	t.Helper()
	for _, g := range r.Scope().Pieces(cim.LayerCells) {
		if g.Grade < storyGrade {
			return
		}
	}
	type numbers struct {
		open, late, units, devices, alarms int
		count                              uint64
	}
	for _, res := range []int{8, 7, 6, 5, 2} {
		want := map[geo.Cell]numbers{}
		add := func(m map[geo.Cell]numbers, c geo.Cell, s *cim.CellState) {
			n := m[c]
			for _, k := range s.Open {
				n.open += k
			}
			n.late += s.Late
			n.units += s.Units
			n.devices += s.Devices
			n.alarms += s.Alarms
			for _, p := range s.Properties {
				n.count += p.Windows[cim.Day].Count
			}
			m[c] = n
		}
		r.Cells(geo.BaseResolution, whole, func(s *cim.CellState) bool {
			add(want, s.Cell.Parent(res), s)
			return true
		})
		got := map[geo.Cell]numbers{}
		world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
		r.Cells(res, world, func(s *cim.CellState) bool {
			if !r.Scope().Sees(cim.LayerCells, s.Region, 0) {
				t.Errorf("scope %+v: cell %s of region %q", r.Scope(), s.Cell, s.Region)
			}
			add(got, s.Cell, s)
			return true
		})
		for c, n := range want {
			if got[c] != n {
				t.Errorf("scope %+v, resolution %d: %s has %+v, want %+v", r.Scope(), res, c, got[c], n)
			}
		}
		if len(got) != len(want) {
			t.Errorf("scope %+v, resolution %d: %d cells, want %d", r.Scope(), res, len(got), len(want))
		}
	}
}

// checkTally counts what r sees and compares.
func checkTally(t *testing.T, s *cim.Snapshot, r cim.Reader, everything map[key]thing) {
	t.Helper()
	all := s.In(cim.Whole())
	for _, code := range []geo.Code{"", "320583", "320583101", "320583103", "9", "3205831"} {
		var want cim.Tally
		for k := range everything {
			at, grade := placeOf(t, all, k)
			if !code.Contains(at) || !r.Scope().Sees(k.layer, at, grade) {
				continue
			}
			switch k.layer {
			case cim.LayerDevices:
				d, _ := all.Device(k.id)
				want.Devices++
				for _, st := range d.Streams {
					if st.Alarm {
						want.Alarms++
					}
				}
				if d.Seen.Add(15 * 60 * 1e9).After(s.At()) {
					want.DevicesLive++
				}
			case cim.LayerUnits:
				u, _ := all.Unit(k.id)
				if u.Position.Status != "off" && u.Position.Time.Add(15*60*1e9).After(s.At()) {
					want.Units++
				}
			case cim.LayerIncidents:
				i, _ := all.Incident(k.id)
				if i.Status.Open() {
					want.Open++
				}
				if i.Late {
					want.Late++
				}
			case cim.LayerCells:
			default:
				want.Objects[k.layer]++
			}
		}
		got := r.Tally(code)
		byClass, byStatus := 0, 0
		for _, n := range got.OpenByClass {
			byClass += n
		}
		for st, n := range got.ByStatus {
			if st.Open() {
				byStatus += n
			}
		}
		if got.Objects != want.Objects || got.Devices != want.Devices || got.DevicesLive != want.DevicesLive ||
			got.Alarms != want.Alarms || got.Units != want.Units || got.Open != want.Open || got.Late != want.Late ||
			byClass != want.Open || byStatus != want.Open {
			t.Errorf("scope %+v: tally of %q\n got %+v\nwant %+v", r.Scope(), code, got, want)
		}
	}
}
