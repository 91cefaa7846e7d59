package warning

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// What CAP 1.2 knows (section 3.2.2), of which a draft chooses.
var (
	colours     = []string{Blue, Yellow, Orange, Red}
	categories  = []string{"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"}
	urgencies   = []string{"Immediate", "Expected", "Future", "Past", "Unknown"}
	severities  = []string{"Extreme", "Severe", "Moderate", "Minor", "Unknown"}
	certainties = []string{"Observed", "Likely", "Possible", "Unlikely", "Unknown"}
)

var regionCode = regexp.MustCompile(`^[0-9]{2,20}$`)

// longest is how long a warning holds at most: longer ones are renewed.
const longest = 15 * 24 * time.Hour

// check says what is wrong with a draft.
func (w *Warning) check(now time.Time) error {
	wrong := func(field, code, message string) error { return &FieldError{field, code, message} }
	texts := []struct {
		field string
		v     *string
		most  int
		need  bool
	}{
		{"event", &w.Event, 50, true}, {"eventEn", &w.EventEn, 100, false}, {"headline", &w.Headline, 160, true}, {"headlineEn", &w.HeadlineEn, 300, false},
		{"text", &w.Text, 2000, true}, {"textEn", &w.TextEn, 4000, false}, {"instruction", &w.Instruction, 2000, true}, {"instructionEn", &w.InstructionEn, 4000, false},
		{"area", &w.Area, 300, true}, {"areaEn", &w.AreaEn, 500, false}, {"sender", &w.Sender, 100, true}, {"contact", &w.Contact, 100, false},
	}
	for _, t := range texts {
		*t.v = strings.TrimSpace(*t.v)
		switch {
		case t.need && *t.v == "":
			return wrong(t.field, "missing", "必填 / it is missing")
		case utf8.RuneCountInString(*t.v) > t.most:
			return wrong(t.field, "too-long", "过长 / it is too long")
		case !plain(*t.v):
			return wrong(t.field, "malformed", "含有不允许的字符 / it holds characters that XML does not take")
		}
	}
	for field, c := range map[string]struct {
		v    string
		list []string
	}{"colour": {w.Colour, colours}, "category": {w.Category, categories}, "urgency": {w.Urgency, urgencies}, "certainty": {w.Certainty, certainties}} {
		if !slices.Contains(c.list, c.v) {
			return wrong(field, "unknown", "应为 / one of "+strings.Join(c.list, ", "))
		}
	}
	if len(w.Regions) == 0 || len(w.Regions) > 200 || slices.ContainsFunc(w.Regions, func(r string) bool { return !regionCode.MatchString(r) }) {
		return wrong("regions", "malformed", "应为 1–200 个区域代码 / 1 to 200 codes of regions")
	}
	switch {
	case w.Expires.IsZero() || !w.Expires.After(now):
		return wrong("expires", "out-of-range", "失效时间应晚于现在 / it must expire after now")
	case w.Expires.After(now.Add(longest)):
		return wrong("expires", "out-of-range", "最长 15 天，可续发 / at most 15 days: renew it then")
	case !w.Onset.IsZero() && !w.Onset.Before(w.Expires):
		return wrong("onset", "out-of-range", "开始时间应早于失效时间 / it must begin before it expires")
	}
	return w.checkPolygon()
}

func (w *Warning) checkPolygon() error {
	wrong := func(message string) error { return &FieldError{"polygon", "malformed", message} }
	n := len(w.Polygon)
	if n == 0 {
		return nil
	}
	if n > 2000 {
		return wrong("最多 2000 点 / at most 2000 points")
	}
	for _, p := range w.Polygon {
		if !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) { // not NaN either
			return wrong("应为经度、纬度 / lon, lat in degrees")
		}
	}
	if w.Polygon[0] != w.Polygon[n-1] {
		w.Polygon = append(w.Polygon, w.Polygon[0])
		n++
	}
	if n < 4 {
		return wrong("至少三个点 / at least three points")
	}
	return nil
}

// plain reports whether XML 1.0 takes a text and people can read it.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0xFFFD || r == 0xFFFE || r == 0xFFFF
	})
}

// common is the longest code that all begin with, "" for none.
func common(list []string) string {
	if len(list) == 0 {
		return ""
	}
	out := list[0]
	for _, r := range list[1:] {
		for !strings.HasPrefix(r, out) {
			out = out[:len(out)-1]
		}
	}
	return level(out)
}

// level cuts what two codes have in common back to a whole region: codes have 2,
// 4, 6, 9, 12 or 15 digits.
func level(code string) string {
	for _, n := range []int{15, 12, 9, 6, 4, 2} {
		if len(code) >= n {
			return code[:n]
		}
	}
	return ""
}
