package cim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// maxDeviceBytes is what a live device with four datastreams may take, its
// part of the cells' windows included.
const maxDeviceBytes = 1536

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// bytesPerDevice is what a device takes when every stream has been heard for a
// while, at about ten devices a cell, as decoded from the wire.
func bytesPerDevice(t testing.TB, devices int) float64 {
	corner := orb.Point{120.82, 31.12}
	area := float64(devices) / 10 * geo.CellAt(corner, geo.BaseResolution).Area()
	side := math.Sqrt(area/0.857) / 111_195 // degrees; a degree of longitude is shorter
	c := newCity(t, manyRegions())
	before := heap()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range devices {
		p := orb.Point{corner[0] + r.Float64()*side, corner[1] + r.Float64()*side}
		b, err := cim.Encode(cim.DevicesPut{Devices: []cim.Device{{
			ID: fmt.Sprintf("dev-%06d", i), Name: fmt.Sprintf("监测站%d", i), Kind: "air", Lon: p[0], Lat: p[1], Datastreams: benchStreams,
		}}})
		if err != nil {
			t.Fatal(err)
		}
		f, err := cim.Decode("onecity.devices.v1", b)
		if err != nil {
			t.Fatal(err)
		}
		c.take(f)
	}
	for range 12 {
		for _, o := range round(devices, c.now, r) {
			c.take(o)
		}
		c.Snapshot()
		c.after(50 * time.Second)
	}
	taken := 0
	c.read().Cells(geo.BaseResolution, whole, func(*cim.CellState) bool { taken++; return true })
	t.Logf("%d devices in %d cells", devices, taken)
	c.take(cim.Tick{})
	after := heap()
	runtime.KeepAlive(c)
	return float64(after-before) / float64(devices)
}

func TestALiveDeviceWithFourDatastreamsTakesLittleMemory(t *testing.T) {
	if got := bytesPerDevice(t, 5_000); got > maxDeviceBytes {
		t.Errorf("%.0f bytes a device, want at most %d", got, maxDeviceBytes)
	}
}

func BenchmarkMemoryPerDevice(b *testing.B) {
	for range b.N {
		b.ReportMetric(bytesPerDevice(b, 100_000), "B/device")
	}
	b.ReportMetric(0, "ns/op")
}
