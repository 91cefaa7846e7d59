package hub

import (
	"encoding/json"
	"testing"

	"onecity/cim"
	"onecity/geo"
)

// FuzzSpec: whatever a client asks for, the look is within bounds, and asking
// for what a look says is the same look.
func FuzzSpec(f *testing.F) {
	for _, seed := range []string{
		`{"layers":["cells","devices"],"region":"320583","bbox":[120.9,31.3,121,31.4],"res":8,"widgets":["b","a","a"],"lang":"en","rate":40}`,
		`{"layers":["units"]}`, `{"widgets":["a"]}`, `{"bbox":[null,1e308,-1e308,0],"rate":1e-300}`, `{"layers":["\u0000"],"res":-1}`, `{}`, `null`,
	} {
		f.Add([]byte(seed))
	}
	known := func(name string) bool { return name == "a" || name == "b" }
	f.Fuzz(func(t *testing.T, body []byte) {
		var s Spec
		if json.Unmarshal(body, &s) != nil {
			return
		}
		l, bad := s.look(cim.Whole(), known)
		if bad != nil {
			return
		}
		if l.rate < 1 || l.rate > maxRate || l.res < minRes || l.res > geo.BaseResolution || l.layers&^liveLayers != 0 {
			t.Errorf("out of bounds: %+v", l)
		}
		again := Spec{Region: l.scope.Region, Res: l.res, Widgets: l.names(), Lang: l.lang, Rate: float64(l.rate)}
		if l.bound != everywhere {
			again.BBox = []float64{l.bound.Min[0], l.bound.Min[1], l.bound.Max[0], l.bound.Max[1]}
		}
		for _, layer := range frameLayers {
			if l.layers.Has(layer) {
				again.Layers = append(again.Layers, layer.String())
			}
		}
		m, bad := again.look(cim.Whole(), known)
		if bad != nil || m != l || m.key() != l.key() {
			t.Errorf("%+v came back as %+v: %v", l, m, bad)
		}
	})
}

// FuzzText: what is appended by hand is what encoding/json reads back.
func FuzzText(f *testing.F) {
	f.Add("plain", 1.5)
	f.Add("昆山\"\\\n", -0.00001)
	f.Add("\xff\ufffd\u2028", 1e300)
	f.Fuzz(func(t *testing.T, s string, v float64) {
		b := append(text(nil), '{')
		b = b.key("s").str(s)
		b = b.key("v").num(v, 4)
		b = append(b, '}')
		var got struct {
			S string
			V *float64
		}
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var clean string
		if err := json.Unmarshal(want, &clean); err != nil {
			t.Fatal(err)
		}
		if got.S != clean {
			t.Errorf("%q came back as %q", s, got.S)
		}
		if got.V != nil && (v-*got.V > 1e-4 || *got.V-v > 1e-4) && v < 1e15 && v > -1e15 {
			t.Errorf("%v came back as %v", v, *got.V)
		}
	})
}
