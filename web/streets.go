package web

import (
	"sync"
	"sync/atomic"
	"time"

	"onecity/cim"
	"onecity/geo/streets"

	"github.com/paulmach/orb"
)

// streetMap keeps the street networks of the city's roads, and makes them anew
// when roads have changed. Its zero value is ready.
type streetMap struct {
	making sync.Mutex
	now    atomic.Pointer[drawnStreets]
}

// drawnStreets are the networks of one state of the roads.
type drawnStreets struct {
	car, cycle *streets.Network
	fresh      uint64 // position of the newest change to a road
	at         time.Time
	took       time.Duration
}

// openRoads are the roads that one drives on, whoever asks: those that are
// graded 公开. A road is no secret where its region is another's, and a way that
// may not leave a region would be none; what is graded is not driven on.
var openRoads = cim.Scope{Layers: cim.LayersOf(cim.LayerRoads)}

// rest is how many times longer than it takes to make the networks they are
// kept at least: while a city is being imported its roads change all the time.
const rest = 20

// get is the streets as they are in a snapshot, or shortly before.
func (m *streetMap) get(s *cim.Snapshot) *drawnStreets {
	city := s.In(openRoads)
	fresh := city.Fresh(cim.LayerRoads, world)
	usable := func(d *drawnStreets) bool {
		return d != nil && (d.fresh >= fresh || time.Since(d.at) < rest*d.took)
	}
	if d := m.now.Load(); usable(d) {
		return d
	}
	// Whoever comes while they are made takes the ones before, if there are any.
	if !m.making.TryLock() {
		if d := m.now.Load(); d != nil {
			return d
		}
		m.making.Lock()
	}
	defer m.making.Unlock()
	if d := m.now.Load(); usable(d) {
		return d
	}
	began := time.Now()
	var roads []streets.Road
	city.Objects(cim.LayerRoads, world, 0, func(o *cim.Object) bool {
		roads = append(roads, roadsOf(o)...)
		return true
	})
	d := &drawnStreets{car: streets.New(roads, streets.Car()), cycle: streets.New(roads, streets.Cycle()), fresh: fresh}
	d.at = time.Now()
	d.took = d.at.Sub(began)
	m.now.Store(d)
	return d
}

// roadsOf are the lines of a road of the model.
func roadsOf(o *cim.Object) []streets.Road {
	var lines orb.MultiLineString
	switch g := o.Geometry.(type) {
	case orb.LineString:
		lines = orb.MultiLineString{g}
	case orb.MultiLineString:
		lines = g
	}
	var roads []streets.Road
	for _, line := range lines {
		r := streets.Tags(o.Kind, o.Attributes)
		r.ID, r.Name, r.NameEn, r.Line = o.ID, o.Name, o.NameEn, line
		roads = append(roads, r)
	}
	return roads
}

// forKind is the network that a unit of that kind moves on.
func (d *drawnStreets) forKind(kind string) *streets.Network {
	if kind == "grid" {
		return d.cycle
	}
	return d.car
}
