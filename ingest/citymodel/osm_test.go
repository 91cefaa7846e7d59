package citymodel_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/citymodel"
	"onecity/internal/need"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"
	"google.golang.org/protobuf/encoding/protowire"
)

func TestARelationBecomesAnAreaWithHolesAndIslands(t *testing.T) {
	k, r := imported(t, "testdata/multipolygon.osm", citymodel.Options{})
	lake := k.byID("osm/r1")
	mp, ok := lake.Geometry.(orb.MultiPolygon)
	if !ok || len(mp) != 2 || len(mp[0]) != 2 || len(mp[1]) != 1 {
		t.Fatalf("lake %v", lake.Geometry)
	}
	if lake.Kind != "lake" || lake.Name != "淀山湖" || lake.Layer != cim.LayerWater || lake.Class != "WaterBody" {
		t.Errorf("lake %+v", lake)
	}
	for p, want := range map[orb.Point]bool{{120.91, 31.11}: true, {120.96, 31.16}: false, {120.945, 31.145}: true, {120.8, 31.1}: false} {
		if planar.MultiPolygonContains(mp, p) != want {
			t.Errorf("water at %v: %v", p, !want)
		}
	}
	got := reasons(r)
	for _, id := range []string{"osm/r2", "osm/r3", "osm/w20"} {
		if got[id] != "incomplete" {
			t.Errorf("%s: rejected as %q, want incomplete", id, got[id])
		}
	}
	if w := k.byID("osm/w21"); w == nil || w.Kind != "trunk" || w.Attributes["highway"] != "trunk_link" || w.Attributes["oneway"] != "yes" {
		t.Errorf("road %+v", w)
	}
	if b := k.byID("osm/w23"); b.Height < 12.19 || b.Height > 12.2 || b.Base != 3 || b.Kind != "" {
		t.Errorf("building %+v", b)
	}
	if k.byID("osm/w22") != nil {
		t.Error("a deleted way came in")
	}
	if p := k.byID("osm/n30"); p.Name != "淀山湖镇" || p.NameEn != "Dianshanhu" || p.Geometry != (orb.Point{120.9512345, 31.1212345}) {
		t.Errorf("place %+v", p)
	}
}

func TestAndorraIsWholeAfterImport(t *testing.T) {
	k, r := imported(t, extract(t, "andorra-latest.osm.bz2"), citymodel.Andorra())
	if _, ok := k.facts[0].(cim.RegionsPut); !ok {
		t.Errorf("the first fact is %T; regions come before what lies in them", k.facts[0])
	}
	// The file itself has 2,999 buildings, as GDAL finds too, 3,938 roads, 696
	// waters and 346 places; the others lie across the border.
	for layer, want := range map[cim.Layer]int{
		cim.LayerBuildings: 2995, cim.LayerRoads: 3902, cim.LayerWater: 680, cim.LayerPlaces: 263, cim.LayerComponents: 158,
	} {
		if r.Objects[layer] != want {
			t.Errorf("%s: %d, want %d", layer, r.Objects[layer], want)
		}
	}
	if n := r.Skipped["outside the city"]; n != 139 {
		t.Errorf("%d features lie outside, want 139", n)
	}
	names := map[geo.Code]string{
		"AD": "Andorra", "AD02": "Canillo", "AD03": "Encamp", "AD04": "La Massana", "AD05": "Ordino",
		"AD06": "Sant Julià de Lòria", "AD07": "Andorra la Vella", "AD08": "Escaldes-Engordany",
	}
	var whole, parts float64
	for _, g := range k.regions {
		if names[g.Code] != g.Name {
			t.Errorf("region %s is %q, want %q", g.Code, g.Name, names[g.Code])
		}
		if g.Code == "AD" {
			whole = planar.Area(g.Geometry)
			continue
		}
		parts += planar.Area(g.Geometry)
		if g.Parent != "AD" || g.Level != geo.LevelDistrict {
			t.Errorf("region %s stands below %q on level %s", g.Code, g.Parent, g.Level)
		}
	}
	if len(k.regions) != 8 || parts < whole*0.999 || parts > whole*1.001 {
		t.Errorf("%d regions, whose parts cover %.4f of the whole", len(k.regions), parts/whole)
	}
	for _, f := range k.facts {
		if body, err := cim.Encode(f); err != nil || len(body) > 2<<20 {
			t.Errorf("a fact of %d bytes, %v", len(body), err)
		}
	}
	for _, o := range k.objects {
		if !strings.HasPrefix(o.ID, "osm/") || !strings.Contains(o.Source, "OpenStreetMap") {
			t.Fatalf("object %q from %q", o.ID, o.Source)
		}
	}
}

func TestBuildingsAreThoseThatGDALFinds(t *testing.T) {
	ogr2ogr := need.Program(t, "ogr2ogr", "gdal-bin")
	m := &citymodel.Mapping{Rules: []citymodel.Rule{{Key: "building", Shape: "area", Layer: cim.LayerBuildings}}}
	for _, name := range []string{"delaware-latest.osm.pbf"} {
		path := extract(t, name)
		k, r := imported(t, path, citymodel.Options{Mapping: m})
		table := filepath.Join(t.TempDir(), "gdal.csv")
		if out, err := exec.Command(ogr2ogr, "-f", "CSV", table, path,
			"-sql", "SELECT osm_id, osm_way_id FROM multipolygons WHERE building IS NOT NULL AND building <> 'no'").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		// What GDAL has and we have not are the outlines that a relation
		// stands for; nothing is the other way round.
		theirs := gdalIDs(t, table)
		for _, o := range k.objects {
			// Fort Delaware: GDAL swallows it with a relation that has no tags
			// and ways of two kinds.
			if !theirs[o.ID] && o.ID != "osm/w376886036" {
				t.Errorf("%s: GDAL has no building %s", name, o.ID)
			}
			delete(theirs, o.ID)
		}
		for _, x := range r.Rejected {
			delete(theirs, x.Feature)
		}
		outlines := r.Skipped["outline of a multipolygon relation"]
		if len(k.objects) < 2000 || len(theirs) > outlines {
			t.Errorf("%s: %d buildings; GDAL has %d more, of which %d are outlines", name, len(k.objects), len(theirs), outlines)
		}
	}
}

func gdalIDs(t *testing.T, table string) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(strings.ReplaceAll(string(b), `"`, "")), "\n")[1:] {
		relation, way, _ := strings.Cut(strings.TrimSpace(line), ",")
		if relation != "" {
			ids["osm/r"+relation] = true
		} else {
			ids["osm/w"+way] = true
		}
	}
	return ids
}

func TestAPBFHoldsWhatAnotherDecoderFindsInIt(t *testing.T) {
	path := extract(t, "delaware-latest.osm.pbf")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := osmpbf.New(t.Context(), f, 2)
	defer s.Close()
	s.FilterNode = func(n *osm.Node) bool { return n.Tags.Find("place") == "hamlet" }
	s.FilterWay = func(w *osm.Way) bool { return w.Tags.Find("highway") == "residential" }
	s.SkipRelations = true
	want := map[string]map[string]string{}
	for s.Scan() {
		switch o := s.Object().(type) {
		case *osm.Node:
			want["osm/n"+strings.TrimPrefix(o.FeatureID().String(), "node/")] = o.TagMap()
		case *osm.Way:
			want["osm/w"+strings.TrimPrefix(o.FeatureID().String(), "way/")] = o.TagMap()
		}
	}
	if s.Err() != nil || len(want) < 1000 {
		t.Fatal(len(want), s.Err())
	}
	m := &citymodel.Mapping{Rules: []citymodel.Rule{
		{Key: "place", Values: []string{"hamlet"}, Shape: "point", Layer: cim.LayerPlaces},
		{Key: "highway", Values: []string{"residential"}, Layer: cim.LayerRoads},
	}, Keep: []string{"*"}}
	k, r := imported(t, path, citymodel.Options{Mapping: m})
	if len(k.objects)+r.RejectedTotal < len(want) {
		t.Errorf("%d objects and %d rejected; the other decoder has %d", len(k.objects), r.RejectedTotal, len(want))
	}
	for _, o := range k.objects {
		tags, ok := want[o.ID]
		if !ok && !strings.HasPrefix(o.ID, "osm/r") {
			t.Fatalf("%s is not in the file", o.ID)
		}
		for key, v := range tags {
			if o.Attributes[key] != v {
				t.Fatalf("%s: %s is %q, want %q", o.ID, key, o.Attributes[key], v)
			}
		}
	}
}

// pbf builds a file of hand-made blocks.
func pbf(blocks ...[]byte) []byte { return bytes.Join(blocks, nil) }

func block(kind string, body []byte, blob func([]byte) []byte) []byte {
	b := blob(body)
	var head []byte
	head = protowire.AppendTag(head, 1, protowire.BytesType)
	head = protowire.AppendString(head, kind)
	head = protowire.AppendTag(head, 3, protowire.VarintType)
	head = protowire.AppendVarint(head, uint64(len(b)))
	out := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	return append(append(out, head...), b...)
}

func raw(body []byte) []byte { return field(1, body) }

func field(n protowire.Number, body []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), body)
}

func varint(n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
}

func zlibbed(size int) func([]byte) []byte {
	return func(body []byte) []byte {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		z.Write(body)
		z.Close()
		return append(varint(2, uint64(size)), field(3, b.Bytes())...)
	}
}

func osmHeader(features ...string) []byte {
	var b []byte
	for _, f := range features {
		b = append(b, field(4, []byte(f))...)
	}
	return block("OSMHeader", b, raw)
}

// plainNode is a block with one node that is not in dense form, which is rare
// but allowed.
func plainNode() []byte {
	texts := bytes.Join([][]byte{field(1, nil), field(1, []byte("place")), field(1, []byte("town"))}, nil)
	node := bytes.Join([][]byte{
		varint(1, protowire.EncodeZigZag(42)), field(2, []byte{1}), field(3, []byte{2}),
		varint(8, protowire.EncodeZigZag(314000000)), varint(9, protowire.EncodeZigZag(1209000000)),
	}, nil)
	return bytes.Join([][]byte{field(1, texts), field(2, field(1, node))}, nil)
}

func TestPBFInEveryAllowedFormAndNoOther(t *testing.T) {
	node := plainNode()
	whole := pbf(osmHeader("OsmSchema-V0.6", "DenseNodes"), block("OSMData", node, zlibbed(len(node))))
	k, _ := imported(t, written(t, "a.osm.pbf", whole), citymodel.Options{})
	if p := k.byID("osm/n42"); p == nil || p.Geometry != (orb.Point{120.9, 31.4}) || p.Kind != "town" {
		t.Fatalf("a node not in dense form: %+v", p)
	}
	zeros := make([]byte, 1<<20)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"cut in a block":         {whole[:len(whole)-3], "cut short"},
		"cut in a header":        {append(whole[:len(whole):len(whole)], 0, 0), "ends inside a block header"},
		"history":                {pbf(osmHeader("OsmSchema-V0.6", "HistoricalInformation")), "HistoricalInformation"},
		"no header":              {pbf(osmHeader()[:0], block("OSMData", node, raw)), "no format that can be imported"},
		"says less than it has":  {pbf(osmHeader(), block("OSMData", zeros, zlibbed(10))), "more than it says"},
		"says more than allowed": {pbf(osmHeader(), block("OSMData", zeros, zlibbed(1<<30))), "more than the format allows"},
		"a block of 1 GiB":       {pbf(osmHeader(), binary.BigEndian.AppendUint32(nil, 1<<30)), "more than the format allows"},
		"lz4":                    {pbf(osmHeader(), block("OSMData", node, func(b []byte) []byte { return field(6, b) })), "lz4"},
		"a text that is not there": {pbf(osmHeader(), block("OSMData", field(2, field(1, bytes.Join([][]byte{
			varint(1, 2), field(2, []byte{9}), field(3, []byte{9})}, nil))), raw)), "text 9 of 0"},
		"off the globe": {pbf(osmHeader(), block("OSMData", field(2, field(1, varint(9, protowire.EncodeZigZag(1<<40)))), raw)), "not on the globe"},
	} {
		name := name
		_, err := citymodel.Import(context.Background(), written(t, strings.Fields(name)[0]+".xyz", c.file), citymodel.Options{}, (&taken{}).emit, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.want)
		}
	}
}

func TestBrokenOSMXMLSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		`<osm version="0.6"><node id="1" lon="120.9" lat="31.4"><tag k="place" v="town"/>`: "cut short",
		`<osm><node id="x" lon="1" lat="1"/></osm>`:                                        `id is "x"`,
		`<osm><node id="1" lon="NaN" lat="1"/></osm>`:                                      "not on the globe",
		`<osm><way id="1"><nd ref="q"/></way></osm>`:                                       `node "q"`,
		`<osm><relation id="1"><member type="cat" ref="1"/></relation></osm>`:              `"cat"`,
		`<osm></node></osm></osm>`:                                                         "without a beginning",
	} {
		_, err := citymodel.Import(context.Background(), written(t, "a.osm", []byte(text)), citymodel.Options{}, (&taken{}).emit, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to say %q", text, err, want)
		}
	}
}
