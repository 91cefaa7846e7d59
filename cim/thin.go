package cim

// thinner visits things of the levels from the most important on, until a
// budget is spent; within the level where it runs out, those of the lowest
// rank, so that what is shown stays evenly spread.
type thinner[T any] struct {
	budget int // ≤ 0: no end
	// inLevel is an upper bound of what a level holds anywhere, estimate of
	// what it holds where we look.
	inLevel  func(level int) int
	estimate func(level int) int
	// visit shows those of a level whose rank is below keep, until fn says stop.
	visit func(level int, keep uint64, fn func(T) bool) bool
}

// everyRank is above any rank.
const everyRank = 1 << 32

// run reports whether everything was visited.
func (t *thinner[T]) run(fn func(T) bool) (all bool) {
	left := t.budget
	counted := func(v T) bool {
		if left == 0 {
			return false
		}
		left--
		return fn(v)
	}
	for level := range levels {
		n := t.inLevel(level)
		if n == 0 {
			continue
		}
		if t.budget <= 0 {
			if !t.visit(level, everyRank, fn) {
				return false
			}
			continue
		}
		keep := uint64(everyRank)
		if n > left {
			if n = t.estimate(level); n > left {
				keep = everyRank * uint64(left) / uint64(n)
			}
		}
		if !t.visit(level, keep, counted) || keep < everyRank {
			return false
		}
	}
	return true
}
