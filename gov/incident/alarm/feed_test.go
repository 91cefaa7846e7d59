package alarm

import (
	"fmt"
	"testing"
	"time"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// noon is when the tests' stream begins.
var noon = time.Date(2026, 5, 1, 4, 0, 0, 0, time.UTC)

// words are the names of the tests' city.
type words struct{}

func (words) Property(id string) (string, string, int, bool) {
	switch id {
	case "pm10":
		return "PM10", "µg/m³", 0, true
	case "water_level":
		return "水位", "m", 2, true
	case "cover_open":
		return "井盖开启", "", 0, true
	case "gas":
		return "可燃气体", "%LEL", 1, true
	case "pm2_5":
		return "PM2.5", "µg/m³", 0, true
	case "vehicle_speed":
		return "车速", "km/h", 0, true
	case "noise":
		return "噪声", "dB(A)", 1, true
	}
	return "", "", 0, false
}

func (words) Region(code string) string {
	return map[string]string{"320583": "昆山市", "320583100": "玉山镇", "320583101": "巴城镇"}[code]
}

func (words) Class(code string) (string, bool) {
	name, ok := map[string]string{"E0106": "扬尘污染", "E0402": "道路积水", "C0103": "井盖", "E0404": "交通事故", "E0107": "噪声扰民", "C0106": "燃气", "C0105": "路灯不亮"}[code]
	return name, ok
}

// feed tells an engine a story, minute by minute.
type feed struct {
	t      testing.TB
	engine *Engine
	seq    uint64
	now    time.Time // of the stream
	acts   []Act
}

func device(id, kind string, lon, lat float64) Device {
	return Device{
		ID: id, Name: "设备" + id, Kind: kind, Lon: lon, Lat: lat, Region: "320583100",
		Cell: uint64(geo.CellAt(orb.Point{lon, lat}, geo.BaseResolution)),
	}
}

func newFeed(t testing.TB, rules ...Rule) *feed {
	t.Helper()
	for i := range rules {
		rules[i].On = true
		if rules[i].ID == "" {
			rules[i].ID = fmt.Sprint("r", i)
		}
		if err := rules[i].Validate(words{}); err != nil {
			t.Fatalf("rule %s: %v", rules[i].ID, err)
		}
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	f := &feed{t: t, engine: New(Options{Names: words{}, Location: zone}), now: noon}
	f.engine.Set(rules)
	f.fact(Registered{Devices: []Device{device("a", "air", 120.95, 31.38), device("b", "air", 120.951, 31.381), device("c", "air", 120.952, 31.38)},
		Units: []Unit{{ID: "u1", Name: "巡查车", Kind: "sanitation", Home: "320583100"}}})
	return f
}

// fact is one event now; an incident that is opened comes back into the stream,
// as it does.
func (f *feed) fact(x Fact) []Act {
	f.seq++
	acts := f.engine.Step(Event{Seq: f.seq, At: f.now, Fact: x})
	f.acts = append(f.acts, acts...)
	for _, a := range acts {
		if a.Do == DoOpen {
			f.fact(Told{Incident: a.Incident, Open: true})
		}
	}
	return acts
}

// value comes now, of that many seconds ago.
func (f *feed) value(device, property string, v float64, ago time.Duration) {
	f.fact(Observed{[]Observation{{Device: device, Property: property, Time: f.now.Add(-ago), Value: v}}})
}

// pass lets time pass, with the clock striking every ten seconds.
func (f *feed) pass(d time.Duration) {
	for end := f.now.Add(d); f.now.Before(end); {
		f.now = f.now.Add(10 * time.Second)
		f.fact(nil)
	}
}

// each minute a value, for as many as there are.
func (f *feed) minutes(device, property string, values ...float64) {
	for _, v := range values {
		f.value(device, property, v, 0)
		f.pass(time.Minute)
	}
}

// opened are the incidents so far, as targets and times of the stream after noon.
func (f *feed) opened() (list []string) {
	for _, a := range f.acts {
		if a.Do == DoOpen {
			list = append(list, fmt.Sprintf("%s %s", a.Report.Target, a.At.Sub(noon)))
		}
	}
	return list
}

// want fails unless these were opened.
func (f *feed) want(list ...string) {
	f.t.Helper()
	if got := f.opened(); fmt.Sprint(got) != fmt.Sprint(list) {
		f.t.Errorf("opened %v, want %v", got, list)
	}
}

// did counts the acts of a kind.
func (f *feed) did(d Do) (n int) {
	for _, a := range f.acts {
		if a.Do == d {
			n++
		}
	}
	return n
}

// end closes the newest incident.
func (f *feed) end() {
	for i := len(f.acts) - 1; i >= 0; i-- {
		if f.acts[i].Do == DoOpen {
			f.fact(Told{Incident: f.acts[i].Incident})
			return
		}
	}
	f.t.Fatal("nothing was opened")
}

func threshold(compare string, limit float64, minutes Minutes) Rule {
	return Rule{Definition: Definition{
		Name: "规则", Region: "320583", Kind: KindThreshold, Filter: Filter{Kinds: []string{"air"}, Property: "pm10"},
		Threshold: &Threshold{Compare: compare, Limit: limit, For: minutes}, Clear: "{device}恢复",
		Open: Opening{Class: "E0106", Severity: 3, Text: "{device} {property} {value} {unit} 超过 {limit}，{minutes} 分钟"},
	}}
}

func of(kind Kind, property string, change func(*Rule)) Rule {
	r := Rule{Definition: Definition{
		Name: "规则", Region: "320583", Kind: kind, Filter: Filter{Property: property},
		Open: Opening{Class: "E0106", Severity: 3, Text: "{device} {value}"},
	}}
	change(&r)
	return r
}
