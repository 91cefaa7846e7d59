package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const output = `goos: linux
BenchmarkTile/z14-2         	    1834	    612345 ns/op	     512 features	   40123 bytes	    1024 B/op	      12 allocs/op
BenchmarkRegionsAt 	 5000000	       312.5 ns/op	       0 B/op	       0 allocs/op
BenchmarkFanout/clients=5000-2 	       1	         0 ns/op	        31.2 KiB/client	       142.7 p99-ms
PASS
ok  	onecity/tiles	3.2s
`

func TestBenchmarkOutputIsRead(t *testing.T) {
	rs := map[string]map[string]float64{}
	for _, r := range parse([]byte(output)) {
		rs[r.name] = r.values
	}
	for _, c := range []struct {
		name, unit string
		want       float64
	}{
		{"Tile/z14", "ns/op", 612345}, {"Tile/z14", "features", 512}, {"Tile/z14", "allocs/op", 12},
		{"RegionsAt", "ns/op", 312.5}, {"Fanout/clients=5000", "p99-ms", 142.7},
	} {
		if got, ok := rs[c.name][c.unit]; !ok || got != c.want {
			t.Errorf("%s %s: %g, want %g", c.name, c.unit, got, c.want)
		}
	}
	if _, err := take(rs, []wanted{{"Gone", "ns/op", 1, Figure{}}}); err == nil {
		t.Error("a benchmark that has gone is not noticed")
	}
	fs, err := take(rs, []wanted{{"Tile/z14", "ns/op", milli, Figure{Target: 1}}})
	if err != nil || !fs[0].Met() || fs[0].Ratio() > 0.613 {
		t.Errorf("%+v, %v", fs, err)
	}
}

func TestAFigureKnowsWhetherItIsReached(t *testing.T) {
	for _, c := range []struct {
		f    Figure
		want bool
	}{
		{Figure{Target: 30, Reached: 30}, true},
		{Figure{Target: 30, Reached: 31}, false},
		{Figure{Target: 20000, Reached: 19999, AtLeast: true}, false},
		{Figure{Target: 20000, Reached: 20001, AtLeast: true}, true},
		{Figure{Reached: 5}, true},
		{Figure{Unit: "allocations", Reached: 0}, true},
		{Figure{Unit: "allocations", Reached: 1}, false},
	} {
		if c.f.Met() != c.want {
			t.Errorf("%+v: %v", c.f, !c.want)
		}
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1234567: "1,234,567", 0.01234: "0.0123", 12.34: "12.3", 123.4: "123", 20000.4: "20,000", -1500: "-1,500"} {
		if got := number(v); got != want {
			t.Errorf("%g is written %q, want %q", v, got, want)
		}
	}
}

func TestTheTableReplacesTheOldOneAndNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.md")
	if err := os.WriteFile(path, []byte("# Title\n"+begin+"\nold\n"+end+"\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	figures := []Figure{{What: "speed", Unit: "ms", Target: 2, Reached: 3, Note: "disk"}}
	for range 2 {
		if err := Write(path, figures, "header"); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, want := range []string{"# Title\n", "header\n", "| speed | ≤ 2 ms | 3 ms | 1.50 | **not reached** disk |", end + "\nafter\n"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q stands %d times in\n%s", want, strings.Count(text, want), text)
		}
	}
	if strings.Contains(text, "old") {
		t.Error("the old table is still there")
	}
	if err := Write(filepath.Join(filepath.Dir(path), "none.md"), figures, ""); err == nil {
		t.Error("a page that is missing is no error")
	}
}

func TestQuantiles(t *testing.T) {
	var ds []time.Duration
	for i := 100; i >= 0; i-- {
		ds = append(ds, time.Duration(i)*time.Millisecond)
	}
	if p50, p99 := quantile(ds, .5), quantile(ds, .99); p50 != 50 || p99 != 99 {
		t.Errorf("p50 %g, p99 %g", p50, p99)
	}
}
