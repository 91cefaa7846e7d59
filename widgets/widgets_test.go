package widgets

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"onecity/cim"
)

var update = flag.Bool("update", false, "write the golden files anew")

func must(t *testing.T) func(Widget, error) Widget {
	return func(w Widget, err error) Widget {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
}

func TestTheFiguresOfABusyCity(t *testing.T) {
	c := busyCity()
	cases := []struct {
		name  string
		value float64
		trend float64 // 99: none
		text  string
		items map[string]string
	}{
		{"open-incidents", 5, 1, "5", map[string]string{"超时": "2件", "重大以上": "0件", "24小时上报": "6件", "24小时办结": "2件"}},
		{"late-incidents", 2, 1, "2", map[string]string{"超时率": "40%", "一小时内到期": "1件", "最长超时": "2小时0分"}},
		{"units-on-duty", 2, 99, "2", map[string]string{"巡查中": "1", "处置中": "1", "待命": "0", "在册": "3"}},
		{"devices-online", 2, 99, "2", map[string]string{"在线率": "66.7%", "在册": "3台", "失联": "1台", "告警": "1项"}},
		{"observations-rate", 0.1, 99, "0.1", map[string]string{"累计": "6条", "重复": "0条"}},
		{"city-index", 60, 99, "60", map[string]string{"最高": "70", "高于60的网格": "1个", "有数据网格": "2个"}},
		{"weather", 21.5, 99, "21.5", map[string]string{"气温": "21.5°C", "风向": "北", "细颗粒物 PM2.5": "70µg/m³"}},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			w := must(t)(c.render(x.name, nil, Options{}))
			if w.Value == nil || *w.Value != x.value || w.Text != x.text {
				t.Errorf("value %v, text %q, want %v, %q", w.Value, w.Text, x.value, x.text)
			}
			switch {
			case x.trend == 99 && w.Trend != nil:
				t.Errorf("trend %v, want none", *w.Trend)
			case x.trend != 99 && (w.Trend == nil || *w.Trend != x.trend):
				t.Errorf("trend %v, want %v", w.Trend, x.trend)
			}
			if got := items(w); !maps.Equal(got, x.items) {
				t.Errorf("items %v, want %v", got, x.items)
			}
		})
	}
}

func TestAReaderOfOneTownGetsItsFigures(t *testing.T) {
	scope := cim.Whole()
	scope.Region = "320583101"
	w := must(t)(busyCity().renderIn("open-incidents", scope, nil, Options{Lang: "en"}))
	if w.Value == nil || *w.Value != 3 || w.Region != "320583101" || w.Title != "Open incidents" || items(w)["late"] != "1" {
		t.Errorf("%+v", w)
	}
	w = must(t)(busyCity().renderIn("open-by-district", scope, nil, Options{}))
	if !strings.Contains(string(w.Option), "巴城镇") || strings.Contains(string(w.Option), "玉山镇") {
		t.Errorf("the chart is not of the town alone: %s", w.Option)
	}
}

// series is the data of an option's series by name; points are [x, y].
func series(t *testing.T, w Widget) map[string]string {
	t.Helper()
	var o struct {
		Series []struct {
			Name string
			Data []struct{ Value any }
		}
	}
	if err := json.Unmarshal(w.Option, &o); err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, s := range o.Series {
		var values []any
		for _, d := range s.Data {
			values = append(values, d.Value)
		}
		b, _ := json.Marshal(values)
		m[s.Name] = string(b)
	}
	return m
}

func TestTheChartsOfABusyCity(t *testing.T) {
	c := busyCity()
	cases := []struct {
		name string
		want map[string]string
	}{
		{"open-by-class", map[string]string{"时限内": "[3,0]", "超时": "[1,1]"}},
		{"open-by-district", map[string]string{"时限内": "[2,1]", "超时": "[1,1]"}},
		{"handling-time", map[string]string{"24小时": "[50,0,0,50,0,0,0]"}},
		{"incident-trend", map[string]string{
			"上报": "[0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,1,1,2,0]",
			"办结": "[0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0]",
		}},
		{"device-health", map[string]string{"正常": "[1,0]", "告警": "[1,0]", "失联": "[0,1]"}},
		{"top-cells", map[string]string{"综合指数": "[70,50]"}},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			if got := series(t, must(t)(c.render(x.name, nil, Options{}))); !maps.Equal(got, x.want) {
				t.Errorf("series %v, want %v", got, x.want)
			}
		})
	}
}

func TestTheWorstCellsSayWhyAndWhere(t *testing.T) {
	w := must(t)(busyCity().render("top-cells", nil, Options{}))
	if len(w.Items) != 2 || !regexp.MustCompile(`^89[0-9a-f]{13}$`).MatchString(w.Items[0].ID) {
		t.Fatalf("items %+v", w.Items)
	}
	// East: 90 of 100 µg/m³ and one late of two: (90 + 50)/2. West: (50 + 50)/2.
	if w.Items[0].Text != "细颗粒物 PM2.5 90 µg/m³、超时案件 1" {
		t.Errorf("the reason is %q", w.Items[0].Text)
	}
}

func TestHistoryIsShownWhereThereIsOne(t *testing.T) {
	c := busyCity()
	past := pastSaid{
		series:   []Point{{Time: noon.Add(-2 * time.Hour), Mean: 33.3}, {Time: noon.Add(-time.Hour), Mean: 44.4}},
		counts:   []Point{{Time: noon.Add(-2 * time.Minute), Count: 120}},
		handling: []time.Duration{time.Hour, 90 * time.Minute, 50 * time.Hour},
	}
	if got := series(t, must(t)(c.render("handling-time", past, Options{})))["7天"]; got != "[0,0,66.7,0,0,0,33.3]" {
		t.Errorf("handling times of seven days: %s", got)
	}
	if got := series(t, must(t)(c.render("observations", past, Options{})))["接入"]; !strings.HasPrefix(got, "[[1777636710000,2],") {
		t.Errorf("observations: %s", got)
	}
	if got := series(t, must(t)(c.render("environment", past, Options{})))["西站"]; !strings.Contains(got, ",33.3]") || !strings.Contains(got, ",50]") {
		t.Errorf("environment: %s", got)
	}
	past.err = errors.New("PostgreSQL is away")
	for _, name := range []string{"handling-time", "observations", "environment"} {
		if _, err := c.render(name, past, Options{}); !errors.Is(err, past.err) {
			t.Errorf("%s: error %v, want the history's", name, err)
		}
	}
}

func TestWithoutAHistoryTheWindowsAreShown(t *testing.T) {
	c := busyCity()
	got := series(t, must(t)(c.render("environment", nil, Options{})))
	// 40 ten minutes ago and 50 now: the quarter without the minute, the minute, the last word.
	if west := got["西站"]; strings.Count(west, "[") != 4 || !strings.Contains(west, ",40]") || !strings.HasSuffix(west, ",50]]") {
		t.Errorf("the western station: %s", west)
	}
	if len(got) != 2 {
		t.Errorf("%d stations, want 2", len(got))
	}
}

func TestEveryWidgetOfAnEmptyCityIsDrawnWithoutNumbersThatAreNone(t *testing.T) {
	for what, c := range map[string]*city{
		"no fact at all": newCity(), "a profile and regions": newCity(kunshan, towns()),
	} {
		for _, s := range Specs {
			for _, past := range []History{nil, pastSaid{}} {
				w, err := c.render(s.Name, past, Options{})
				if err != nil {
					t.Errorf("%s, %s: %v", what, s.Name, err)
					continue
				}
				out, err := json.Marshal(w)
				if err != nil || bytes.Contains(out, []byte("NaN")) || bytes.Contains(out, []byte("Inf")) {
					t.Errorf("%s, %s: %v\n%s", what, s.Name, err, out)
				}
				if s.Kind == Chart && !json.Valid(w.Option) {
					t.Errorf("%s, %s: no option", what, s.Name)
				}
			}
		}
	}
}

func TestEveryWidgetOfABusyCityIsAsRecorded(t *testing.T) {
	c := busyCity()
	for _, s := range Specs {
		for _, o := range []Options{{}, {Lang: "en", Theme: "light"}} {
			w := must(t)(c.render(s.Name, nil, o))
			got, err := json.MarshalIndent(w, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			name := s.Name + ".json"
			if o.Lang != "" {
				name = s.Name + ".en.json"
			}
			golden(t, name, append(got, '\n'))
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s (write it anew with -update if that is meant):\n%s", path, got)
	}
}

func TestNoOptionAsksForAnythingFromOutside(t *testing.T) {
	c := busyCity()
	for _, s := range Specs {
		w := must(t)(c.render(s.Name, nil, Options{}))
		if bytes.Contains(w.Option, []byte("http")) || bytes.Contains(w.Option, []byte("function")) || bytes.Contains(w.Option, []byte("toolbox")) {
			t.Errorf("%s: %s", s.Name, w.Option)
		}
	}
}

func TestTheCatalogueNamesEveryWidgetOnceInBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	zh, en := Catalogue("zh"), Catalogue("en")
	for i, e := range zh {
		if seen[e.Name] || e.Title == "" || en[i].Title == "" || e.Title == en[i].Title || e.W == 0 || e.H == 0 {
			t.Errorf("%+v, %+v", e, en[i])
		}
		seen[e.Name] = true
	}
}

func TestNumbersAreWrittenAsTheirReadersDo(t *testing.T) {
	cases := []struct {
		v      float64
		zh, en string
	}{
		{0, "0", "0"}, {-0.001, "0", "0"}, {3.14159, "3.14", "3.14"}, {9.999, "10", "10"}, {42.25, "42.2", "42.2"},
		{99.97, "100", "100"}, {1234.5, "1,234", "1,234"}, {9999, "9,999", "9,999"}, {12345, "1.23万", "12,345"},
		{1234567, "123万", "1,234,567"}, {-250000, "-25万", "-250,000"}, {3.2e8, "3.2亿", "320,000,000"},
	}
	for _, c := range cases {
		if zh, en := number(c.v, "zh"), number(c.v, "en"); zh != c.zh || en != c.en {
			t.Errorf("%v is %q and %q, want %q and %q", c.v, zh, en, c.zh, c.en)
		}
	}
}

func TestAReaderOfTwoTownsGetsTheSumOfTheirFigures(t *testing.T) {
	figure := func(name string, scope cim.Scope) Widget {
		return must(t)(busyCity().renderIn(name, scope, nil, Options{Lang: "en"}))
	}
	one, other := cim.Grant{Region: "320583100", Layers: cim.AllLayers}, cim.Grant{Region: "320583101", Layers: cim.AllLayers}
	both := cim.NewGrants([]cim.Grant{one, other, {Region: "320583101", Layers: cim.LayersOf(cim.LayerIncidents)}}).Scope()
	for _, name := range []string{"open-incidents", "devices-online"} {
		a, b := figure(name, cim.NewGrants([]cim.Grant{one}).Scope()), figure(name, cim.NewGrants([]cim.Grant{other}).Scope())
		if w := figure(name, both); *w.Value != *a.Value+*b.Value || *a.Value == 0 || *b.Value == 0 {
			t.Errorf("%s: %v, of %v and %v", name, *w.Value, *a.Value, *b.Value)
		}
	}
	if w := figure("open-by-district", both); !strings.Contains(string(w.Option), "巴城镇") || !strings.Contains(string(w.Option), "Yushan") {
		t.Errorf("%s", w.Option)
	}
	away := cim.NewGrants([]cim.Grant{other, {Region: "320584", Layers: cim.AllLayers}}).Scope()
	if w := figure("open-by-district", away); !strings.Contains(string(w.Option), "巴城镇") || strings.Contains(string(w.Option), "Yushan") {
		t.Errorf("a town that is out of sight is listed: %s", w.Option)
	}
}
