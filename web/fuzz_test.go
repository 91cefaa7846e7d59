package web

import (
	"testing"

	"onecity/cim"
	"onecity/ingest"
)

// FuzzBatch: each item of a body is either read or refused, under its own place.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{
		`{"positions":[{"unit":"a","lon":121,"lat":31},{"unit":3},{"time":"yesterday"}]}`, `{"unit":"a","lon":1}`,
		`{"id":7,"positions":[]}`, `{"positions":{}}`, `{"positions":[NaN]}`, `[]`, `{`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		b, p := parseBatch[cim.Position](body, "positions")
		if p != nil {
			if p.Status < 400 || p.Status > 499 {
				t.Errorf("status %d", p.Status)
			}
			return
		}
		places := map[int]bool{}
		for i := range b.items {
			place := i
			if b.places != nil {
				place = b.places[i]
			}
			places[place] = true
		}
		for _, p := range b.refused.Problems {
			if places[p.Item] {
				t.Errorf("item %d is read and refused", p.Item)
			}
			places[p.Item] = true
		}
		if n := len(b.items) + b.refused.Rejected; b.refused.Rejected <= ingest.MaxProblems && len(places) != n {
			t.Errorf("%d items have %d places", n, len(places))
		}
	})
}

// FuzzBBox: a box that is read is a box of the earth.
func FuzzBBox(f *testing.F) {
	for _, seed := range []string{"120,31,121,32", "1,2,3", "NaN,0,1,1", "121,31,120,32", " 1 , 2 ,3, 4 ", "-180,-90,180,90"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, p := parseBBox(s)
		if p == nil && (!(b.Min[0] < b.Max[0]) || !(b.Min[1] < b.Max[1]) || b.Min[0] < -180 || b.Max[0] > 180) {
			t.Errorf("%q was read as %v", s, b)
		}
	})
}

// FuzzEvents: an event is a fact or is refused with the field that is wrong.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{
		`[{"specversion":"1.0","source":"/import/a","type":"onecity.objects.v1","data":{"objects":[{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[121,31]},"properties":{"layer":"places"}}]}}]`,
		`{"specversion":"1.0","source":"/a","type":"onecity.formula.v1","data":{"formula":{"terms":[{"measure":"alarms","low":0,"high":1,"weight":1}]}}}`,
		`[{"specversion":"0.3"},{"specversion":"1.0","type":"onecity.regions.v1","data":{"regions":[{"code":"1","geometry":null}]}},{"specversion":"1.0","type":"?","data":7}]`,
		`[]`, `{`, ``, `null`, `[null]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := readEvents(body)
		if err != nil {
			return
		}
		for _, e := range events {
			fact, wrong := e.fact()
			if (fact == nil) == (wrong == nil) {
				t.Errorf("%q is read as %v and refused with %v", body, fact, wrong)
			}
			if wrong != nil && (wrong.Field == "" || wrong.Code == "") {
				t.Errorf("refused without saying why: %+v", wrong)
			}
		}
	})
}
