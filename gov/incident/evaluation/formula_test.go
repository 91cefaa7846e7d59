package evaluation

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestAFormulaIsArithmeticOverCounts(t *testing.T) {
	c := Counts{Due: 8, Handled: 6, HandledOnTime: 3, HandlingMinutes: 90}
	for text, want := range map[string]float64{
		"handled / due * 100":                           75,
		"(due - handled) / due":                         0.25,
		"handling_minutes / handled":                    15,
		"min(handled, handled_on_time) + max(1, 2)":     5,
		"due > 0 ? handled_on_time / due * 100 : 100":   37.5,
		"round(handled / due * 100 / 7)":                11,
		"-due + 10":                                     2,
		"0.7 * handled / due * 100 + 30 * (closed + 1)": 82.5,
		"handled":                           6,
		"due == 8 and handled == 6 ? 1 : 0": 1,
		"(handled + 0) % 4":                 math.NaN(), // of whole numbers only
		"handled / closed":                  math.NaN(),
		"closed / closed * 100":             math.NaN(),
		"-handled / closed":                 math.NaN(),
		"closed > 0 ? handled / closed : handled / (1-1)": math.NaN(),
	} {
		f, err := Parse(text)
		if err != nil {
			if !math.IsNaN(want) {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		v, known := f.Value(&c)
		if known == math.IsNaN(want) || known && math.Abs(v-want) > 1e-9 {
			t.Errorf("%s is %v (%t), not %v", text, v, known, want)
		}
	}
}

func TestBadFormulasAreRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "closed /", "closed_on_tim / due", "100", "1 + 1", "due > 1", "'due'", "[due]", "{a: due}", "due..9", "len('x') + due", "filter([due], # > 0)",
		"now() + due", "due; handled", "let x = due; x", "due matches 'x'", "due in [1]", "$env['due']", "$env.due", "due.x", "map(1..100000000, # + due)",
		"sum([due])", "string(due)", "due ?? 1", "due + nil", "due ** 999", strings.Repeat("due+", 120) + "due", strings.Repeat("(", 300) + "due" + strings.Repeat(")", 300),
	} {
		if f, err := Parse(text); !errors.Is(err, ErrFormula) {
			t.Errorf("%q is taken: %v %v", text, f, err)
		}
	}
}

func TestAllIndicatorsOfTheStandardCanBeCounted(t *testing.T) {
	var one Counts
	for i := range one {
		one[i] = 1
	}
	seen := map[string]bool{}
	for _, i := range Standard() {
		f, err := Parse(i.Formula)
		if err != nil {
			t.Fatalf("%s: %v", i.Code, err)
		}
		if _, known := f.Value(&one); !known || seen[i.Code] || i.Name == "" || i.NameEn == "" || i.Source == "" || i.Verified {
			t.Errorf("%+v", i)
		}
		seen[i.Code] = true
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"closed / close_due * 100", "min(due, 1)", "due > 0 ? 1 : due", "[due]", "1..9", "due; x", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		c := Counts{Due: 3, Handled: 2}
		if v, known := p.Value(&c); known && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("%q is %v", text, v)
		}
	})
}
