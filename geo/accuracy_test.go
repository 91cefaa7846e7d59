package geo

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"
)

func dms(sign, d, m, s float64) float64 { return sign * (d + m/60 + s/3600) }

// Control values of the transverse Mercator projection on GRS 80, CGCS2000's
// ellipsoid: Flinders Peak and Buninyong, ICSM, "Geocentric Datum of Australia
// Technical Manual", version 2.4 (2014), the worked examples of Redfearn's
// formulas, printed to the millimetre. The Map Grid of Australia is that
// projection with the scale 0.9996 and 10,000 km added to the northing.
func TestGaussKrugerAgreesWithPublishedControlValues(t *testing.T) {
	const millimetre = 1e-3
	flinders := orb.Point{dms(1, 144, 25, 29.52440), dms(-1, 37, 57, 3.72030)}
	buninyong := orb.Point{dms(1, 143, 55, 35.38390), dms(-1, 37, 39, 10.15610)}
	for _, c := range []struct {
		name        string
		at          orb.Point
		central     float64
		east, north float64
	}{
		{name: "Flinders Peak, zone 55", at: flinders, central: 147, east: 273741.297, north: 5796489.777},
		{name: "Buninyong, zone 55", at: buninyong, central: 147, east: 228854.052, north: 5828259.038},
		{name: "Buninyong, zone 54", at: buninyong, central: 141, east: 758173.797, north: 5828674.340},
	} {
		plane := orb.Point{(c.east-500_000)/0.9996 + 500_000, (c.north - 10_000_000) / 0.9996}
		if got := toPlane(c.at, c.central, 500_000); math.Abs(got[0]-plane[0]) > millimetre || math.Abs(got[1]-plane[1]) > millimetre {
			t.Errorf("%s: %.4f %.4f, published %.4f %.4f", c.name, got[0], got[1], plane[0], plane[1])
		}
		if got := fromPlane(plane, c.central, 500_000); orbgeo.Distance(got, c.at) > millimetre {
			t.Errorf("%s back: %v, published %v", c.name, got, c.at)
		}
	}
}

// The doc of the package says how far a conversion and its inverse together
// may leave a place, all over China.
func TestEveryConversionKeepsTheAccuracyThatTheDocSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for _, c := range []struct {
		name   string
		crs    func(lon float64) CRS
		metres float64
	}{
		{"CGCS2000", func(float64) CRS { return CGCS2000 }, 0},
		{"WGS 84", func(float64) CRS { return WGS84 }, 0},
		{"Web Mercator", func(float64) CRS { return WebMercator }, 1e-6},
		{"Gauss–Krüger, 3° zone", func(lon float64) CRS { return plane(t, int(math.Round(lon/3))*3, false) }, 1e-6},
		{"Gauss–Krüger, 3° zone numbered", func(lon float64) CRS { return plane(t, int(math.Round(lon/3))*3, true) }, 1e-6},
		{"Gauss–Krüger, 6° zone", func(lon float64) CRS { return epsg6Central + CRS(math.Round((lon-75)/6)) }, 1e-6},
		{"GCJ-02", func(float64) CRS { return GCJ02 }, 1e-5},
		{"BD-09", func(float64) CRS { return BD09 }, 1e-5},
	} {
		worst := 0.0
		for range 4000 {
			at := orb.Point{75 + rng.Float64()*58, 4 + rng.Float64()*49}
			crs := c.crs(at[0])
			back := crs.ToCGCS2000(crs.FromCGCS2000(at))
			worst = max(worst, math.Hypot((back[0]-at[0])*math.Cos(radians(at[1])), back[1]-at[1])*111_320)
		}
		if worst > c.metres {
			t.Errorf("%s: there and back is off by %.2g m, the doc says %.0g", c.name, worst, c.metres)
		}
	}
}

// Taking WGS 84 for CGCS2000 leaves out two things, which the doc weighs: the
// ellipsoids differ in flattening, and CGCS2000 stays with the plate as it lay
// at epoch 2000.0 while WGS 84 does not.
func TestTakingWGS84ForCGCS2000CostsWhatTheDocSays(t *testing.T) {
	const wgs84F = 1 / 298.257223563
	worst := 0.0
	for lat := 4.0; lat <= 53; lat++ {
		// The point on GRS 80 at that latitude, seen on the other ellipsoid
		// (Bowring's first step, exact enough for so small a height).
		e1, e2 := grs80F*(2-grs80F), wgs84F*(2-wgs84F)
		sin, cos := math.Sincos(radians(lat))
		v := grs80A / math.Sqrt(1-e1*sin*sin)
		across, up := v*cos, v*(1-e1)*sin
		b := grs80A * (1 - wgs84F)
		s, c := math.Sincos(math.Atan2(up*grs80A, across*b))
		seen := math.Atan2(up+e2/(1-e2)*b*s*s*s, across-e2*grs80A*c*c*c)
		worst = max(worst, math.Abs(degrees(seen)-lat)*111_320)
	}
	if worst < 5e-5 || worst > 1.5e-4 {
		t.Errorf("the ellipsoids differ by %.2g m, the doc says 0.1 mm", worst)
	}

	// The rotation of the Eurasian plate in ITRF2014, milliarcseconds a year:
	// Z. Altamimi et al., "ITRF2014 plate motion model", GJI 209 (2017), table 1.
	rate := [3]float64{-0.085, -0.531, 0.770}
	sinB, cosB := math.Sincos(radians(kunshanStation[1]))
	sinL, cosL := math.Sincos(radians(kunshanStation[0]))
	r := [3]float64{6_371_000 * cosB * cosL, 6_371_000 * cosB * sinL, 6_371_000 * sinB}
	moves := math.Sqrt(square(rate[1]*r[2]-rate[2]*r[1])+square(rate[2]*r[0]-rate[0]*r[2])+square(rate[0]*r[1]-rate[1]*r[0])) *
		radians(1.0/3_600_000)
	if moves < 0.025 || moves > 0.035 {
		t.Errorf("Kunshan moves %.3f m a year, the doc says 3 cm", moves)
	}
}

func square(v float64) float64 { return v * v }
