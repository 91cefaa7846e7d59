package cim_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// crowd makes random facts of a city with many things at few places, so that
// cells hold none, few and enough of them.
type crowd struct {
	*rand.Rand
	now   time.Time
	seq   uint64
	model *cim.Model
	said  map[string]int    // observations of pm2_5, by device
	noisy map[geo.Cell]bool // where something else was observed
}

func newCrowd(seed uint64) *crowd {
	c := &crowd{rand.New(rand.NewPCG(seed, 31)), noon, 0, cim.NewModel(), map[string]int{}, map[geo.Cell]bool{}}
	c.take(c.regions(true))
	c.take(cim.FormulaPut{Formula: cim.Formula{Terms: []cim.Term{
		{Measure: "units", High: 10, Weight: 1}, {Measure: "incidents.open", High: 5, Weight: 1},
	}}})
	for i := range 40 {
		c.take(c.device(i))
	}
	return c
}

// regions are the four towns, with a village in each or without.
func (c *crowd) regions(villages bool) cim.RegionsPut {
	towns := fourTowns()
	for i := range 4 {
		town := towns.Regions[i+1]
		if villages {
			towns.Regions = append(towns.Regions, geo.Region{
				Code: town.Code + "001", Name: town.Name + "村", Level: geo.LevelVillage, Parent: town.Code,
				Geometry: orb.MultiPolygon{square(town.Geometry[0][0][0][0]+0.04, town.Geometry[0][0][0][1]+0.04, 0.06)},
			})
		}
	}
	return towns
}

func (c *crowd) device(i int) cim.Fact {
	d := cim.Device{ID: fmt.Sprint("d", i), Kind: "air", Grade: c.grade(), Datastreams: []cim.Datastream{
		{Property: "pm2_5", Unit: "ug/m3"}, {Property: "noise", Unit: "dB{A}"},
	}}
	d.Lon, d.Lat = c.place()
	return cim.DevicesPut{Devices: []cim.Device{d}}
}

func (c *crowd) take(f cim.Fact) {
	c.seq++
	c.now = c.now.Add(time.Second)
	c.model.Fold(cim.Event{Seq: c.seq, At: c.now, Fact: f})
}

func (c *crowd) grade() cim.Grade { return cim.Grade(c.IntN(3)) }

// place is near one of a few corners, some of them on the edge of regions.
func (c *crowd) place() (lon, lat float64) {
	corners := []orb.Point{{120.93, 31.33}, {120.95, 31.35}, {121, 31.4}, {121.045, 31.345}, {120.999, 31.32}, {121.07, 31.47}}
	p := corners[c.IntN(len(corners))]
	return p[0] + c.NormFloat64()*0.002, p[1] + c.NormFloat64()*0.002
}

func (c *crowd) step() {
	switch c.IntN(10) {
	case 0:
		c.take(cim.PrivacyPut{Privacy: cim.Privacy{Least: uint16(c.IntN(5))}})
	case 1, 2:
		id := fmt.Sprint("u", c.IntN(60))
		c.take(cim.UnitsPut{Units: []cim.Unit{{ID: id, Kind: "grid", Grade: c.grade()}}})
		p := cim.Position{Unit: id, Time: c.now}
		p.Lon, p.Lat = c.place()
		c.take(cim.Positions{Positions: []cim.Position{p}})
	case 3, 4:
		in := cim.Incident{
			ID: fmt.Sprint("i", c.IntN(60)), Version: uint32(c.seq), Class: []string{"E0101", "C0105"}[c.IntN(2)],
			Status: []cim.Status{cim.StatusReported, cim.StatusReported, cim.StatusClosed}[c.IntN(3)], Reported: c.now, Grade: c.grade(),
		}
		if c.IntN(2) == 0 {
			in.Due = c.now.Add(-time.Minute)
		}
		in.Lon, in.Lat = c.place()
		c.take(cim.IncidentPut{Incident: in})
	case 5, 6, 7:
		n := c.IntN(40)
		o := cim.Observation{Device: fmt.Sprint("d", n), Property: "pm2_5", Time: c.now, Value: float64(c.IntN(2) * 100)}
		if n >= 20 { // these move
			o.Property = "noise"
			d, _ := c.model.Snapshot().In(cim.Whole()).Device(o.Device)
			c.noisy[d.Cell] = true
		} else {
			c.said[o.Device]++
		}
		c.take(cim.Observations{Observations: []cim.Observation{o}})
	case 8:
		c.take(c.device(20 + c.IntN(20)))
	case 9:
		c.take(c.regions(c.IntN(3) > 0))
	}
}

// member is a thing as a cell counts it: once for each kind of count.
type member struct {
	kind   string // "units", "devices", "late", "alarms", "open E0101", "pm2_5"
	layer  cim.Layer
	cell   geo.Cell // of the base resolution
	centre geo.Code // region of the cell's centre
	region geo.Code // its own
	grade  cim.Grade
	n      int // what it adds to the count
}

// members lists all that is counted in cells, from the things themselves.
func (c *crowd) members(s *cim.Snapshot) (list []member) {
	all := s.In(cim.Whole())
	centre := func(c geo.Cell) geo.Code {
		if at, ok := all.Regions().At(c.Centre()); ok {
			return at.Code
		}
		return ""
	}
	all.Devices(whole, 0, func(d *cim.DeviceState) bool {
		m := member{"devices", cim.LayerDevices, d.Cell, centre(d.Cell), d.Region, d.Grade, 1}
		list = append(list, m)
		if m.kind, m.n = "alarms", 0; d.Streams[0].Alarm || d.Streams[1].Alarm {
			for _, s := range d.Streams {
				if s.Alarm {
					m.n++
				}
			}
			list = append(list, m)
		}
		m.kind, m.n = "pm2_5", c.said[d.ID]
		list = append(list, m)
		return true
	})
	for cell := range c.noisy {
		list = append(list, member{kind: "noise", cell: cell, centre: centre(cell)})
	}
	all.Units(whole, 0, func(u *cim.UnitState) bool {
		list = append(list, member{"units", cim.LayerUnits, u.Cell, centre(u.Cell), u.Region, u.Grade, 1})
		return true
	})
	all.Incidents(whole, 0, func(i *cim.IncidentState) bool {
		if i.Status.Open() {
			m := member{"open " + i.Class, cim.LayerIncidents, i.Cell, centre(i.Cell), i.Region, i.Grade, 1}
			list = append(list, m)
			if i.Late {
				m.kind = "late"
				list = append(list, m)
			}
		}
		return true
	})
	return list
}

// counted is what a cell tells of each kind.
func counted(c *cim.CellState) map[string]int {
	m := map[string]int{"units": c.Units, "devices": c.Devices, "late": c.Late, "alarms": c.Alarms}
	for class, n := range c.Open {
		m["open "+class] = n
	}
	for _, p := range c.Properties {
		if p.Property == "pm2_5" {
			m[string(p.Property)] = int(p.Windows[cim.Day].Count)
		}
	}
	for k, n := range m {
		if n == 0 {
			delete(m, k)
		}
	}
	return m
}

// group is things of one kind and grade that are told of together, by a cell.
type group struct {
	member
	cell geo.Cell
	list []member
}

// groups puts graded things together as the documentation says: the plain way.
func groups(list []member, least int) (told []group) {
	left := list
	for res := geo.BaseResolution; res >= 0; res-- {
		type name struct {
			cell  geo.Cell
			kind  string
			grade cim.Grade
		}
		pools := map[name][]member{}
		for _, m := range left {
			if m.grade > 0 {
				k := name{m.cell.Parent(res), m.kind, m.grade}
				pools[k] = append(pools[k], m)
			}
		}
		left = nil
		for k, pool := range pools {
			if least <= 1 || len(pool) >= least {
				told = append(told, group{pool[0], k.cell, pool})
			} else {
				left = append(left, pool...)
			}
		}
	}
	return told
}

// alike reports whether the scope sees the same in all of a cell and of what
// is graded in it.
func alike(s cim.Scope, list []member, cell geo.Cell) bool {
	prefix, first := geo.Code(""), true
	add := func(c geo.Code) {
		if first {
			prefix, first = c, false
		}
		for !prefix.Contains(c) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	for _, m := range list {
		if m.cell.Parent(cell.Resolution()) == cell {
			add(m.centre)
			if m.grade > 0 {
				add(m.region)
			}
		}
	}
	if !s.Sees(cim.LayerCells, prefix, 0) {
		return false
	}
	if s.Grants == nil {
		return true
	}
	// Nothing inside the prefix may show more than the prefix does.
	for _, code := range grantCodes {
		if prefix.Contains(code) {
			for l := range cim.Layer(cim.LayerCount) {
				granted := cim.Scope{Grants: s.Grants, Layers: cim.AllLayers, Grade: 255}
				a, seesA := granted.Level(l, prefix)
				b, seesB := granted.Level(l, code)
				if a != b || seesA != seesB {
					return false
				}
			}
		}
	}
	return true
}

// asking is a scope that a reader asks in, and all that the reader may see.
type asking struct{ scope, holds cim.Scope }

// manyScopes are scopes of one grant and of several, whole and narrowed.
func manyScopes(r *rand.Rand, n int) (list []asking) {
	for range n {
		holds := cim.NewGrants(someGrants(r)).Scope()
		if r.IntN(2) == 0 {
			holds = cim.Scope{Region: grantCodes[r.IntN(len(grantCodes))], Layers: cim.AllLayers, Grade: cim.Grade(r.IntN(3))}
		}
		narrow, _ := holds.Within(grantCodes[r.IntN(len(grantCodes))])
		few := narrow.Only(cim.Layers(r.IntN(1<<cim.LayerCount)) | cim.LayersOf(cim.LayerCells))
		list = append(list, asking{holds, holds}, asking{narrow, holds}, asking{few, holds})
	}
	return list
}

func TestACellTellsOfHiddenThingsOnlyInGroupsThatAreEnough(t *testing.T) {
	var told, withheld int
	forSeeds(t, 6, func(t *testing.T, seed uint64) {
		c := newCrowd(seed)
		for range 5 {
			for range 80 {
				c.step()
			}
			s := c.model.Snapshot()
			list := c.members(s)
			least := int(s.In(cim.Whole()).Privacy().Least)
			groups := groups(list, least)
			for _, a := range manyScopes(c.Rand, 6) {
				n := checkCells(t, s.In(a.scope), a.holds, list, groups)
				told += n
				withheld += len(groups) - n
			}
		}
	})
	if told < 100 || withheld < 100 {
		t.Errorf("%d groups told, %d withheld: the test tries too little", told, withheld)
	}
}

// checkCells compares all that r is told of cells with what it should be; n is
// how many groups it is told of.
func checkCells(t *testing.T, r cim.Reader, holds cim.Scope, list []member, groups []group) (n int) {
	t.Helper()
	scope := r.Scope()
	base := map[geo.Cell]map[string]int{}
	var tell []group
	for _, g := range groups {
		level, _ := scope.Level(cim.LayerCells, g.centre)
		if !alike(scope, list, g.cell) || g.grade <= level {
			continue
		}
		tell = append(tell, g)
		seen := 0
		for _, m := range g.list {
			if holds.Sees(m.layer, m.region, m.grade) {
				seen++
			}
		}
		if seen != 0 && seen != len(g.list) {
			t.Errorf("scope %s: %d of the %d %s in %s are seen in detail", scope, seen, len(g.list), g.kind, g.cell)
		}
	}
	for _, m := range list {
		if level, ok := scope.Level(cim.LayerCells, m.centre); ok && m.grade <= level && m.n > 0 {
			if base[m.cell] == nil {
				base[m.cell] = map[string]int{}
			}
			base[m.cell][m.kind] += m.n
		}
	}
	for res := geo.BaseResolution; res >= 0; res-- {
		want := map[geo.Cell]map[string]int{}
		add := func(c geo.Cell, kind string, n int) {
			if n == 0 {
				return
			}
			if want[c] == nil {
				want[c] = map[string]int{}
			}
			want[c][kind] += n
		}
		for c, kinds := range base {
			for kind, n := range kinds {
				add(c.Parent(res), kind, n)
			}
		}
		for _, g := range tell {
			if g.cell.Resolution() >= res {
				for _, m := range g.list {
					add(g.cell.Parent(res), m.kind, m.n)
				}
			}
		}
		r.Cells(res, everywhere, func(c *cim.CellState) bool {
			if got := counted(c); !maps.Equal(got, want[c.Cell]) {
				t.Errorf("scope %s, least %d: cell %s of resolution %d tells %v, want %v", scope, r.Privacy().Least, c.Cell, res, got, want[c.Cell])
			}
			open := 0
			for _, n := range c.Open {
				open += n
			}
			if index := 50 * (min(1, float64(c.Units)/10) + min(1, float64(open)/5)); c.Index-index > 1e-9 || index-c.Index > 1e-9 {
				t.Errorf("scope %s: cell %s has index %v, not of what it tells: %v", scope, c.Cell, c.Index, index)
			}
			if one, ok := r.Cell(c.Cell); !ok || !maps.Equal(counted(one), counted(c)) {
				t.Errorf("scope %s: cell %s by itself tells otherwise", scope, c.Cell)
			}
			if !scope.Sees(cim.LayerCells, c.Region, 0) {
				t.Errorf("scope %s: cell %s is said to be in %q", scope, c.Cell, c.Region)
			}
			delete(want, c.Cell)
			return true
		})
		for c, kinds := range want {
			t.Errorf("scope %s, least %d: cell %s of resolution %d is missing: %v", scope, r.Privacy().Least, c, res, kinds)
		}
	}
	return len(tell)
}

var everywhere = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

// TestNoDifferenceOfAnswersIsOfTooFewThings knows nothing of groups: it asks
// what a reader can ask, takes away what the reader sees in detail, and
// subtracts answers from one another.
func TestNoDifferenceOfAnswersIsOfTooFewThings(t *testing.T) {
	tried := 0
	forSeeds(t, 6, func(t *testing.T, seed uint64) {
		c := newCrowd(seed)
		c.take(cim.PrivacyPut{Privacy: cim.Privacy{Least: 3}})
		for range 400 {
			if c.step(); c.model.Snapshot().In(cim.Whole()).Privacy().Least != 3 {
				c.take(cim.PrivacyPut{Privacy: cim.Privacy{Least: 3}})
			}
		}
		s := c.model.Snapshot()
		list := c.members(s)
		for _, region := range grantCodes {
			scope := cim.Scope{Region: region, Layers: cim.AllLayers, Grade: cim.Grade(c.IntN(2))}
			hidden := func(scope cim.Scope, cell geo.Cell) map[string]int {
				m := map[string]int{}
				if state, ok := s.In(scope).Cell(cell); ok {
					m = counted(state)
				}
				for _, o := range list {
					if o.cell.Parent(cell.Resolution()) == cell && o.grade <= scope.Grade && scope.Region.Contains(o.centre) {
						m[o.kind] -= o.n
					}
				}
				delete(m, "alarms") // of datastreams, and
				delete(m, "pm2_5")  // of observations: no numbers of things
				return m
			}
			enough := func(what string, m map[string]int) {
				t.Helper()
				for kind, n := range m {
					tried++
					if n != 0 && n < 3 {
						t.Errorf("scope %s: %s tells of %d hidden %s", scope, what, n, kind)
					}
				}
			}
			minus := func(a map[string]int, bs ...map[string]int) map[string]int {
				a = maps.Clone(a)
				for _, b := range bs {
					for k, n := range b {
						a[k] -= n
					}
				}
				return a
			}
			cells := map[geo.Cell]bool{}
			for _, m := range list {
				for res := range geo.BaseResolution + 1 {
					cells[m.cell.Parent(res)] = true
				}
			}
			for cell := range cells {
				all := hidden(scope, cell)
				enough(cell.String(), all)
				for finer := cell.Resolution() + 1; finer <= geo.BaseResolution; finer++ {
					var parts []map[string]int
					for part := range cells {
						if part.Resolution() == finer && part.Parent(cell.Resolution()) == cell {
							parts = append(parts, hidden(scope, part))
						}
					}
					enough(fmt.Sprintf("%s less its parts of resolution %d", cell, finer), minus(all, parts...))
				}
				for _, code := range grantCodes {
					if narrow, ok := scope.Within(code); ok {
						enough(fmt.Sprintf("%s less what of it is in %s", cell, code), minus(all, hidden(narrow, cell)))
					}
				}
			}
		}
	})
	if tried < 1000 {
		t.Errorf("only %d differences tried", tried)
	}
}

func TestAVeiledCellIsKeptAndAnOpenOneCostsNothing(t *testing.T) {
	c := newCrowd(1)
	for range 200 {
		c.step()
	}
	s := c.model.Snapshot()
	see := func(scope cim.Scope) float64 {
		r := s.In(scope)
		ask := func() { r.Cells(7, whole, func(*cim.CellState) bool { return true }) }
		ask()
		return testing.AllocsPerRun(10, ask)
	}
	all, some := see(cim.Whole()), see(cim.Scope{Layers: cim.AllLayers, Grade: 1})
	if some > all {
		t.Errorf("%v allocations for cells that tell all, %v for others", all, some)
	}
}

func TestReadersOfManyGradesMayReadAtOnce(t *testing.T) {
	c := newCrowd(2)
	for range 300 {
		c.step()
	}
	s := c.model.Snapshot()
	var readers sync.WaitGroup
	for i := range 12 {
		readers.Go(func() {
			scope := cim.Scope{Layers: cim.AllLayers, Grade: cim.Grade(i % 3)}
			for res := range geo.BaseResolution + 1 {
				s.In(scope).Cells(res, everywhere, func(c *cim.CellState) bool {
					if again, ok := s.In(scope).Cell(c.Cell); !ok || !maps.Equal(counted(again), counted(c)) {
						t.Errorf("grade %d: cell %s tells otherwise the second time", scope.Grade, c.Cell)
					}
					return true
				})
			}
		})
	}
	readers.Wait()
}

func TestARestoredModelTellsReadersOfEachGradeTheSame(t *testing.T) {
	forSeeds(t, 4, func(t *testing.T, seed uint64) {
		c := newCrowd(seed)
		for range 300 {
			c.step()
		}
		live := c.model.Snapshot()
		back := restoreFrom(t, nil, live).Snapshot()
		if back.Hash() != live.Hash() {
			t.Error("it is another city")
		}
		for grade := range cim.Grade(storyGrade + 1) {
			scope := cim.Scope{Region: "320583", Layers: cim.AllLayers, Grade: grade}
			if !maps.Equal(see(live.In(scope)), see(back.In(scope))) {
				t.Errorf("a reader of grade %d is told otherwise", grade)
			}
		}
	})
}

func TestWhatIsEnoughIsPartOfTheCity(t *testing.T) {
	c := newCity(t, fourTowns(), cim.UnitsPut{Units: []cim.Unit{{ID: "a", Grade: 1}, {ID: "b", Grade: 1}}})
	c.take(cim.Positions{Positions: []cim.Position{
		{Unit: "a", Time: noon, Lon: 120.95, Lat: 31.35}, {Unit: "b", Time: noon, Lon: 120.95, Lat: 31.35},
	}})
	scope := cim.Scope{Layers: cim.AllLayers}
	cell := geo.CellAt(orb.Point{120.95, 31.35}, geo.BaseResolution)
	before := c.Snapshot()
	if s, ok := before.In(scope).Cell(cell); ok {
		t.Errorf("two of the default three are told of: %+v", s)
	}
	changes := c.take(cim.PrivacyPut{Privacy: cim.Privacy{Least: 2}})
	after := c.Snapshot()
	if s, ok := after.In(scope).Cell(cell); !ok || s.Units != 2 {
		t.Errorf("two of two are not told of: %+v", s)
	}
	if len(changes.Refs) != 1 || changes.Refs[0].Cell != cell || after.In(scope).Fresh(cim.LayerCells, whole) != after.Seq() {
		t.Errorf("the cell did not change: %+v", changes)
	}
	if before.Hash() == after.Hash() {
		t.Error("the city is still the same")
	}
}

// BenchmarkVeiledCells reads a city in which a device in ten is graded, for
// readers who may not see those.
func BenchmarkVeiledCells(b *testing.B) {
	devices := manyDevices(100_000)
	for i := range devices.Devices {
		if i%10 == 0 {
			devices.Devices[i].Grade = 1
		}
	}
	c := newCity(b, manyRegions(), devices)
	for _, f := range round(100_000, c.now, rand.New(rand.NewPCG(9, 9))) {
		c.take(f)
	}
	scope := cim.Scope{Layers: cim.AllLayers}
	for _, res := range []int{9, 7} {
		b.Run(fmt.Sprintf("whole city, resolution %d, kept", res), func(b *testing.B) {
			r := c.Snapshot().In(scope)
			b.ReportAllocs()
			for b.Loop() {
				r.Cells(res, benchBound, func(*cim.CellState) bool { return true })
			}
		})
	}
	b.Run("whole city, resolution 7, first", func(b *testing.B) {
		least := uint16(3)
		for b.Loop() {
			b.StopTimer()
			least ^= 1
			c.take(cim.PrivacyPut{Privacy: cim.Privacy{Least: least}})
			r := c.Snapshot().In(scope)
			c.Snapshot().In(cim.Whole()).Cells(7, benchBound, func(*cim.CellState) bool { return true })
			b.StartTimer()
			r.Cells(7, benchBound, func(*cim.CellState) bool { return true })
		}
	})
}
