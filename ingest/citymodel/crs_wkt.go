package citymodel

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"onecity/geo"
)

var (
	wktName      = regexp.MustCompile(`^\s*(PROJCS|PROJCRS|GEOGCS|GEOGCRS|GEODCRS|COMPD_CS|COMPOUNDCRS|BOUNDCRS)\s*\[\s*"([^"]*)"`)
	wktLastID    = regexp.MustCompile(`(?:AUTHORITY\s*\[\s*"EPSG"\s*,\s*"?|ID\s*\[\s*"EPSG"\s*,\s*"?)(\d{4,6})"?\s*\]\s*\]\s*$`)
	wktParameter = regexp.MustCompile(`PARAMETER\s*\[\s*"([^"]*)"\s*,\s*([-+0-9.eE]+)`)
	wktMethod    = regexp.MustCompile(`(?:PROJECTION|METHOD)\s*\[\s*"([^"]*)"`)
	wktDatum     = regexp.MustCompile(`(?:DATUM|ENSEMBLE)\s*\[\s*"([^"]*)"`)
)

// crsOfWKT finds the system that a .prj or a GeoPackage's definition describes
// in Well-Known Text (WKT 1 as GDAL and Esri write it, WKT 2 of ISO 19162): by
// its EPSG code where it has one, else by datum and projection. It gives a name
// that geo.ParseCRS takes.
func crsOfWKT(wkt string) (string, error) {
	wkt = strings.TrimSpace(strings.TrimPrefix(wkt, "\ufeff"))
	m := wktName.FindStringSubmatch(wkt)
	if m == nil {
		return "", fmt.Errorf("its coordinate system %s is not described in WKT", quoteShort(wkt))
	}
	kind, name := m[1], m[2]
	if id := wktLastID.FindStringSubmatch(wkt); id != nil {
		return "EPSG:" + id[1], nil
	}
	if _, err := geo.ParseCRS(name); err == nil {
		return name, nil
	}
	datum := ""
	if d := wktDatum.FindStringSubmatch(wkt); d != nil {
		datum = strings.ToUpper(strings.Map(letters, d[1]))
	}
	chinese := strings.Contains(datum, "CHINA2000") || strings.Contains(datum, "CGCS2000") || strings.Contains(datum, "CHINAGEODETICCOORDINATESYSTEM2000")
	world := strings.Contains(datum, "WGS1984") || strings.Contains(datum, "WGS84") || strings.Contains(datum, "WORLDGEODETICSYSTEM1984")
	if !chinese && !world {
		return "", fmt.Errorf("its coordinate system %q stands on the datum %q, which cannot be converted; CGCS2000 and WGS 84 can", name, datum)
	}
	if strings.HasPrefix(kind, "GEO") {
		if chinese {
			return geo.CGCS2000.String(), nil
		}
		return geo.WGS84.String(), nil
	}
	method := ""
	if p := wktMethod.FindStringSubmatch(wkt); p != nil {
		method = strings.ToUpper(strings.Map(letters, p[1]))
	}
	switch {
	case strings.Contains(method, "MERCATORAUXILIARYSPHERE"), strings.Contains(method, "POPULARVISUALISATIONPSEUDOMERCATOR"),
		strings.Contains(method, "MERCATOR1SP") && strings.Contains(strings.ToUpper(name), "PSEUDO"):
		return geo.WebMercator.String(), nil
	case chinese && (strings.Contains(method, "TRANSVERSEMERCATOR") || strings.Contains(method, "GAUSSKRUGER")):
		c, err := gaussKruger(wkt)
		if err != nil {
			return "", fmt.Errorf("its coordinate system %q: %w", name, err)
		}
		return c.String(), nil
	}
	return "", fmt.Errorf("its coordinate system %q (projection %q) cannot be converted; 3° Gauss–Krüger zones of CGCS2000 and Web Mercator can", name, method)
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// gaussKruger reads central meridian and false easting.
func gaussKruger(wkt string) (geo.CRS, error) {
	central, east, scale := math.NaN(), math.NaN(), 1.0
	for _, p := range wktParameter.FindAllStringSubmatch(wkt, -1) {
		v, err := strconv.ParseFloat(p[2], 64)
		if err != nil {
			continue
		}
		switch strings.ToUpper(strings.Map(letters, p[1])) {
		case "CENTRALMERIDIAN", "LONGITUDEOFNATURALORIGIN":
			central = v
		case "FALSEEASTING":
			east = v
		case "SCALEFACTOR", "SCALEFACTORATNATURALORIGIN":
			scale = v
		}
	}
	if scale != 1 {
		return 0, fmt.Errorf("scale %g on the central meridian, 1 is expected", scale)
	}
	zone := central / 3
	numbered := false
	switch east {
	case 500_000:
	case math.Round(zone)*1e6 + 500_000:
		numbered = true
	default:
		return 0, fmt.Errorf("false easting of %g m", east)
	}
	if central != math.Trunc(central) {
		return 0, errors.New("no whole central meridian")
	}
	c, ok := geo.GaussKruger(int(central), numbered)
	if !ok {
		return 0, fmt.Errorf("central meridian %g°, expected 75, 78 … 135", central)
	}
	return c, nil
}
