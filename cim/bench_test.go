package cim_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// benchBound is about the size of Kunshan: 33 km by 44 km.
var benchBound = orb.Bound{Min: orb.Point{120.82, 31.12}, Max: orb.Point{121.16, 31.52}}

func somewhere(r *rand.Rand) orb.Point {
	return orb.Point{
		benchBound.Min[0] + r.Float64()*(benchBound.Max[0]-benchBound.Min[0]),
		benchBound.Min[1] + r.Float64()*(benchBound.Max[1]-benchBound.Min[1]),
	}
}

// manyRegions is a city of 9 towns with 40 villages each.
func manyRegions() cim.RegionsPut {
	b := benchBound
	rs := []geo.Region{{Code: "320583", Name: "昆山市", Level: geo.LevelCity, Geometry: orb.MultiPolygon{b.ToPolygon()}}}
	w, h := (b.Max[0]-b.Min[0])/3, (b.Max[1]-b.Min[1])/3
	for i := range 9 {
		town := geo.Code(fmt.Sprintf("3205831%02d", i))
		at := orb.Point{b.Min[0] + w*float64(i%3), b.Min[1] + h*float64(i/3)}
		box := orb.Bound{Min: at, Max: orb.Point{at[0] + w, at[1] + h}}
		rs = append(rs, geo.Region{Code: town, Name: string(town), Level: geo.LevelDistrict, Parent: "320583", Geometry: orb.MultiPolygon{box.ToPolygon()}})
		for j := range 40 {
			p := orb.Point{at[0] + w/8*float64(j%8), at[1] + h/5*float64(j/8)}
			box := orb.Bound{Min: p, Max: orb.Point{p[0] + w/8, p[1] + h/5}}
			code := geo.Code(fmt.Sprintf("%s%03d", town, j))
			rs = append(rs, geo.Region{Code: code, Name: string(code), Level: geo.LevelVillage, Parent: town, Geometry: orb.MultiPolygon{box.ToPolygon()}})
		}
	}
	return cim.RegionsPut{Regions: rs}
}

var benchStreams = []cim.Datastream{
	{Property: "pm2_5", Unit: "ug/m3"}, {Property: "temperature", Unit: "Cel"},
	{Property: "humidity", Unit: "%"}, {Property: "noise", Unit: "dB{A}"},
}

func manyDevices(n int) cim.DevicesPut {
	r := rand.New(rand.NewPCG(1, 1))
	ds := make([]cim.Device, n)
	for i := range ds {
		p := somewhere(r)
		ds[i] = cim.Device{
			ID: fmt.Sprintf("dev-%06d", i), Name: fmt.Sprintf("监测站%d", i), Kind: "air", Lon: p[0], Lat: p[1],
			Datastreams: append([]cim.Datastream(nil), benchStreams...),
		}
	}
	return cim.DevicesPut{Devices: ds}
}

// round is one observation of every stream of n devices, one message a device.
func round(n int, at time.Time, r *rand.Rand) []cim.Observations {
	out := make([]cim.Observations, n)
	for i, d := range r.Perm(n) {
		obs := make([]cim.Observation, len(benchStreams))
		for k, s := range benchStreams {
			obs[k] = cim.Observation{Device: fmt.Sprintf("dev-%06d", d), Property: s.Property, Time: at, Value: 20 + 10*r.Float64()}
		}
		out[i] = cim.Observations{Observations: obs}
	}
	return out
}

func deviceCity(b testing.TB, n int) *city {
	return newCity(b, manyRegions(), manyDevices(n))
}

// foldRounds folds b.N observations at 20,000 a second of the model's time,
// with so many snapshots a second.
func foldRounds(b *testing.B, devices, perEvent int, snapshots int) {
	c := deviceCity(b, devices)
	r := rand.New(rand.NewPCG(2, 2))
	var facts []cim.Fact
	prepare := func() {
		facts = facts[:0]
		var all []cim.Observation
		for _, o := range round(devices, c.now, r) {
			all = append(all, o.Observations...)
		}
		for len(all) > 0 {
			n := min(perEvent, len(all))
			facts = append(facts, cim.Observations{Observations: all[:n:n]})
			all = all[n:]
		}
	}
	// Warm up: a few rounds, so that every stream and series exists.
	for range 3 {
		prepare()
		c.take(facts...)
		c.after(time.Minute)
	}
	const perSecond = 20000
	every := perSecond
	if snapshots > 0 {
		every = perSecond / snapshots
	}
	prepare()
	runtime.GC()
	b.ReportAllocs()
	b.ResetTimer()
	since, i, start := 0, 0, cpuTime()
	for done := 0; done < b.N; {
		if i == len(facts) {
			b.StopTimer()
			paused := cpuTime()
			prepare()
			i, start = 0, start+cpuTime()-paused
			b.StartTimer()
		}
		obs := facts[i].(cim.Observations).Observations
		n := len(obs)
		for k := range obs {
			obs[k].Time = c.now
		}
		c.take(facts[i])
		i++
		done += n
		if since += n; since >= every {
			since = 0
			c.now = c.now.Add(time.Second * time.Duration(every) / perSecond)
			if snapshots > 0 {
				c.Snapshot()
			}
		}
	}
	reportCPU(b, start)
}

func BenchmarkFoldObservation(b *testing.B) {
	for _, c := range []struct {
		name                string
		perEvent, snapshots int
	}{
		{"no snapshots", 4, 0}, {"10 snapshots a second", 4, 10}, {"40 snapshots a second", 4, 40},
		{"40 snapshots a second, one a message", 1, 40}, {"40 snapshots a second, batches of 500", 500, 40},
	} {
		b.Run(c.name, func(b *testing.B) { foldRounds(b, 100_000, c.perEvent, c.snapshots) })
	}
}

func BenchmarkFoldTick(b *testing.B) {
	c := liveCity()
	facts := round(100_000, c.now, rand.New(rand.NewPCG(10, 10)))
	b.ReportAllocs()
	start := cpuTime()
	for i := range b.N {
		b.StopTimer()
		paused := cpuTime()
		// A tenth of the devices speak between two ticks.
		for k := range 10_000 {
			f := facts[(i*10_000+k)%len(facts)]
			for j := range f.Observations {
				f.Observations[j].Time = c.now
			}
			c.take(f)
		}
		c.Snapshot()
		start += cpuTime() - paused
		b.StartTimer()
		c.after(time.Second)
	}
	reportCPU(b, start)
}
