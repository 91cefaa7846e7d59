package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// kindOf is one kind of device: how often it stands in the city, what it
// observes, and where.
type deviceKind struct {
	kind, name string
	share      float64
	properties []cim.Property
	site       func(*town, *rand.Rand) (orb.Point, string)
}

var deviceKinds = []deviceKind{
	{"air", "空气质量监测站", 0.10, []cim.Property{"pm2_5", "pm10", "no2", "o3"}, atVillage},
	{"weather", "气象站", 0.04, []cim.Property{"temperature", "humidity", "wind_speed", "rain"}, atVillage},
	{"water", "水文监测站", 0.09, []cim.Property{"water_level", "flow", "ph", "turbidity"}, atWater},
	{"traffic", "交通流量检测器", 0.20, []cim.Property{"vehicle_count", "vehicle_speed", "occupancy"}, atMajorRoad},
	{"noise", "噪声监测仪", 0.10, []cim.Property{"noise"}, atMajorRoad},
	{"lamp", "智慧路灯", 0.27, []cim.Property{"power", "voltage"}, atRoad},
	{"manhole", "智能井盖", 0.20, []cim.Property{"cover_open", "tilt", "gas"}, atRoad},
}

// device is one device with what its sensors drift by.
type device struct {
	cim.Device
	at    orb.Point
	rng   *rand.Rand
	drift map[cim.Property]float64
	n     int // number within its kind
}

// placeDevices puts n devices into the town, of all kinds in turn by their
// shares; the same seed, the same devices.
func placeDevices(t *town, seed uint64, n int) (list []*device) {
	rng := rand.New(rand.NewPCG(seed, 'd'))
	for _, k := range counts(n) {
		kind := deviceKinds[k.kind]
		for i := range k.n {
			at, where := kind.site(t, rng)
			d := &device{at: at, n: i, rng: rand.New(rand.NewPCG(seed, rng.Uint64())), drift: map[cim.Property]float64{}}
			d.Device = cim.Device{
				ID: fmt.Sprintf("sim-%s-%04d", kind.kind, i+1), Name: where + kind.name, Kind: kind.kind,
				Lon: at[0], Lat: at[1], Simulated: true,
			}
			for _, p := range kind.properties {
				info, _ := cim.PropertyOf(p)
				d.Datastreams = append(d.Datastreams, cim.Datastream{Property: p, Unit: info.Unit})
			}
			list = append(list, d)
		}
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

type count struct{ kind, n int }

// counts shares n out; rounding goes to the last kind that has room.
func counts(n int) (list []count) {
	left := n
	for k, kind := range deviceKinds {
		c := int(math.Round(kind.share * float64(n)))
		if k == len(deviceKinds)-1 {
			c = left
		}
		c = max(0, min(c, left))
		left -= c
		list = append(list, count{k, c})
	}
	return list
}

// beside is a place some metres off the node, as a post stands beside the road.
func beside(t *town, rng *rand.Rand, n int32, metres float64) orb.Point {
	p := t.graph.at[n]
	perLat := metres / 111_195
	for range 20 {
		a := 2 * math.Pi * rng.Float64()
		q := orb.Point{round6(p[0] + perLat*math.Cos(a)/math.Cos(p[1]*math.Pi/180)), round6(p[1] + perLat*math.Sin(a))}
		if t.holds(q) {
			return q
		}
	}
	return p // at the border
}

func atRoad(t *town, rng *rand.Rand) (orb.Point, string) {
	n := int32(rng.IntN(len(t.graph.at)))
	return beside(t, rng, n, 7), t.street(n)
}

func atMajorRoad(t *town, rng *rand.Rand) (orb.Point, string) {
	n := t.major(rng)
	return beside(t, rng, n, 9), t.street(n)
}

func atVillage(t *town, rng *rand.Rand) (orb.Point, string) {
	if len(t.places) == 0 {
		return atRoad(t, rng)
	}
	p := t.places[rng.IntN(len(t.places))]
	n := t.graph.near(p.Centre)
	return beside(t, rng, n, 60), p.Name
}

// atWater falls back to a road where the map shows no water.
func atWater(t *town, rng *rand.Rand) (orb.Point, string) {
	if len(t.shores) == 0 {
		return atRoad(t, rng)
	}
	p := t.shores[rng.IntN(len(t.shores))]
	// A sensor stands on the land side: a little towards the nearest road.
	road := t.graph.at[t.graph.near(p)]
	return orb.Point{round6(p[0] + 0.02*(road[0]-p[0])), round6(p[1] + 0.02*(road[1]-p[1]))}, t.around(p)
}

// major is a node on a wide road, or any where there is none.
func (t *town) major(rng *rand.Rand) int32 {
	for range 200 {
		if n := rng.IntN(len(t.graph.at)); t.graph.major[n] {
			return int32(n)
		}
	}
	return int32(rng.IntN(len(t.graph.at)))
}

func (t *town) street(n int32) string {
	if s := t.graph.street[n]; s != "" {
		return s
	}
	return t.around(t.graph.at[n])
}
