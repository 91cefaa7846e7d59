package cim_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
)

var wireTypes = []string{
	"onecity.tick.v1", "onecity.regions.v1", "onecity.objects.v1", "onecity.objects-removed.v1", "onecity.devices.v1",
	"onecity.units.v1", "onecity.observations.v1", "onecity.positions.v1", "onecity.incident.v1", "onecity.indicators.v1",
	"onecity.formula.v1", "onecity.privacy.v1", "onecity.profile.v1", "onecity.nothing.v1",
}

func FuzzAnyDecodedFactIsFolded(f *testing.F) {
	for _, fact := range everyFact() {
		b, err := cim.Encode(fact)
		if err != nil {
			f.Fatal(err)
		}
		for i, typ := range wireTypes {
			if typ == cim.TypeOf(fact) {
				f.Add(uint8(i), b, int64(0))
				f.Add(uint8(i), b, int64(math.MaxInt32))
			}
		}
	}
	for i := range wireTypes {
		for _, s := range []string{
			`{}`, `null`, `[]`, `{"observations":[{}]}`, `{"observations":[{"device":"a","property":"pm2_5","time":"0001-01-01T00:00:00Z","value":1e308}]}`,
			`{"devices":[{"id":"a","lon":1e300,"lat":-1e300,"datastreams":[{},{},{}]}]}`, `{"devices":[{"id":"x","lon":180,"lat":90}]}`,
			`{"objects":[{"id":"a","layer":"water","geometry":{"type":"Polygon","coordinates":[]}}]}`,
			`{"objects":[{"id":"a","layer":"water","geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[0,0]]]]}}]}`,
			`{"objects":[{"id":"a","layer":"places","geometry":{"type":"GeometryCollection","geometries":[]}}]}`,
			`{"objects":[{"id":"a","layer":"roads","geometry":null}]}`, `{"objects":[{"id":"a","layer":"roads","geometry":{"type":"LineString","coordinates":[[0,0]]}}]}`,
			`{"positions":[{"unit":"u","time":"9999-12-31T23:59:59Z","lon":-180,"lat":-90}]}`,
			`{"incident":{"id":"i","version":4294967295,"status":"closed","due":"0001-01-01T00:00:00Z"}}`,
			`{"formula":{"terms":[{"measure":"observation","window":200,"stat":"x","weight":-1}]}}`,
			`{"regions":[{"code":"1","parent":"1"}]}`,
		} {
			f.Add(uint8(i), []byte(s), int64(1))
		}
	}
	f.Fuzz(func(t *testing.T, typ uint8, data []byte, seconds int64) {
		fact, err := cim.Decode(wireTypes[int(typ)%len(wireTypes)], data)
		if err != nil {
			return
		}
		c := newCity(t, everyFact()...)
		c.now = time.Unix(noon.Unix()+seconds%(1<<36), 0)
		c.take(fact, cim.Tick{})
		c.after(time.Minute)
		s := c.Snapshot()
		r := s.In(cim.Whole())
		world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
		for l := range cim.Layer(cim.LayerCount) {
			r.Objects(l, world, 10, func(*cim.Object) bool { return true })
			r.Fresh(l, world)
		}
		r.Cells(4, world, func(*cim.CellState) bool { return true })
		r.Tally("")
		var b bytes.Buffer
		if err := s.Checkpoint(&b); err != nil {
			t.Fatal(err)
		}
		s.Hash()
	})
}

func FuzzABrokenCheckpointIsRefused(f *testing.F) {
	standing := func(func(cim.Fact, error) bool) {}
	var b bytes.Buffer
	if err := newCity(f, everyFact()...).Snapshot().Checkpoint(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	for i := 0; i < b.Len(); i += 13 {
		f.Add(b.Bytes()[:i])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := cim.Restore(standing, bytes.NewReader(data)); err == nil {
			m.Fold(cim.Event{Seq: math.MaxUint64, At: noon.Add(time.Hour), Fact: cim.Tick{}})
			m.Snapshot().Hash()
		}
	})
}
