package bench

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Figure is one number that was measured.
type Figure struct {
	// What was measured, as the table says it.
	What string
	Unit string
	// Target is what has to be reached, 0 where nothing is asked; AtLeast says
	// that more is better.
	Target  float64
	AtLeast bool
	Reached float64
	// Note says under which conditions, or what holds it back.
	Note string
}

// Met says whether the target is reached; what has none is.
func (f Figure) Met() bool {
	switch {
	case f.Target == 0 && !f.exact():
		return true
	case f.AtLeast:
		return f.Reached >= f.Target
	}
	return f.Reached <= f.Target
}

// exact is a target of none at all, such as 0 allocations.
func (f Figure) exact() bool { return f.Target == 0 && f.Unit == "allocations" }

// Ratio is reached over target: below 1 is good for an upper bound, above 1 for
// a lower one. NaN where there is no target.
func (f Figure) Ratio() float64 {
	if f.Target == 0 {
		return math.NaN()
	}
	return f.Reached / f.Target
}

// Measure is one thing to run.
type Measure struct {
	Name string
	Run  func(ctx context.Context, env *Env) ([]Figure, error)
}

// Env is where measures find what they share.
type Env struct {
	// Root is the repository, Binary the program that was built.
	Root, Binary string
	// Short makes everything smaller, to see that it runs.
	Short bool
	// Log says what is going on.
	Log func(format string, args ...any)
}

// scale is n, or a fiftieth of it in a short run.
func (e *Env) scale(n int) int {
	if e.Short {
		return max(n/50, 1)
	}
	return n
}

// lasting is d, or two seconds in a short run.
func (e *Env) lasting(d time.Duration) time.Duration {
	if e.Short {
		return min(d, 2*time.Second)
	}
	return d
}

// number writes v with three figures that count, and thousands apart.
func number(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case v == math.Trunc(v) && math.Abs(v) < 1e15, math.Abs(v) >= 1000:
		s := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
		sign := ""
		if strings.HasPrefix(s, "-") {
			sign, s = "-", s[1:]
		}
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
		return sign + s
	case math.Abs(v) >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case math.Abs(v) >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func (f Figure) target() string {
	switch {
	case f.Target == 0 && !f.exact():
		return ""
	case f.AtLeast:
		return "≥ " + number(f.Target) + " " + f.Unit
	}
	return "≤ " + number(f.Target) + " " + f.Unit
}

func (f Figure) String() string {
	return fmt.Sprintf("%s: %s %s (%s)", f.What, number(f.Reached), f.Unit, f.target())
}
