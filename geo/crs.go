package geo

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"
)

// CRS is a coordinate reference system 坐标参考系 that a sender may declare:
// an EPSG code, or one of the two systems of Chinese map services that have no
// code. The zero CRS is one not declared; it is taken as CGCS2000.
//
// Coordinates are always x, y: lon, lat or easting, northing, as GeoJSON and
// every GIS file orders them, also where the EPSG register lists the northern
// axis first.
type CRS int

// The systems. The plane ones of CGCS2000 are made with [GaussKruger].
const (
	GCJ02       CRS = 1    // 火星坐标: the offset of Chinese web maps (AMap, Tencent)
	BD09        CRS = 2    // Baidu's offset on top of GCJ-02
	CGCS2000    CRS = 4490 // 国家大地坐标系 GB/T 30168, ellipsoid GRS 80
	WGS84       CRS = 4326
	WebMercator CRS = 3857
)

// First EPSG codes of the Gauss–Krüger series of CGCS2000: 3° zones 25–45 with
// the zone before the easting, the same zones without it, and the 6° zones
// 13–23 both ways.
const (
	epsg3Zone    = 4513
	epsg3Central = 4534
	epsg6Zone    = 4491
	epsg6Central = 4502
)

// GaussKruger 高斯–克吕格 3° zone about the central meridian, 75, 78 … 135°
// E; numbered puts the zone's number before the easting (40,500,000 m), as
// Chinese drawings often do. ok is false for any other meridian.
func GaussKruger(central int, numbered bool) (c CRS, ok bool) {
	if central < 75 || central > 135 || central%3 != 0 {
		return 0, false
	}
	i := CRS(central-75) / 3
	if numbered {
		return epsg3Zone + i, true
	}
	return epsg3Central + i, true
}

// plane tells the central meridian in degrees and the false easting in metres
// of a Gauss–Krüger system.
func (c CRS) plane() (central, falseEasting float64, ok bool) {
	switch {
	case c >= epsg3Zone && c < epsg3Zone+21:
		zone := float64(c-epsg3Zone) + 25
		return zone * 3, zone*1e6 + 500_000, true
	case c >= epsg3Central && c < epsg3Central+21:
		return float64(c-epsg3Central)*3 + 75, 500_000, true
	case c >= epsg6Zone && c < epsg6Zone+11:
		zone := float64(c-epsg6Zone) + 13
		return zone*6 - 3, zone*1e6 + 500_000, true
	case c >= epsg6Central && c < epsg6Central+11:
		return float64(c-epsg6Central)*6 + 75, 500_000, true
	}
	return 0, 0, false
}

// Known reports whether coordinates in c can be converted.
func (c CRS) Known() bool {
	switch c {
	case 0, GCJ02, BD09, CGCS2000, WGS84, WebMercator:
		return true
	}
	_, _, ok := c.plane()
	return ok
}

// String is "GCJ-02", "BD-09" or "EPSG:4490"; "" when not declared.
func (c CRS) String() string {
	switch c {
	case 0:
		return ""
	case GCJ02:
		return "GCJ-02"
	case BD09:
		return "BD-09"
	}
	return fmt.Sprintf("EPSG:%d", int(c))
}

// MarshalText and UnmarshalText put String's form into JSON and YAML.
func (c CRS) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText takes what ParseCRS takes, and "" as not declared.
func (c *CRS) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*c = 0
		return nil
	}
	*c, err = ParseCRS(string(b))
	return err
}

// crsNames are other names than "EPSG:…", letters and digits only.
var crsNames = map[string]CRS{
	"CGCS2000": CGCS2000, "国家大地坐标系": CGCS2000, "2000国家大地坐标系": CGCS2000,
	"WGS84": WGS84, "CRS84": WGS84, "OGCCRS84": WGS84, "URNOGCDEFCRSOGC13CRS84": WGS84,
	"WEBMERCATOR": WebMercator, "EPSG900913": WebMercator,
	"GCJ02": GCJ02, "GCJ2": GCJ02, "火星坐标": GCJ02, "火星坐标系": GCJ02,
	"BD09": BD09, "BD09LL": BD09, "百度坐标": BD09, "百度坐标系": BD09,
}

var (
	crsNoise   = regexp.MustCompile(`[^\p{L}\p{N}]+`)
	crsEPSG    = regexp.MustCompile(`^(?:URNOGCDEFCRS|HTTPWWWOPENGISNETDEFCRS)?EPSG0?(\d{4,5})$`)
	crsZone    = regexp.MustCompile(`^CGCS20003DEGREE(?:GAUSSKRUGER|GK)ZONE(\d{2})$`)
	crsCentral = regexp.MustCompile(`^CGCS20003DEGREE(?:GAUSSKRUGER|GK)CM(\d{2,3})E$`)
)

// ParseCRS reads "CGCS2000", "EPSG:4549", "urn:ogc:def:crs:EPSG::4490",
// "CGCS2000 / 3-degree Gauss-Kruger CM 120E", "GCJ-02", "BD-09" and the like;
// case, spaces and punctuation do not matter. An unknown system is an error.
func ParseCRS(s string) (CRS, error) {
	name := strings.ToUpper(crsNoise.ReplaceAllString(s, ""))
	if c, ok := crsNames[name]; ok {
		return c, nil
	}
	if m := crsEPSG.FindStringSubmatch(name); m != nil {
		n, _ := strconv.Atoi(m[1])
		// Codes 1 and 2 are ours; four digits keep them out.
		if c := CRS(n); n >= 1000 && c.Known() {
			return c, nil
		}
	}
	if m := crsZone.FindStringSubmatch(name); m != nil {
		n, _ := strconv.Atoi(m[1])
		if c, ok := GaussKruger(n*3, true); ok {
			return c, nil
		}
	}
	if m := crsCentral.FindStringSubmatch(name); m != nil {
		n, _ := strconv.Atoi(m[1])
		if c, ok := GaussKruger(n, false); ok {
			return c, nil
		}
	}
	return 0, fmt.Errorf("unknown coordinate system %q; expected CGCS2000, EPSG:4490, EPSG:4326, EPSG:3857, EPSG:4513–4554 (3° Gauss–Krüger), GCJ-02 or BD-09", s)
}

// ToCGCS2000 converts a point in c to lon, lat in CGCS2000. See the functions
// it stands on for their accuracy; an unknown CRS and CGCS2000 change nothing.
// What is not a place (NaN, far outside a zone) comes out as one that
// [Validate] refuses; it never fails in another way.
func (c CRS) ToCGCS2000(p orb.Point) orb.Point {
	switch c {
	case GCJ02:
		return FromGCJ02(p)
	case BD09:
		return FromGCJ02(gcjFromBD09(p))
	case WebMercator:
		return fromWebMercator(p)
	}
	if central, east, ok := c.plane(); ok {
		return fromPlane(p, central, east)
	}
	return p
}

// FromCGCS2000 is the inverse of ToCGCS2000.
func (c CRS) FromCGCS2000(p orb.Point) orb.Point {
	switch c {
	case GCJ02:
		return ToGCJ02(p)
	case BD09:
		return bd09FromGCJ(ToGCJ02(p))
	case WebMercator:
		return toWebMercator(p)
	}
	if central, east, ok := c.plane(); ok {
		return toPlane(p, central, east)
	}
	return p
}

// GeometryToCGCS2000 is ToCGCS2000 for every point of a copy of g.
func (c CRS) GeometryToCGCS2000(g orb.Geometry) orb.Geometry {
	if g == nil {
		return nil
	}
	return project.Geometry(orb.Clone(g), c.ToCGCS2000)
}

// GeometryFromCGCS2000 is FromCGCS2000 for every point of a copy of g.
func (c CRS) GeometryFromCGCS2000(g orb.Geometry) orb.Geometry {
	if g == nil {
		return nil
	}
	return project.Geometry(orb.Clone(g), c.FromCGCS2000)
}
