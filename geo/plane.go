package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Ellipsoid GRS 80, which CGCS2000 uses (GB/T 30168): semi-major axis in metres
// and flattening.
const (
	grs80A = 6378137.0
	grs80F = 1 / 298.257222101
)

// Krüger's series for the transverse Mercator projection in the third flattening
// n, to the 6th order: C. F. F. Karney, "Transverse Mercator with an accuracy of
// a few nanometers", J. Geodesy 85 (2011), eqs. 12, 14, 35 and 36. Within a 3°
// or 6° zone the truncation is below 0.1 µm, so that what is left is rounding;
// both ways agree with PROJ to 1 µm. Scale on the central meridian is 1.
const (
	n  = grs80F / (2 - grs80F)
	n2 = n * n
	n3 = n2 * n
	n4 = n3 * n
	n5 = n4 * n
	n6 = n5 * n

	// meridian is the radius of the circle with the meridian's circumference.
	meridian = grs80A / (1 + n) * (1 + n2/4 + n4/64 + n6/256)
)

// eccentricity of GRS 80.
var eccentricity = math.Sqrt(grs80F * (2 - grs80F))

var krugerForward = [6]float64{
	n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180 - 127*n5/288 + 7891*n6/37800,
	13*n2/48 - 3*n3/5 + 557*n4/1440 + 281*n5/630 - 1983433*n6/1935360,
	61*n3/240 - 103*n4/140 + 15061*n5/26880 + 167603*n6/181440,
	49561*n4/161280 - 179*n5/168 + 6601661*n6/7257600,
	34729*n5/80640 - 3418889*n6/1995840,
	212378941 * n6 / 319334400,
}

var krugerInverse = [6]float64{
	n/2 - 2*n2/3 + 37*n3/96 - n4/360 - 81*n5/512 + 96199*n6/604800,
	n2/48 + n3/15 - 437*n4/1440 + 46*n5/105 - 1118711*n6/3870720,
	17*n3/480 - 37*n4/840 - 209*n5/4480 + 5569*n6/90720,
	4397*n4/161280 - 11*n5/504 - 830251*n6/7257600,
	4583*n5/161280 - 108847*n6/3991680,
	20648693 * n6 / 638668800,
}

// toPlane projects lon, lat to easting, northing in metres about the central
// meridian (degrees).
func toPlane(p orb.Point, central, falseEasting float64) orb.Point {
	sin, cos := math.Sincos(radians(p[0] - central))
	t := conformal(math.Tan(radians(p[1])))
	xi0 := math.Atan2(t, cos)
	eta0 := math.Asinh(sin / math.Hypot(t, cos))
	xi, eta := xi0, eta0
	for j, a := range krugerForward {
		k := 2 * float64(j+1)
		s, c := math.Sincos(k * xi0)
		xi += a * s * math.Cosh(k*eta0)
		eta += a * c * math.Sinh(k*eta0)
	}
	return orb.Point{falseEasting + meridian*eta, meridian * xi}
}

// fromPlane is the inverse of toPlane.
func fromPlane(p orb.Point, central, falseEasting float64) orb.Point {
	xi0, eta0 := p[1]/meridian, (p[0]-falseEasting)/meridian
	xi, eta := xi0, eta0
	for j, b := range krugerInverse {
		k := 2 * float64(j+1)
		s, c := math.Sincos(k * xi0)
		xi -= b * s * math.Cosh(k*eta0)
		eta -= b * c * math.Sinh(k*eta0)
	}
	sin, cos := math.Sincos(xi)
	sh := math.Sinh(eta)
	lon := central + degrees(math.Atan2(sh, cos))
	return orb.Point{lon, degrees(math.Atan(geographic(sin / math.Hypot(sh, cos))))}
}

// conformal turns the tangent of the latitude into that of the conformal
// latitude (Karney, eqs. 7–9).
func conformal(t float64) float64 {
	h := math.Hypot(1, t)
	s := math.Sinh(eccentricity * math.Atanh(eccentricity*t/h))
	return t*math.Hypot(1, s) - s*h
}

// geographic is the inverse of conformal, by Newton's method (Karney, eqs.
// 19–21); two steps reach rounding, five are the bound for odd input.
func geographic(want float64) float64 {
	const e2 = grs80F * (2 - grs80F)
	t := want
	for range 5 {
		got := conformal(t)
		step := (want - got) / math.Hypot(1, got) * (1 + (1-e2)*t*t) / ((1 - e2) * math.Hypot(1, t))
		t += step
		if !(math.Abs(step) > 1e-15*math.Max(1, math.Abs(t))) {
			break
		}
	}
	return t
}

// toWebMercator projects to metres on the sphere of radius 6,378,137 m
// (EPSG:3857, method 1024), exact to rounding; a pole goes to infinity.
func toWebMercator(p orb.Point) orb.Point {
	return orb.Point{
		grs80A * radians(p[0]),
		grs80A * math.Asinh(math.Tan(radians(p[1]))),
	}
}

func fromWebMercator(p orb.Point) orb.Point {
	return orb.Point{degrees(p[0] / grs80A), degrees(math.Atan(math.Sinh(p[1] / grs80A)))}
}

func radians(d float64) float64 { return d * (math.Pi / 180) }
func degrees(r float64) float64 { return r * (180 / math.Pi) }
