package cim

// sum is what one slot, or some slots together, hold.
type sum struct {
	n        uint32
	sum, max float64
}

func (s *sum) add(v float64) {
	if s.n == 0 || v > s.max {
		s.max = v
	}
	s.n++
	s.sum += v
}

func (s *sum) merge(o sum) {
	if o.n == 0 {
		return
	}
	if s.n == 0 || o.max > s.max {
		s.max = o.max
	}
	s.n += o.n
	s.sum += o.sum
}

// ring holds the closed slots of all four windows of one property of one cell:
// slot k of a window of n slots is at place k mod n. Places of the current slot
// and of slots out of the window are zero.
type ring struct {
	epoch uint64
	n     [ringSlots]uint32
	sum   [ringSlots]float64
	max   [ringSlots]float64
}

func (r *ring) at(i int64) sum       { return sum{r.n[i], r.sum[i], r.max[i]} }
func (r *ring) set(i int64, s sum)   { r.n[i], r.sum[i], r.max[i] = s.n, s.sum, s.max }
func place(w Window, k int64) int64  { return firstSlot[w] + floorMod(k, slotCount[w]) }
func slotOf(w Window, t int64) int64 { return floorDiv(t, slotMillis[w]) }

// series is one property of one cell: the newest value, and per window the
// current slot and the sum of the closed ones. Times are in milliseconds,
// shifted by the cell's phase.
type series struct {
	property Property
	time     int64 // of last, not shifted
	last     float64
	open     [WindowCount]sum
	closed   [WindowCount]sum
	ring     *ring
}

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
			r := s.own(epoch)
			i := place(w, k)
			x := r.at(i)
			x.add(v)
			r.set(i, x)
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
		r := s.own(epoch)
		r.set(place(w, from), s.open[w])
		s.open[w] = sum{}
		for k := from + 1; k <= to && k <= from+slotCount[w]; k++ {
			i := place(w, k)
			if r.n[i] > 0 {
				expired = true
				r.set(i, sum{})
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
		c.merge(s.ring.at(place(w, k)))
	}
	s.closed[w] = c
}

func (s *series) own(epoch uint64) *ring {
	switch {
	case s.ring == nil:
		s.ring = &ring{epoch: epoch}
	case s.ring.epoch != epoch:
		c := *s.ring
		c.epoch = epoch
		s.ring = &c
	}
	return s.ring
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
