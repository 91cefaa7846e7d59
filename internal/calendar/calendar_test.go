package calendar

import (
	"errors"
	"math/rand/v2"
	"testing"
	"testing/fstest"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	got, err := time.ParseInLocation("2006-01-02 15:04", s, Zone())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWorkingHoursStepOverNationalDayAndCountItsMakeUpDay(t *testing.T) {
	c := Default()
	for _, tc := range []struct {
		from string
		d    time.Duration
		to   string
	}{
		{"2026-09-30 16:30", time.Hour, "2026-09-30 17:30"},                // the last hour before the holiday
		{"2026-09-30 16:30", 4 * time.Hour, "2026-10-08 12:00"},            // on the Thursday after it
		{"2026-09-30 16:30", 15*time.Hour + 1, "2026-10-10 09:00"},         // Saturday 10 October is worked
		{"2026-10-03 03:00", time.Hour, "2026-10-08 10:00"},                // begun on a day off
		{"2026-10-10 17:00", time.Hour, "2026-10-12 09:30"},                // Sunday is not
		{"2026-09-18 17:00", time.Hour, "2026-09-20 09:30"},                // Sunday 20 September is worked
		{"2026-10-08 10:00", -2 * time.Hour, "2026-09-30 16:30"},           // and backwards
		{"2026-10-08 12:30", time.Hour, "2026-10-08 14:30"},                // over noon
		{"2026-10-08 12:30", -3*time.Hour - time.Hour, "2026-09-30 16:30"}, // and backwards
	} {
		want := at(t, tc.to)
		if tc.d == 15*time.Hour+1 {
			want = want.Add(1)
		}
		if got := c.Add(at(t, tc.from), tc.d); !got.Equal(want) {
			t.Errorf("%s and %v: %v, want %v", tc.from, tc.d, got.In(Zone()), want)
		}
	}
}

func TestADeadlineInDaysLeavesOutItsFirstDayAndEndsWithTheLastDaysWork(t *testing.T) {
	c := Default()
	for _, tc := range []struct {
		from string
		n    int
		to   string
	}{
		{"2026-09-30 10:00", 1, "2026-10-08 17:30"},
		{"2026-09-30 23:59", 1, "2026-10-08 17:30"},
		{"2026-09-30 10:00", 3, "2026-10-10 17:30"}, // 8, 9 and the Saturday
		{"2026-09-30 10:00", 5, "2026-10-13 17:30"},
		{"2026-10-04 10:00", 1, "2026-10-08 17:30"},
		{"2026-10-04 10:00", 0, "2026-10-08 17:30"},
		{"2026-09-30 10:00", 0, "2026-09-30 17:30"},
		{"2026-02-13 10:00", 2, "2026-02-24 17:30"}, // Saturday 14 February is worked, then nine days off
	} {
		if got := c.AddDays(at(t, tc.from), tc.n); !got.Equal(at(t, tc.to)) {
			t.Errorf("%s and %d days: %v, want %s", tc.from, tc.n, got.In(Zone()), tc.to)
		}
	}
}

func TestTheTablesHaveAsManyDaysOffAndMakeUpDaysAsTheNoticesSay(t *testing.T) {
	c := Default()
	for _, tc := range []struct{ year, off, makeup, working int }{
		{2025, 1 + 8 + 3 + 5 + 3 + 8, 5, 248},
		{2026, 3 + 9 + 3 + 5 + 3 + 3 + 7, 6, 248},
	} {
		off, makeup, working := 0, 0, 0
		for d := (Date{tc.year, 1, 1}); d.Year == tc.year; d = d.Next(1) {
			works, name := c.Works(d)
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			switch {
			case works && name != "":
				makeup++
				if !weekend {
					t.Errorf("%v makes up for %s on a %v", d, name, d.Weekday())
				}
			case name != "":
				off++
			}
			if works {
				working++
			}
		}
		if off != tc.off || makeup != tc.makeup || working != tc.working {
			t.Errorf("%d: %d days off, %d make-up days, %d working days; want %d, %d, %d",
				tc.year, off, makeup, working, tc.off, tc.makeup, tc.working)
		}
		if !c.Announced(tc.year) || c.Announced(tc.year+10) {
			t.Error("which years were announced is not known")
		}
	}
}

// anywhere is an instant in the two years around the tables' ends, sometimes
// exactly where work begins or ends.
func anywhere(r *rand.Rand) time.Time {
	t := Date{2024, 12, 1}.Start().Add(time.Duration(r.Int64N(int64(790 * 24 * time.Hour))))
	if r.IntN(4) == 0 {
		edges := []time.Duration{9 * time.Hour, 12 * time.Hour, 13*time.Hour + 30*time.Minute, 17*time.Hour + 30*time.Minute}
		t = DateOf(t).Start().Add(edges[r.IntN(len(edges))])
	}
	return t
}

func TestAddAndBetweenUndoEachOther(t *testing.T) {
	c := Default()
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		a := anywhere(r)
		d := time.Duration(r.Int64N(int64(300 * time.Hour)))
		if r.IntN(5) == 0 {
			d = d.Truncate(7 * time.Hour) // whole days end where hours end
		}
		b := c.Add(a, d)
		if got := c.Between(a, b); got != d {
			t.Fatalf("between %v and %v later there are %v", a, d, got)
		}
		if d > 0 && c.Between(a, b.Add(-1)) >= d {
			t.Fatalf("%v from %v are over before %v", d, a, b)
		}
		back := c.Add(a, -d)
		if got := c.Between(back, a); got != d {
			t.Fatalf("between %v before %v and then there are %v", d, a, got)
		}
		if d > 0 && c.Between(back.Add(1), a) >= d {
			t.Fatalf("%v to %v begin after %v", d, a, back)
		}
	}
}

func TestAddAndBetweenNeverRunBackwards(t *testing.T) {
	c := Default()
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		a, b, m := anywhere(r), anywhere(r), anywhere(r)
		d, e := time.Duration(r.Int64N(int64(200*time.Hour))), time.Duration(r.Int64N(int64(200*time.Hour)))
		if b.Before(a) {
			a, b = b, a
		}
		if e < d {
			d, e = e, d
		}
		if d > 0 && c.Add(b, d).Before(c.Add(a, d)) {
			t.Fatalf("%v after %v is before %v after %v", d, b, d, a)
		}
		if c.Add(a, e).Before(c.Add(a, d)) {
			t.Fatalf("%v after %v is before %v after it", e, a, d)
		}
		if c.AddDays(b, 3).Before(c.AddDays(a, 3)) {
			t.Fatalf("three days after %v are over before those after %v", b, a)
		}
		if got := c.Between(a, m) + c.Between(m, b); got != c.Between(a, b) {
			t.Fatalf("from %v to %v by way of %v: %v, not %v", a, b, m, got, c.Between(a, b))
		}
		if c.Between(a, b) != -c.Between(b, a) {
			t.Fatalf("there and back between %v and %v", a, b)
		}
	}
}

func TestNewerTablesTakeThePlaceOfOldOnesFromTheirDayOn(t *testing.T) {
	c, err := Default().Load(fstest.MapFS{
		"2027.json": {Data: []byte(`{"year": 2027, "source": "a test", "holidays": [{"name": "元旦", "from": "2026-12-31", "to": "2027-01-03"}],
			"makeups": [{"for": "元旦", "day": "2027-01-09"}]}`)},
		"summer.json": {Data: []byte(`{"hours": [{"from": "2026-07-01", "source": "a test", "weekdays": [1,2,3,4,5],
			"spans": [["08:30","11:30"],["14:00","18:00"]]}]}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Add(at(t, "2026-12-30 17:00"), 2*time.Hour); !got.Equal(at(t, "2027-01-04 09:30")) {
		t.Errorf("over the new year: %v", got)
	}
	if got := c.AddDays(at(t, "2026-06-29 10:00"), 1); !got.Equal(at(t, "2026-06-30 17:30")) {
		t.Errorf("before the summer hours: %v", got)
	}
	if got := c.AddDays(at(t, "2026-06-29 10:00"), 2); !got.Equal(at(t, "2026-07-01 18:00")) {
		t.Errorf("in the summer hours: %v", got)
	}
	if works, _ := Default().Works(Date{2026, 12, 31}); !works {
		t.Error("the calendar that was there before has changed")
	}
	var now Current
	if works, _ := now.Get().Works(Date{2027, 1, 9}); works {
		t.Error("the default knows a year that was not announced")
	}
	now.Set(c)
	if works, name := now.Get().Works(Date{2027, 1, 9}); !works || name != "元旦" {
		t.Error("the new calendar is not in force")
	}
}

func TestATableThatContradictsItselfIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"a day off and on":          `{"year":2026,"holidays":[{"name":"x","from":"2026-01-03","to":"2026-01-04"}],"makeups":[{"for":"x","day":"2026-01-04"}]}`,
		"a day off twice":           `{"year":2026,"holidays":[{"name":"x","from":"2026-01-03","to":"2026-01-04"},{"name":"y","from":"2026-01-04","to":"2026-01-05"}]}`,
		"a holiday that runs back":  `{"year":2026,"holidays":[{"name":"x","from":"2026-01-03","to":"2026-01-02"}]}`,
		"a holiday of another year": `{"year":2026,"holidays":[{"name":"x","from":"2024-01-03","to":"2024-01-03"}]}`,
		"a holiday without end":     `{"year":2026,"holidays":[{"name":"x","from":"2026-01-03","to":"2099-01-03"}]}`,
		"a day that is none":        `{"year":2026,"holidays":[{"name":"x","from":"2026-02-30","to":"2026-02-30"}]}`,
		"a slip of the pen":         `{"year":2026,"hollidays":[]}`,
		"hours that overlap":        `{"hours":[{"from":"2026-01-01","weekdays":[1],"spans":[["09:00","12:00"],["11:00","13:00"]]}]}`,
		"hours after midnight":      `{"hours":[{"from":"2026-01-01","weekdays":[1],"spans":[["22:00","02:00"]]}]}`,
		"a week without work":       `{"hours":[{"from":"2026-01-01","weekdays":[],"spans":[["09:00","12:00"]]}]}`,
		"an eighth day of the week": `{"hours":[{"from":"2026-01-01","weekdays":[7],"spans":[["09:00","12:00"]]}]}`,
		"neither a year nor hours":  `{}`,
		"two tables":                `{"year":2026}{"year":2027}`,
		"nothing":                   ``,
	} {
		if _, _, err := Parse([]byte(body)); !errors.Is(err, ErrBad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(nil, nil); !errors.Is(err, ErrBad) {
		t.Errorf("no hours: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"2025.json", "2026.json", "hours.json"} {
		body, err := announced.ReadFile("data/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	base := Default()
	f.Fuzz(func(t *testing.T, body []byte) {
		years, hours, err := Parse(body)
		if err != nil {
			return
		}
		c, err := base.With(years, hours)
		if err != nil {
			t.Fatalf("parsed, but not taken: %v", err)
		}
		from := Date{2026, 9, 30}.Start()
		if got := c.Between(from, c.Add(from, 5*time.Hour)); got != 5*time.Hour {
			t.Fatalf("five hours later there are %v", got)
		}
		c.AddDays(from, 3)
	})
}

func BenchmarkAddDays(b *testing.B) {
	c := Default()
	from := Date{2026, 9, 30}.Start()
	for b.Loop() {
		c.AddDays(from, 20)
	}
}

func BenchmarkAdd(b *testing.B) {
	c := Default()
	from := Date{2026, 9, 30}.Start()
	for b.Loop() {
		c.Add(from, 140*time.Hour)
	}
}
