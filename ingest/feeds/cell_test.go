package feeds

import (
	"strings"
	"testing"
	"time"
)

func TestTheTimesThatDepartmentsWriteAreRead(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	for text, want := range map[string]string{
		"2026-01-31 08:00":          "2026-01-31T08:00:00+08:00",
		"2026/1/31 8:05:06":         "2026-01-31T08:05:06+08:00",
		"2026年1月31日8时":              "2026-01-31T08:00:00+08:00",
		"2026-01-30 24:00":          "2026-01-31T00:00:00+08:00",
		"2026年1月30日24时":             "2026-01-31T00:00:00+08:00",
		"20260131080000":            "2026-01-31T08:00:00+08:00",
		"2026-01-31T00:00:00Z":      "2026-01-31T00:00:00Z",
		"2026-01-31T08:00:00+08:00": "2026-01-31T08:00:00+08:00",
		"2026-01-31":                "2026-01-31T00:00:00+08:00",
		"46053.333333333336":        "2026-01-31T08:00:00+08:00", // Excel's serial
		"2026-13-31 08:00":          "",
		"8:00":                      "",
		"2026":                      "",
		"昨天":                        "",
	} {
		got := ""
		if at, err := parseTime(text, "", zone, true, false); err == nil {
			got = at.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestADeclaredTimeFormatIsTheOnlyOneTaken(t *testing.T) {
	layout, err := layoutOf("dd.MM.yyyy HH:mm")
	if err != nil {
		t.Fatal(err)
	}
	if at, err := parseTime("31.01.2026 08:00", layout, time.UTC, false, false); err != nil || at.Day() != 31 {
		t.Errorf("got %v, %v", at, err)
	}
	if _, err := parseTime("2026-01-31 08:00", layout, time.UTC, false, false); err == nil {
		t.Error("another format was taken")
	}
	if _, err := layoutOf("YYYY-mm"); err == nil {
		t.Error("YYYY is no letter of ours")
	}
}

func TestTheNumbersThatDepartmentsWriteAreRead(t *testing.T) {
	low, high := 0.0, 1e7
	k := checker{Column: &Column{Name: "n", Type: Number, Min: &low, Max: &high}, missing: usualMissing}
	for text, want := range map[string]float64{"12.5": 12.5, " 12 ": 12, "1,234,567.5": 1234567.5, "１２．５": 12.5, "1e3": 1000, "+4": 4} {
		if v, p := k.read(text); p != nil || v.number != want {
			t.Errorf("%q: got %v, %v", text, v.number, p)
		}
	}
	for text, code := range map[string]string{"12,5": "malformed", "0x10": "malformed", "1_000": "malformed", "12%": "malformed",
		"NaN": "not-finite", "Infinity": "not-finite", "1e999": "out-of-range", "-1": "out-of-range", "三": "malformed"} {
		if _, p := k.read(text); p == nil || p.Code != code {
			t.Errorf("%q: got %+v, want %s", text, p, code)
		}
	}
	for _, text := range []string{"", "—", "缺测", "N/A", "　"} {
		if v, p := k.read(text); p != nil || v.set {
			t.Errorf("%q: got %+v, %v", text, v, p)
		}
	}
}

func TestAContractThatCannotWorkSaysEverythingThatIsWrong(t *testing.T) {
	_, err := ParseContract([]byte(`{"id":"Bad Id","name":"x","department":"y","timeZone":"Mars/Olympus","encoding":"latin1",
		"columns":[{"name":"a","type":"number"},{"name":"A ","type":"poem"},{"name":"c","type":"code"},{"name":"p","type":"text","pattern":"("}],
		"key":["z"],"target":{"kind":"observations","values":[{"column":"a","property":"happiness"}]}}`))
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, says := range []string{"id \"Bad Id\"", "Mars/Olympus", "latin1", "names both", "poem", "needs a table", "pattern", `key "z"`, "id is missing", "time is missing", "happiness"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("it does not say %q:\n%v", says, err)
		}
	}
	if _, err := ParseContract([]byte(`{"id":"x","colums":[]}`)); err == nil || !strings.Contains(err.Error(), "colums") {
		t.Errorf("got %v", err)
	}
}

func TestTheRowNumbersAreThoseThatASpreadsheetShows(t *testing.T) {
	c := example(t, "air-hourly")
	tab, err := readCSV([]byte("公告\n\n站点编码,监测时间,站点名称\na,2026-01-31 08:00,\"two\nlines\"\nb,2026-01-31 08:00,x\n\nc,2026-01-31 08:00,y\n"), c, c.recognises)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, r := range tab.rows {
		numbers = append(numbers, r.number)
	}
	if len(numbers) != 3 || numbers[0] != 4 || numbers[1] != 5 || numbers[2] != 7 || tab.header[2].ref != "C3" {
		t.Errorf("got %v under %s", numbers, tab.header[2].ref)
	}
}

func TestARowWithBrokenQuotesDoesNotSpoilTheOthers(t *testing.T) {
	c := example(t, "air-hourly")
	tab, err := readCSV([]byte("站点编码,监测时间\na,2026-01-31 08:00\nb\"x,2026-01-31 08:00\nc,2026-01-31 08:00\n"), c, c.recognises)
	if err != nil || len(tab.rows) != 3 || tab.rows[1].broken == "" || tab.rows[2].cell(0) != "c" {
		t.Errorf("got %+v, %v", tab, err)
	}
}

func TestColumnsAreNamedAsSpreadsheetsNameThem(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := columnName(i); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
}
