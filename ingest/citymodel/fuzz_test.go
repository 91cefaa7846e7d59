package citymodel

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onecity/geo"

	"github.com/paulmach/orb"
	orbwkb "github.com/paulmach/orb/encoding/wkb"
	"google.golang.org/protobuf/encoding/protowire"
)

// pit takes anything and counts it.
type pit struct {
	t        testing.TB
	features int
}

func (p *pit) feature(f Feature) error {
	p.features++
	if f.Place == "" {
		p.t.Error("a feature does not say where it stands")
	}
	if f.Geometry != nil {
		g := tidy(f.Geometry, geo.CGCS2000.ToCGCS2000)
		_ = geo.Validate(g)
		geometrySize(g)
	}
	return nil
}

func (p *pit) reject(_, place string, why *Reason) error {
	if place == "" || why.Code == "" || why.Message == "" {
		p.t.Errorf("a rejection without a place or a reason: %q %v", place, why)
	}
	return nil
}

func (p *pit) skip(string) {}
func (p *pit) at(int64)    {}

func (p *pit) boundariesDone() error { return nil }

func none() int64 { return 0 }

func seed(f *testing.F, name string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		f.Fatal(err)
	}
	return b
}

func FuzzGeoJSON(f *testing.F) {
	f.Add(seed(f, "mixed.geojson"))
	f.Add([]byte("\x1e{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}}\n\x1e{}"))
	f.Add([]byte(`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &geojsonReader{in: bytes.NewReader(b), max: 1 << 20, count: none}
		_ = r.read(t.Context(), &pit{t: t})
	})
}

func FuzzCityJSON(f *testing.F) {
	f.Add(seed(f, "block.city.json"))
	f.Add([]byte(`{"type":"CityJSON","version":"2.0","CityObjects":{"a":{"type":"Road","geometry":[{"type":"MultiLineString","lod":"0","boundaries":[[0,1]]}]}},"vertices":[[0,0,0],[1,1,1]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &cityjsonReader{in: bytes.NewReader(b), max: 1 << 20, count: none}
		_ = r.read(t.Context(), &pit{t: t})
	})
}

func everything(map[string]string) bool { return true }

func FuzzOSMXML(f *testing.F) {
	f.Add(seed(f, "multipolygon.osm"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &osmReader{in: bytes.NewReader(b), xml: true, wants: everything, count: none}
		_ = r.read(t.Context(), &pit{t: t})
	})
}

// FuzzPBFBlock reads the body of one block, as it is once it is unpacked.
func FuzzPBFBlock(f *testing.F) {
	bytesField := func(n protowire.Number, b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), b)
	}
	texts := bytes.Join([][]byte{bytesField(1, nil), bytesField(1, []byte("natural")), bytesField(1, []byte("water"))}, nil)
	dense := bytes.Join([][]byte{bytesField(1, []byte{2, 2, 2, 2}), bytesField(8, []byte{2, 4, 2, 1}), bytesField(9, []byte{2, 2, 3, 4}), bytesField(10, []byte{1, 2, 0, 0, 0, 0})}, nil)
	way := bytes.Join([][]byte{{8, 7}, bytesField(2, []byte{1}), bytesField(3, []byte{2}), bytesField(8, []byte{2, 2, 2, 5})}, nil)
	relation := bytes.Join([][]byte{{8, 9}, bytesField(2, []byte{1}), bytesField(3, []byte{2}), bytesField(8, []byte{0}), bytesField(9, []byte{14}), bytesField(10, []byte{1})}, nil)
	group := bytes.Join([][]byte{bytesField(2, dense), bytesField(3, way), bytesField(4, relation)}, nil)
	f.Add(append(bytesField(1, texts), bytesField(2, group)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &osmStore{wants: everything}
		var d pbfDecoder
		if d.primitives(b, s) == nil {
			s.sort()
			_ = s.assemble(t.Context(), &pit{t: t})
		}
	})
}

// FuzzPBFFile reads whole files: lengths, wrappings, headers.
func FuzzPBFFile(f *testing.F) {
	head := []byte("\n\tOSMHeader\x18\x02")
	file := append(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head...)
	f.Add(append(file, "\n\x00"...))
	f.Add([]byte("\x00\x00\x00\x0b\n\x07OSMData\x18\x7f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &osmStore{wants: everything}
		if readPBF(t.Context(), bytes.NewReader(b), s, func() {}) == nil {
			s.sort()
			_ = s.assemble(t.Context(), &pit{t: t})
		}
	})
}

func FuzzShape(f *testing.F) {
	le := binary.LittleEndian
	polygon := le.AppendUint32(nil, 5)
	polygon = append(polygon, make([]byte, 32)...)
	polygon = le.AppendUint32(le.AppendUint32(le.AppendUint32(polygon, 1), 4), 0)
	f.Add(append(polygon, make([]byte, 64)...))
	f.Add(append(le.AppendUint32(nil, 1), make([]byte, 16)...))
	f.Add(append(append(le.AppendUint32(nil, 8), make([]byte, 32)...), 1, 0, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		if g, err := shpGeometry(b); err == nil && g != nil {
			geometrySize(tidy(g, geo.WGS84.ToCGCS2000))
		}
	})
}

func FuzzDBF(f *testing.F) {
	head := make([]byte, 32)
	head[0], head[4], head[8], head[10] = 3, 2, 32+32+1, 1+6
	column := append([]byte("MC\x00\x00\x00\x00\x00\x00\x00\x00\x00C\x00\x00\x00\x00\x06"), make([]byte, 15)...)
	f.Add(bytes.Join([][]byte{head, column, {0x0d}, []byte(" \xc0\xa5\xc9\xbd  *abc   ")}, nil), "")
	f.Add([]byte{}, "gbk")
	f.Fuzz(func(t *testing.T, b []byte, encoding string) {
		d := &dbf{in: bufio.NewReader(bytes.NewReader(b))}
		if d.head(encoding) != nil {
			return
		}
		for range 100 {
			tags, _, err := d.row()
			if err != nil {
				return
			}
			for k, v := range tags {
				if strings.ToValidUTF8(k+v, "") != k+v {
					t.Errorf("text that is not UTF-8: %q %q", k, v)
				}
			}
		}
	})
}

func FuzzWKB(f *testing.F) {
	for _, g := range []orb.Geometry{
		orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}, orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}},
		orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}}, orb.Collection{orb.Point{1, 2}},
	} {
		b, err := orbwkb.Marshal(g)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append([]byte{'G', 'P', 0, 1, 0, 0, 0, 0}, b...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := gpkgGeometry(b)
		if err != nil || g == nil {
			return
		}
		geometrySize(tidy(g, geo.WGS84.ToCGCS2000))
		// Where package orb reads it too, it reads the same.
		if want, err := orbwkb.Unmarshal(b[8:]); err == nil && b[3] == 0 && finite(g) && !orb.Equal(g, want) {
			t.Errorf("read %v, package orb reads %v", g, want)
		}
	})
}

func finite(g orb.Geometry) bool {
	return eachPoint(g, func(p orb.Point) bool { return p == p })
}

func FuzzWKT(f *testing.F) {
	f.Add(`GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],AUTHORITY["EPSG","4326"]]`)
	f.Add(`PROJCS["x",GEOGCS["y",DATUM["D_China_2000"]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",40500000],PARAMETER["Central_Meridian",120]]`)
	f.Fuzz(func(t *testing.T, s string) {
		name, err := crsOfWKT(s)
		if err == nil && name == "" {
			t.Errorf("%q is no error and no system", s)
		}
	})
}

func FuzzMetres(f *testing.F) {
	for _, s := range []string{"12", "12.5 m", "40 ft", "5'6\"", "1e400", "0x1p-2", "层"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := OSMMapping()
		h, b := m.heights(&Feature{Tags: map[string]string{"height": s, "min_height": s, "building:levels": s}})
		if !(h >= 0 && h <= highest && b >= 0 && b <= h) {
			t.Errorf("%q: height %g, base %g", s, h, b)
		}
	})
}

// FuzzMapping: what is taken as a mapping can be used on any feature.
func FuzzMapping(f *testing.F) {
	f.Add([]byte(`{"rules":[{"key":"类型","values":["路灯"],"layer":"components","kind":"street_lamp"}],"name":["名称"],"keep":["*"]}`), "类型", "路灯")
	f.Add([]byte(`{"rules":[{"layer":"buildings","shape":"area","kindFrom":"k","kinds":{"a":"b"}}],"height":["h"],"levels":["h"],"levelHeight":1e2,"keep":["h"]}`), "h", "1e3")
	f.Add([]byte(`{"rules":[{"layer":"regions"}],"code":["c"],"adminLevel":["l"],"adminLevels":{"6":1,"7":5}}`), "l", "7")
	f.Add([]byte(`{"rules":[{"layer":"cells"}]}`), "", "")
	f.Add([]byte(`{"rules":[null],"id":[null]}`), "", "")
	f.Fuzz(func(t *testing.T, b []byte, key, value string) {
		m, err := parseMapping(bytes.NewReader(b))
		if err != nil {
			if err.Error() == "" {
				t.Errorf("%q is refused without a word", b)
			}
			return
		}
		tags := map[string]string{key: value}
		for _, shape := range []string{"", "point", "line", "area", "mixed"} {
			r := m.rule(importable, tags, shape)
			if r == nil {
				continue
			}
			if !importable.Has(r.Layer) || shape != "" && r.Shape != "" && r.Shape != shape {
				t.Errorf("a %s became %+v", shape, r)
			}
			r.kind(tags)
		}
		if h, b := m.heights(&Feature{Tags: tags}); !(h >= 0 && h <= highest && b >= 0 && b <= h) {
			t.Errorf("%q: height %g, base %g", value, h, b)
		}
		for k, v := range m.keep(tags) {
			if tags[k] != v {
				t.Errorf("kept %q: %q, the feature has %q", k, v, tags[k])
			}
		}
	})
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte(`{"type":"CityJSON"`))
	f.Add([]byte("BZh9"))
	f.Fuzz(func(t *testing.T, b []byte) {
		contentOf(b)
		if r, err := unpack(bytes.NewReader(b), packingOf(b)); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
		}
	})
}
