package ingest

import (
	"fmt"
	"math"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// place checks lon, lat against the globe and the city. Before a city has
// regions every place on the globe will do.
func (b *batch) place(lon, lat float64) *Problem { return checkPlace(b.regions, lon, lat) }

func checkPlace(city *geo.Regions, lon, lat float64) *Problem {
	for _, v := range [2]float64{lon, lat} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return notFinite("/lon,lat", v)
		}
	}
	at := orb.Point{lon, lat}
	if city == nil || city.Len() == 0 {
		if !onGlobe(at) {
			return offGlobe(at)
		}
		return nil
	}
	if onGlobe(at) && inCity(city, at) {
		return nil
	}
	if swapped := (orb.Point{lat, lon}); onGlobe(swapped) && inCity(city, swapped) {
		return &Problem{Field: "/lon,lat", Value: pair(at), Code: CodeSwapped,
			Message:  "经纬度写反了 / longitude and latitude are exchanged",
			Expected: "lon " + degrees(lat) + ", lat " + degrees(lon)}
	}
	if !onGlobe(at) {
		return offGlobe(at)
	}
	return &Problem{Field: "/lon,lat", Value: pair(at), Code: CodeOutsideCity,
		Message:  fmt.Sprintf("位置在城市之外 %[1]s / the place is %[1]s outside the city", metres(distance(city, at))),
		Expected: "lon, lat in CGCS2000 within " + box(city.Bound())}
}

func onGlobe(p orb.Point) bool {
	return p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90
}

func inCity(city *geo.Regions, p orb.Point) bool {
	_, ok := city.At(p)
	return ok
}

func offGlobe(p orb.Point) *Problem {
	return &Problem{Field: "/lon,lat", Value: pair(p), Code: CodeOutOfRange,
		Message:  "坐标超出经纬度范围 / the coordinates are not on the globe",
		Expected: "lon −180 … 180, lat −90 … 90 degrees"}
}

// distance is how far p is from the nearest edge of the city, in metres. It
// measures on a plane that touches the globe at p: right to a percent for the
// tens of kilometres around a city, and only a hint beyond.
func distance(city *geo.Regions, p orb.Point) float64 {
	best := math.Inf(1)
	for _, root := range city.Roots() {
		for _, polygon := range root.Geometry {
			for _, ring := range polygon {
				best = min(best, ringDistance(ring, p))
			}
		}
	}
	return best
}

// metresPerDegree of latitude, on the mean sphere of 6 371 008.8 m.
const metresPerDegree = 6371008.8 * math.Pi / 180

func ringDistance(ring orb.Ring, p orb.Point) float64 {
	kx, ky := metresPerDegree*math.Cos(p[1]*math.Pi/180), metresPerDegree
	best := math.Inf(1)
	for i := 1; i < len(ring); i++ {
		ax, ay := (ring[i-1][0]-p[0])*kx, (ring[i-1][1]-p[1])*ky
		bx, by := (ring[i][0]-p[0])*kx, (ring[i][1]-p[1])*ky
		dx, dy := bx-ax, by-ay
		t := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			t = max(0, min(1, -(ax*dx+ay*dy)/l))
		}
		best = min(best, math.Hypot(ax+t*dx, ay+t*dy))
	}
	return best
}

// between is the distance of two near points in metres; see distance.
func between(a, b orb.Point) float64 {
	return math.Hypot((a[0]-b[0])*metresPerDegree*math.Cos(a[1]*math.Pi/180), (a[1]-b[1])*metresPerDegree)
}

// shifted finds a place that is off from a known one by the offset of GCJ-02
// and nothing else: most likely GCJ-02 that was declared as CGCS2000. within
// is how far off, in metres, the thing may have moved meanwhile.
func shifted(known, told orb.Point, within float64) *Problem {
	gcj := geo.ToGCJ02(known)
	offset := between(known, gcj)
	if offset < 50 || between(known, told) < offset/2 || between(gcj, told) > within {
		return nil
	}
	right := geo.FromGCJ02(told)
	return &Problem{Field: "/lon,lat", Value: pair(told), Code: CodeGCJ02,
		Message: fmt.Sprintf("与已知位置恰差 GCJ-02 偏移 %[1]s，疑为未转换的火星坐标 / "+
			"off from the known place by exactly the GCJ-02 offset of %[1]s", metres(offset)),
		Expected: "CGCS2000, about " + pair(right)}
}

func pair(p orb.Point) string { return degrees(p[0]) + ", " + degrees(p[1]) }

func degrees(v float64) string { return fmt.Sprintf("%.6f", v) }

func metres(m float64) string {
	if m < 10_000 {
		return fmt.Sprintf("%.0f m", m)
	}
	return fmt.Sprintf("%.1f km", m/1000)
}

func box(b orb.Bound) string {
	return fmt.Sprintf("%.3f–%.3f°E, %.3f–%.3f°N", b.Min[0], b.Max[0], b.Min[1], b.Max[1])
}
