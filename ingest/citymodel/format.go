package citymodel

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
)

// Format is a kind of file.
type Format string

// The formats. FormatAuto tells by the content.
const (
	FormatAuto       Format = ""
	FormatGeoJSON    Format = "geojson"
	FormatOSMPBF     Format = "osm-pbf"
	FormatOSMXML     Format = "osm-xml"
	FormatShapefile  Format = "shapefile"
	FormatGeoPackage Format = "geopackage"
	FormatCityJSON   Format = "cityjson"
)

// Formats lists them, for help texts and for checking an option.
func Formats() []Format {
	return []Format{FormatGeoJSON, FormatOSMPBF, FormatOSMXML, FormatShapefile, FormatGeoPackage, FormatCityJSON}
}

// extensions is what the end of a file's name promises.
var extensions = []struct {
	suffix string
	format Format
}{
	{".city.json", FormatCityJSON}, {".city.jsonl", FormatCityJSON}, {".cityjson", FormatCityJSON}, {".cityjsonl", FormatCityJSON},
	{".geojson", FormatGeoJSON}, {".geojsonl", FormatGeoJSON}, {".geojsons", FormatGeoJSON}, {".geojsonseq", FormatGeoJSON},
	{".pbf", FormatOSMPBF}, {".osm", FormatOSMXML}, {".osc", FormatOSMXML},
	{".shp", FormatShapefile}, {".gpkg", FormatGeoPackage},
}

func promised(path string) Format {
	p := strings.ToLower(filepath.Base(path))
	for _, wrap := range []string{".gz", ".bz2", ".zip"} {
		p = strings.TrimSuffix(p, wrap)
	}
	for _, e := range extensions {
		if strings.HasSuffix(p, e.suffix) {
			return e.format
		}
	}
	return FormatAuto
}

// packing is what a file is wrapped in.
type packing uint8

const (
	plain packing = iota
	bzip2ed
	gzipped
	zipped
)

func packingOf(head []byte) packing {
	switch {
	case bytes.HasPrefix(head, []byte("BZh")):
		return bzip2ed
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipped
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return zipped
	}
	return plain
}

func unpack(r io.Reader, p packing) (io.Reader, error) {
	switch p {
	case bzip2ed:
		return bzip2.NewReader(r), nil
	case gzipped:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("unpack gzip: %w", err)
		}
		return z, nil
	}
	return r, nil
}

var jsonType = regexp.MustCompile(`"type"\s*:\s*"(CityJSON|CityJSONFeature|FeatureCollection|Feature|Point|MultiPoint|LineString|MultiLineString|Polygon|MultiPolygon|GeometryCollection)"`)

// sniffBytes is how much of the (unpacked) file is looked at to tell it.
const sniffBytes = 64 << 10

// contentOf tells a format by the first bytes of the unpacked file.
func contentOf(head []byte) Format {
	switch {
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return FormatGeoPackage
	case len(head) >= 4 && binary.BigEndian.Uint32(head) == shpMagic:
		return FormatShapefile
	case len(head) >= 15 && binary.BigEndian.Uint32(head) < maxBlobHeader && bytes.Contains(head[4:min(len(head), 64)], []byte("OSMHeader")):
		return FormatOSMPBF
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n\x1e")
	switch {
	case len(text) == 0:
		return FormatAuto
	case text[0] == '<' && (bytes.Contains(text, []byte("<osm")) || bytes.Contains(text, []byte("<osmChange"))):
		return FormatOSMXML
	case text[0] == '{':
		m := jsonType.FindSubmatch(text)
		if m != nil && bytes.HasPrefix(m[1], []byte("CityJSON")) {
			return FormatCityJSON
		}
		// Where the objects stand before the file's own type, the first type is
		// that of a geometry, and the two formats share some of those.
		if bytes.Contains(text, []byte(`"CityObjects"`)) && (m == nil || !bytes.HasPrefix(m[1], []byte("Feature"))) {
			return FormatCityJSON
		}
		if m != nil || bytes.Contains(text, []byte(`"features"`)) {
			return FormatGeoJSON
		}
	}
	return FormatAuto
}

// WrongFormatError says that a file is not what its name or the option says.
type WrongFormatError struct {
	Path     string
	Promised Format // by the name or the option
	Found    Format // FormatAuto: nothing that is known
}

func (e *WrongFormatError) Error() string {
	switch {
	case e.Found == FormatAuto && e.Promised == FormatAuto:
		return fmt.Sprintf("%s is in no format that can be imported (%v)", e.Path, Formats())
	case e.Found == FormatAuto:
		return fmt.Sprintf("%s is said to be %s, but its content is not", e.Path, e.Promised)
	}
	return fmt.Sprintf("%s is said to be %s, but holds %s; rename it or give the format %s", e.Path, e.Promised, e.Found, e.Found)
}

// settle finds the one format that name, option and content agree on.
func settle(path string, asked Format, head []byte) (Format, error) {
	found := contentOf(head)
	said := asked
	if said == FormatAuto {
		said = promised(path)
	}
	if found == FormatAuto || (said != FormatAuto && said != found) {
		return FormatAuto, &WrongFormatError{Path: path, Promised: said, Found: found}
	}
	return found, nil
}

// peek looks at the beginning without using it up. A short file is no error.
func peek(r *bufio.Reader, n int) ([]byte, error) {
	b, err := r.Peek(n)
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	return b, err
}
