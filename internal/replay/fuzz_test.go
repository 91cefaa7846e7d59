package replay

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

func FuzzRead(f *testing.F) {
	for _, name := range []string{"mixed.ndjson", "air.csv"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("\xef\xbb\xbfunit,time,lon,lat\nu,2026-03-01T08:00:00Z,1e999,NaN\n\"x"))
	f.Add([]byte(`{"a":{"b":{"c":[1,2,{"d":1}]}},"unit":"u","time":"2026-03-01T08:00:00Z","lon":1,"lat":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := Read(strings.NewReader(string(b)), nil)
		if err != nil {
			return
		}
		if rec.Len() == 0 || rec.Lasts() < 0 || rec.Rejected > rec.Rows {
			t.Fatalf("%+v", rec)
		}
	})
}

// FuzzMapping: a mapping is refused with a reason, or turns any recording into
// things that can be sent.
func FuzzMapping(f *testing.F) {
	read := func(name string) []byte {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	f.Add(read("air.mapping.json"), read("air.csv"))
	native, err := json.Marshal(Native())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(native, read("mixed.ndjson"))
	f.Add([]byte(`{"kind":"positions","time":"t","format":"unix-ms","unit":"u","lon":"x","lat":"y","speed":"s","crs":"EPSG:4549"}`),
		[]byte("u,t,x,y,s\na,1700000000000,590991.4,3474144.7,3\na,1,1e308,-1e308,1e300\n"))
	f.Add([]byte(`[{"kind":"incidents","time":"t","format":"2006-01-02","timeZone":"Asia/Shanghai","class":"c","classes":{"1":"C0105"},"lon":"x","lat":"y","encoding":"gb18030"}]`),
		[]byte("c,t,x,y\n1,2026-01-31,120.9,31.3\n"))
	f.Add([]byte(`{"kind":"observations","time":"t","timeZone":"../../etc/passwd"}`), []byte("t\n"))
	f.Add([]byte(`[{}] []`), []byte("{"))
	f.Fuzz(func(t *testing.T, mapping, recording []byte) {
		ms, err := parseMapping(bytes.NewReader(mapping))
		if err != nil {
			if err.Error() == "" {
				t.Errorf("%q is refused without a word", mapping)
			}
			return
		}
		rec, err := Read(bytes.NewReader(recording), ms)
		if err != nil {
			return
		}
		for _, it := range rec.items {
			for _, v := range []any{it.observation, it.position, it.incident} {
				if _, err := json.Marshal(v); err != nil {
					t.Errorf("it cannot be sent: %v", err)
				}
			}
			for _, name := range []string{"long", "lat"} {
				if v, err := strconv.ParseFloat(it.incident.Get(name), 64); it.incident != nil && (err != nil || !(math.Abs(v) <= 180)) {
					t.Errorf("an incident at %s %q", name, it.incident.Get(name))
				}
			}
		}
		for _, d := range rec.placed() {
			if _, err := json.Marshal(d); err != nil {
				t.Errorf("a device cannot be sent: %v", err)
			}
		}
	})
}
