package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// GCJ-02 displaces CGCS2000 by 100 to 700 m, by a smooth function that is not
// published; the form below has been common knowledge since 2010 ("eviltransform",
// "China geodetic: WGS-84 to GCJ-02") and reproduces the map services to about a
// metre. It uses the ellipsoid of Krasovsky (1940).
const (
	krasovskyA  = 6378245.0
	krasovskyE2 = 0.00669342162296594323
)

// insideChina is the rule of the map services: outside of this rectangle
// nothing is displaced. It also takes in neighbours, whose maps are displaced
// likewise.
func insideChina(p orb.Point) bool {
	return p[0] >= 72.004 && p[0] <= 137.8347 && p[1] >= 0.8293 && p[1] <= 55.8271
}

// ToGCJ02 displaces a CGCS2000 point as Chinese web maps do.
func ToGCJ02(p orb.Point) orb.Point {
	if !insideChina(p) {
		return p
	}
	return gcj02(p)
}

// FromGCJ02 takes the displacement away again: ToGCJ02 of the answer is p to
// within 1e-10° (10 µm). How near that is to the truth depends on ToGCJ02:
// about 1 m. The jump at the rectangle's edge has no inverse; there the answer
// is p moved back as if the rule went on.
func FromGCJ02(p orb.Point) orb.Point {
	if !insideChina(p) {
		return p
	}
	return invert(gcj02, p)
}

func gcj02(p orb.Point) orb.Point {
	x, y := p[0]-105, p[1]-35
	root := math.Sqrt(math.Abs(x))
	waves := 20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root +
		(waves+20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi)+
			150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root +
		(waves+20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi)+
			160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3

	sin, cos := math.Sincos(radians(p[1]))
	m := 1 - krasovskyE2*sin*sin
	w := math.Sqrt(m)
	return orb.Point{
		p[0] + degrees(east/(krasovskyA/w*cos)),
		p[1] + degrees(north/(krasovskyA*(1-krasovskyE2)/(m*w))),
	}
}

// bd09Wave is Baidu's "x_pi".
const bd09Wave = math.Pi * 3000 / 180

// bd09FromGCJ is Baidu's offset as commonly known: about 1 m from the service.
func bd09FromGCJ(p orb.Point) orb.Point {
	r := math.Hypot(p[0], p[1]) + 0.00002*math.Sin(p[1]*bd09Wave)
	a := math.Atan2(p[1], p[0]) + 0.000003*math.Cos(p[0]*bd09Wave)
	sin, cos := math.Sincos(a)
	return orb.Point{r*cos + 0.0065, r*sin + 0.006}
}

func gcjFromBD09(p orb.Point) orb.Point { return invert(bd09FromGCJ, p) }

// invert finds q with f(q) = p for an f that displaces slowly varying by little:
// each step takes the error of the last away, and shrinks it at least tenfold.
func invert(f func(orb.Point) orb.Point, p orb.Point) orb.Point {
	q := p
	for range 30 {
		got := f(q)
		dx, dy := p[0]-got[0], p[1]-got[1]
		q[0] += dx
		q[1] += dy
		// Negated so that NaN ends it.
		if !(math.Abs(dx) > 1e-12 || math.Abs(dy) > 1e-12) {
			break
		}
	}
	return q
}
