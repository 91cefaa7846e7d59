package incident

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"onecity/geo"
	"onecity/internal/database"

	"github.com/paulmach/orb"
	sphere "github.com/paulmach/orb/geo"
)

// What makes two cases alike: the same major class 大类, neighbouring cells, and
// a time not further apart than window. How much each counts was chosen, not
// measured: a city's own records can tell better.
const (
	family    = 3 // characters of a class's code that name its major class
	window    = 72 * time.Hour
	nearest   = 400.0 // metres at which nearness counts nothing any more
	mostAlike = 20
	likely    = 0.35 // what is less likely is not proposed
)

// Alike are the open cases that may be the same thing as one, the likeliest
// first, with the reasons.
func (s *Service) Alike(ctx context.Context, scope database.Scope, id string) ([]Alike, error) {
	c, err := s.Get(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	var cells []int64
	for _, near := range geo.CellAt(orb.Point{c.Lon, c.Lat}, geo.BaseResolution).Near(1) {
		cells = append(cells, int64(near))
	}
	list, err := database.Collect(ctx, s.wall, scope, `select `+recordColumns+` from incident.record
		where open and id <> $1 and cell = any($2) and left(class, $3) = $4 and reported between $5 and $6
		order by reported desc limit 500`,
		[]any{c.ID, cells, family, cut(c.Class, family), c.Reported.Add(-window), c.Reported.Add(window)}, scanCase)
	if err != nil {
		return nil, fmt.Errorf("look for cases like %s: %w", id, err)
	}
	out := []Alike{}
	for i := range list {
		if a := compare(&c, &list[i]); a.Score >= likely {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b Alike) int { return cmp.Compare(b.Score, a.Score) })
	return out[:min(len(out), mostAlike)], nil
}

// compare says how alike two cases are and why.
func compare(a, b *Case) Alike {
	out := Alike{
		Case:    *b,
		Metres:  math.Round(sphere.Distance(orb.Point{a.Lon, a.Lat}, orb.Point{b.Lon, b.Lat})),
		Minutes: math.Round(a.Reported.Sub(b.Reported).Abs().Minutes()),
		Text:    round2(likeness(a.Title+" "+a.Description, b.Title+" "+b.Description)),
	}
	say := func(zh, en string, args ...any) {
		out.Reasons = append(out.Reasons, Reason{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)})
	}
	score := 0.35 * max(0, 1-out.Metres/nearest)
	score += 0.15 * max(0, 1-out.Minutes/window.Minutes())
	score += 0.25 * out.Text
	same := a.Class == b.Class
	if same {
		say("类别相同（%s）", "the same class (%s)", a.Class)
		score += 0.15
	} else {
		say("大类相同（%s）", "the same major class (%s)", cut(a.Class, family))
	}
	if a.Object != "" && a.Object == b.Object {
		say("同一部件（%s）", "about the same component (%s)", a.Object)
		score += 0.4
	}
	say("相距 %.0f 米", "%.0f m apart", out.Metres)
	if out.Minutes < 120 {
		say("相隔 %.0f 分钟", "%.0f minutes apart", out.Minutes)
	} else {
		say("相隔 %.0f 小时", "%.0f hours apart", out.Minutes/60)
	}
	if out.Text > 0.2 {
		say("文字相似 %.0f%%", "the words are alike by %.0f%%", 100*out.Text)
	}
	if a.Reporter != "" && a.Reporter == b.Reporter {
		say("同一上报人", "of the same reporter")
		score += 0.1
	}
	out.Score = round2(min(1, score))
	return out
}

func round2(v float64) float64 { return math.Round(v*100) / 100 }
