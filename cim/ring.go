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

// Closed slots are kept in rings: slot k of a window of n slots is at place
// k mod n. The places of the current slot and of slots out of the window are
// zero. The one-minute window has a ring of its own, because it changes six
// times as often as all others; the two fill 128 and 1024 bytes.
type (
	shortRing struct {
		epoch    uint64
		n        [shortSlots]uint32
		sum, max [shortSlots]float64
	}
	longRing struct {
		epoch    uint64
		n        [longSlots]uint32
		sum, max [longSlots]float64
	}
)

const (
	shortSlots = 6
	longSlots  = 15 + 12 + 24
)

// firstSlot is where a window starts in its ring.
var firstSlot = [WindowCount]int64{0, 0, 15, 15 + 12}

// rings of one property of one cell; nil until something is put in.
type rings struct {
	short *shortRing
	long  *longRing
}

// at is the closed slot k of window w.
func (r *rings) at(w Window, k int64) sum {
	i := firstSlot[w] + floorMod(k, slotCount[w])
	switch {
	case w == Minute && r.short != nil:
		return sum{r.short.n[i], r.short.sum[i], r.short.max[i]}
	case w != Minute && r.long != nil:
		return sum{r.long.n[i], r.long.sum[i], r.long.max[i]}
	}
	return sum{}
}

// put writes slot k of window w in the owner's epoch.
func (r *rings) put(epoch uint64, w Window, k int64, s sum) {
	i := firstSlot[w] + floorMod(k, slotCount[w])
	if w == Minute {
		switch {
		case r.short == nil:
			r.short = &shortRing{epoch: epoch}
		case r.short.epoch != epoch:
			c := *r.short
			c.epoch = epoch
			r.short = &c
		}
		r.short.n[i], r.short.sum[i], r.short.max[i] = s.n, s.sum, s.max
		return
	}
	switch {
	case r.long == nil:
		r.long = &longRing{epoch: epoch}
	case r.long.epoch != epoch:
		c := *r.long
		c.epoch = epoch
		r.long = &c
	}
	r.long.n[i], r.long.sum[i], r.long.max[i] = s.n, s.sum, s.max
}
