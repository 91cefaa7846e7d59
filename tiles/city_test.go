package tiles

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// noon is when the test cities live.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// city is a model that facts are folded into, at noon.
type city struct {
	*cim.Model
	seq uint64
	now time.Time
}

func newCity(facts ...cim.Fact) *city {
	c := &city{Model: cim.NewModel(), now: noon}
	c.take(facts...)
	return c
}

func (c *city) take(facts ...cim.Fact) {
	for _, f := range facts {
		c.seq++
		c.Fold(cim.Event{Seq: c.seq, At: c.now, Fact: f})
	}
}

func (c *city) read(ls ...cim.Layer) cim.Reader {
	scope := cim.Whole()
	if len(ls) > 0 {
		scope = scope.Only(cim.LayersOf(ls...))
	}
	return c.Snapshot().In(scope)
}

var kunshan = cim.Profile{City: "320583", Name: "昆山市", NameEn: "Kunshan", TimeZone: "Asia/Shanghai", Notices: []string{"示意边界"}}

// centre of the test cities.
var centre = orb.Point{120.98, 31.38}

func square(c orb.Point, half float64) orb.Polygon {
	return orb.Bound{Min: orb.Point{c[0] - half, c[1] - half}, Max: orb.Point{c[0] + half, c[1] + half}}.ToPolygon()
}

func smallCity() *city {
	return newCity(
		kunshan,
		cim.RegionsPut{Regions: []geo.Region{
			{Code: "320583", Name: "昆山市", NameEn: "Kunshan", Level: geo.LevelCity, Geometry: orb.MultiPolygon{square(centre, 0.15)}, Centre: centre},
			{Code: "320583100", Name: "玉山镇", Level: geo.LevelDistrict, Parent: "320583", Geometry: orb.MultiPolygon{square(centre, 0.1)}, Centre: centre, Made: true},
		}},
		cim.ObjectsPut{Objects: []cim.Object{
			{ID: "lake", Layer: cim.LayerWater, Class: "WaterBody", Kind: "lake", Name: "阳澄湖", Geometry: orb.Polygon{
				square(orb.Point{120.985, 31.385}, 0.004)[0], square(orb.Point{120.985, 31.385}, 0.001)[0],
			}},
			{ID: "road", Layer: cim.LayerRoads, Class: "Road", Kind: "primary", Name: "前进路", NameEn: "Qianjin Road",
				Geometry: orb.LineString{{120.9, 31.38}, {120.97, 31.381}, {121.05, 31.38}}},
			{ID: "tower", Layer: cim.LayerBuildings, Class: "Building", Kind: "office", Geometry: square(centre, 0.0004), Height: 120.5},
			{ID: "town", Layer: cim.LayerPlaces, Class: "Place", Kind: "town", Name: "玉山", Geometry: centre},
			{ID: "lamp-1", Layer: cim.LayerComponents, Class: "CityFurniture", Kind: "lamp", Geometry: centre},
		}},
		cim.DevicesPut{Devices: []cim.Device{{ID: "air-1", Name: "空气站", Kind: "air", Lon: centre[0], Lat: centre[1], Simulated: true,
			Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}}}}},
		cim.UnitsPut{Units: []cim.Unit{{ID: "u1", Name: "巡查车", Kind: "grid"}}},
		cim.Observations{Observations: []cim.Observation{{Device: "air-1", Property: "pm2_5", Time: noon, Value: 35.5}}},
		cim.Positions{Positions: []cim.Position{{Unit: "u1", Time: noon, Lon: centre[0] + 0.001, Lat: centre[1], Heading: 90, Status: "moving"}}},
		cim.IncidentPut{Incident: cim.Incident{ID: "i1", Version: 1, Class: "0101", Title: "井盖缺失", Status: cim.StatusReported, Severity: 3,
			Lon: centre[0], Lat: centre[1] + 0.001, Reported: noon, Due: noon.Add(time.Hour)}},
	)
}

// bigCity is the city of the benchmarks: 600,000 features spread evenly over a
// disc of 931 km², the area of Kunshan: 480,000 components, 20,000 devices
// with a value each, 100,000 buildings. townCity is a twentieth of it, the
// same for tests.
var (
	bigCity  = sync.OnceValue(func() *city { return discCity(1) })
	townCity = sync.OnceValue(func() *city { return discCity(20) })
)

func discCity(share int) *city {
	rng := rand.New(rand.NewPCG(931, 600))
	radius := 17.215 / math.Sqrt(float64(share)) // km
	place := func() orb.Point {
		r, a := radius*math.Sqrt(rng.Float64()), 2*math.Pi*rng.Float64()
		return orb.Point{centre[0] + r*math.Cos(a)/95.05, centre[1] + r*math.Sin(a)/110.9}
	}
	c := newCity(kunshan)
	kinds := []string{"lamp", "manhole", "hydrant", "tree", "bin"}
	batch := cim.ObjectsPut{}
	put := func(o cim.Object) {
		if batch.Objects = append(batch.Objects, o); len(batch.Objects) == 5000 {
			c.take(batch)
			batch = cim.ObjectsPut{}
		}
	}
	for i := range 480_000 / share {
		put(cim.Object{ID: fmt.Sprintf("c%06d", i), Layer: cim.LayerComponents, Class: "CityFurniture", Kind: kinds[i%len(kinds)], Geometry: place()})
	}
	for i := range 100_000 / share {
		p := place()
		w, h, turn := 6+20*rng.Float64(), 5+12*rng.Float64(), math.Pi*rng.Float64()
		ring := make(orb.Ring, 0, 7)
		for _, q := range [][2]float64{{-w, -h}, {w, -h}, {w, 0}, {0, 0}, {0, h}, {-w, h}, {-w, -h}} { // an L, in metres
			ring = append(ring, orb.Point{
				p[0] + (q[0]*math.Cos(turn)-q[1]*math.Sin(turn))/95050,
				p[1] + (q[0]*math.Sin(turn)+q[1]*math.Cos(turn))/110900,
			})
		}
		put(cim.Object{ID: fmt.Sprintf("b%06d", i), Layer: cim.LayerBuildings, Class: "Building", Kind: "residential",
			Geometry: orb.Polygon{ring}, Height: float32(3 * (1 + rng.IntN(30)))})
	}
	c.take(batch)
	devices := cim.DevicesPut{}
	values := cim.Observations{}
	for i := range 20_000 / share {
		p := place()
		id := fmt.Sprintf("d%05d", i)
		devices.Devices = append(devices.Devices, cim.Device{ID: id, Name: fmt.Sprintf("监测点%d", i), Kind: "air", Lon: p[0], Lat: p[1],
			Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}}})
		values.Observations = append(values.Observations, cim.Observation{Device: id, Property: "pm2_5", Time: noon, Value: math.Round(rng.Float64()*2000) / 10})
	}
	c.take(devices, values)
	return c
}

func features(tb testing.TB, data []byte) (n int) {
	for _, l := range decoded(tb, data).Layers {
		n += len(l.Features)
	}
	return n
}
