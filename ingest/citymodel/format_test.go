package citymodel_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onecity/ingest/citymodel"
)

func TestAFileIsWhatItHoldsNotWhatItIsCalled(t *testing.T) {
	geojson, err := os.ReadFile("testdata/mixed.geojson")
	if err != nil {
		t.Fatal(err)
	}
	osm, err := os.ReadFile("testdata/multipolygon.osm")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content         []byte
		format          citymodel.Format
		promised, found citymodel.Format
	}{
		"a.shp":         {geojson, "", citymodel.FormatShapefile, citymodel.FormatGeoJSON},
		"a.osm.pbf":     {osm, "", citymodel.FormatOSMPBF, citymodel.FormatOSMXML},
		"a.gpkg":        {[]byte("hello"), "", citymodel.FormatGeoPackage, citymodel.FormatAuto},
		"a.dwg":         {[]byte("AC1032"), "", citymodel.FormatAuto, citymodel.FormatAuto},
		"a.geojson":     {geojson, citymodel.FormatCityJSON, citymodel.FormatCityJSON, citymodel.FormatGeoJSON},
		"page.geojson":  {[]byte("<html><body>404"), "", citymodel.FormatGeoJSON, citymodel.FormatAuto},
		"table.geojson": {[]byte("id,name\n1,a"), "", citymodel.FormatGeoJSON, citymodel.FormatAuto},
	} {
		_, err := citymodel.Import(context.Background(), written(t, name, c.content), citymodel.Options{Format: c.format}, (&taken{}).emit, nil)
		var wrong *citymodel.WrongFormatError
		if !errors.As(err, &wrong) || wrong.Promised != c.promised || wrong.Found != c.found {
			t.Errorf("%s: %v", name, err)
		}
	}
	if k, _ := imported(t, written(t, "whatever.json", geojson), citymodel.Options{}); len(k.objects) != 4 {
		t.Errorf("a name that promises nothing: %d objects", len(k.objects))
	}
	if k, _ := imported(t, written(t, "a.shp", geojson), citymodel.Options{Format: citymodel.FormatGeoJSON}); len(k.objects) != 4 {
		t.Errorf("a format that was given: %d objects", len(k.objects))
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		dir:                                "not a regular file",
		filepath.Join(dir, "none.geojson"): "no such file",
		written(t, "empty.geojson", nil):   "empty",
		written(t, "a.zip", []byte("PK\x03\x04 broken")): "archive",
		written(t, "a.osm.bz2", []byte("BZh9 broken")):   "bzip2",
	} {
		_, err := citymodel.Import(context.Background(), path, citymodel.Options{}, (&taken{}).emit, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to say %q", path, err, want)
		}
	}
}

func TestACityJSONWhoseObjectsComeBeforeItsTypeIsNoGeoJSON(t *testing.T) {
	k, r := imported(t, written(t, "whatever.json", []byte(`{"CityObjects":{"r":{"geometry":[
		{"boundaries":[[0,1]],"lod":"0","type":"MultiLineString"}],"type":"Road"}},
		"metadata":{"referenceSystem":"https://www.opengis.net/def/crs/EPSG/0/4490"},
		"transform":{"scale":[1,1,1],"translate":[120,31,0]},"type":"CityJSON","version":"2.0","vertices":[[0,0,0],[1,0,0]]}`)), citymodel.Options{})
	if r.Format != citymodel.FormatCityJSON || len(k.objects) != 1 {
		t.Errorf("%s with %d objects: %v", r.Format, len(k.objects), r.Rejected)
	}
}
