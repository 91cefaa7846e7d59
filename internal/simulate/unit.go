package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

// unitKind is one kind of force 力量.
type unitKind struct {
	kind, name, org string
	share           float64
	pace            float64 // of the speed that the road allows
	most            float64 // m/s at most
	range_          float64 // metres from home that it patrols
	socket          bool    // carries a phone with a WebSocket; else a box with MQTT
}

var unitKinds = []unitKind{
	{"grid", "网格员", "网格中心", 0.45, 0.5, 5.5, 1500, true},
	{"enforcement", "执法车", "综合行政执法局", 0.25, 0.8, 14, 5000, false},
	{"sanitation", "环卫车", "环境卫生管理所", 0.22, 0.6, 9, 4000, false},
	{"emergency", "应急抢险车", "应急管理局", 0.08, 1, 20, 6000, false},
}

// unit is one force on the streets.
type unit struct {
	cim.Unit
	unitKind
	rng   *rand.Rand
	home  int32
	node  int32 // where it stands, or the last node it passed
	way   []arc // what is left of its way
	along float64
	pause time.Time // it stands until then
	busy  bool      // has been sent or is handling
	there bool      // it has arrived where it was sent

	at             orb.Point
	speed, heading float64
	due            time.Time // of its next position
}

// placeUnits puts n units at nodes of the network.
func placeUnits(t *town, seed uint64, n int, start time.Time) (list []*unit) {
	rng := rand.New(rand.NewPCG(seed, 'u'))
	left := n
	for k, kind := range unitKinds {
		c := int(math.Round(kind.share * float64(n)))
		if k == len(unitKinds)-1 {
			c = left
		}
		c = max(0, min(c, left))
		left -= c
		for i := range c {
			home := int32(rng.IntN(len(t.graph.at)))
			u := &unit{unitKind: kind, rng: rand.New(rand.NewPCG(seed, rng.Uint64())), home: home, node: home, at: t.graph.at[home]}
			u.Unit = cim.Unit{
				ID: fmt.Sprintf("sim-%s-%03d", kind.kind, i+1), Name: fmt.Sprintf("%s%03d", kind.name, i+1),
				Kind: kind.kind, Org: kind.org, Simulated: true,
				Grade: 1, // 内部: where people are
			}
			u.due = start.Add(time.Duration(rng.IntN(3000)) * time.Millisecond)
			u.pause = start.Add(time.Duration(rng.IntN(20)) * time.Second)
			list = append(list, u)
		}
	}
	return list
}

// step moves u on by one step of the timeline, which ends at now.
func (u *unit) step(g *graph, now time.Time, took time.Duration) {
	if len(u.way) == 0 {
		u.speed = 0
		if u.busy || now.Before(u.pause) {
			return
		}
		u.way = g.path(u.node, u.errand(g))
		u.along = 0
		if len(u.way) == 0 {
			u.pause = now.Add(30 * time.Second)
			return
		}
	}
	left := took.Seconds()
	for left > 0 && len(u.way) > 0 {
		a := u.way[0]
		allowed := a.metres / a.seconds
		if u.busy { // it hurries
			u.speed = math.Min(1.3*u.most, allowed)
		} else {
			u.speed = math.Min(u.most, allowed*u.pace)
		}
		rest := a.metres - u.along
		if u.speed*left < rest {
			u.along += u.speed * left
			break
		}
		left -= rest / u.speed
		u.node, u.way, u.along = a.to, u.way[1:], 0
	}
	u.place(g)
	if len(u.way) == 0 {
		u.speed = 0
		if u.busy {
			u.there = true
		} else {
			u.pause = now.Add(time.Duration(8+u.rng.IntN(60)) * time.Second)
		}
	}
}

// place sets where u is and where it looks.
func (u *unit) place(g *graph) {
	u.at = g.at[u.node]
	if len(u.way) == 0 {
		return
	}
	a := u.way[0]
	to := g.at[a.to]
	u.heading = math.Mod(orbgeo.Bearing(u.at, to)+360, 360)
	f := u.along / a.metres
	u.at = orb.Point{u.at[0] + f*(to[0]-u.at[0]), u.at[1] + f*(to[1]-u.at[1])}
}

// errand is the next place of its patrol: somewhere around home.
func (u *unit) errand(g *graph) int32 {
	for range 40 {
		n := int32(u.rng.IntN(len(g.at)))
		if orbgeo.Distance(g.at[n], g.at[u.home]) < u.range_ {
			return n
		}
	}
	return u.home
}

// send tells u to go to a node at once.
func (u *unit) send(g *graph, to int32) {
	u.busy, u.there = true, u.node == to && len(u.way) == 0
	// It turns at the next corner: what is left of this arc is driven first.
	if len(u.way) > 0 {
		first := u.way[0]
		u.way = append([]arc{first}, g.path(first.to, to)...)
	} else {
		u.way, u.along = g.path(u.node, to), 0
		if len(u.way) == 0 {
			u.there = true
		}
	}
}

// free lets u go back to its patrol.
func (u *unit) free(now time.Time) {
	u.busy, u.there = false, false
	u.way = nil
	u.pause = now.Add(15 * time.Second)
}

// every is how often it says where it is.
func (u *unit) every() time.Duration {
	if u.speed > 0 {
		return 3 * time.Second
	}
	return 12 * time.Second
}

// position is what it says.
func (u *unit) position(now time.Time) cim.Position {
	status := "idle"
	switch {
	case u.busy && u.there:
		status = "handling"
	case len(u.way) > 0:
		status = "moving"
	}
	return cim.Position{
		Unit: u.ID, Time: now, Lon: round6(u.at[0]), Lat: round6(u.at[1]),
		Speed: float32(round(u.speed, 1)), Heading: float32(math.Round(u.heading)), Status: status,
	}
}
