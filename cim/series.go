package cim

// series is one property of one cell, as devices of one grade observed it: the
// newest value, and per window the
// current slot and the sum of the closed ones. Times are in milliseconds,
// shifted by the cell's phase except where a comment says not.
type series struct {
	property Property
	grade    Grade
	time     int64 // of last, not shifted
	last     float64
	open     [WindowCount]sum
	closed   [WindowCount]sum
	rings    rings
}

func slotOf(w Window, t int64) int64 { return floorDiv(t, slotMillis[w]) }

// observe counts v in every window that holds its time t; at is the same, now
// the model's time, both shifted by the phase. A time ahead of the model's
// counts in the current slot.
func (s *series) observe(epoch uint64, t, at, now int64, v float64) {
	if t >= s.time {
		s.time, s.last = t, v
	}
	for w := range Window(WindowCount) {
		k, cur := slotOf(w, at), slotOf(w, now)
		switch {
		case k >= cur:
			s.open[w].add(v)
		case k > cur-slotCount[w]:
			x := s.rings.at(w, k)
			x.add(v)
			s.rings.put(epoch, w, k, x)
			s.close(w, cur)
		}
	}
}

// roll moves the windows from the model's time was to now, and reports whether
// something left one of them.
func (s *series) roll(epoch uint64, was, now int64) (expired bool) {
	for w := range Window(WindowCount) {
		from, to := slotOf(w, was), slotOf(w, now)
		if from == to || s.open[w].n == 0 && s.closed[w].n == 0 {
			continue
		}
		if s.open[w].n > 0 {
			s.rings.put(epoch, w, from, s.open[w])
			s.open[w] = sum{}
		}
		for k := from + 1; k <= to && k <= from+slotCount[w]; k++ {
			if s.rings.at(w, k).n > 0 {
				expired = true
				s.rings.put(epoch, w, k, sum{})
			}
		}
		s.close(w, to)
	}
	return expired
}

// close sums the closed slots up, oldest first, so that equal slots make equal
// sums to the last bit.
func (s *series) close(w Window, cur int64) {
	var c sum
	for k := cur - slotCount[w] + 1; k < cur; k++ {
		c.merge(s.rings.at(w, k))
	}
	s.closed[w] = c
}

// live reports whether the last 24 h hold anything.
func (s *series) live() bool { return s.open[Day].n > 0 || s.closed[Day].n > 0 }

func (s *series) aggregate(w Window) Aggregate {
	t := s.closed[w]
	t.merge(s.open[w])
	return Aggregate{Count: uint64(t.n), Sum: t.sum, Max: t.max, Last: s.last}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
