package tiles

// simplifier thins lines by Douglas and Peucker (1973), in tile units, with a
// stack instead of recursion. It runs before clipping and on the whole
// geometry, so that neighbouring tiles agree on what is left.
type simplifier struct {
	stack []span
	keep  []bool
}

type span struct{ from, to int32 }

// line thins ps in place; ends stay.
func (s *simplifier) line(ps []pt, tolerance int) []pt {
	if tolerance <= 0 || len(ps) < 3 {
		return ps
	}
	s.prepare(len(ps))
	s.mark(ps, span{0, int32(len(ps) - 1)}, tolerance)
	return s.sweep(ps)
}

// ring thins a ring, whose first point is not repeated, in place. It is cut
// in two at its first point and at the point furthest from that.
func (s *simplifier) ring(ps []pt, tolerance int) []pt {
	if tolerance <= 0 || len(ps) < 5 {
		return ps
	}
	far, most := 0, int64(-1)
	for i, p := range ps {
		if d := distance2(ps[0], p); d > most {
			far, most = i, d
		}
	}
	ps = append(ps, ps[0])
	s.prepare(len(ps))
	s.mark(ps, span{0, int32(far)}, tolerance)
	s.mark(ps, span{int32(far), int32(len(ps) - 1)}, tolerance)
	ps = s.sweep(ps)
	return ps[:len(ps)-1]
}

func (s *simplifier) prepare(n int) {
	if cap(s.keep) < n {
		s.keep = make([]bool, n+n/2)
	}
	s.keep = s.keep[:n]
	clear(s.keep)
}

func (s *simplifier) mark(ps []pt, whole span, tolerance int) {
	limit := float64(tolerance) * float64(tolerance)
	s.keep[whole.from], s.keep[whole.to] = true, true
	s.stack = s.stack[:0]
	for sp := whole; ; {
		at, far := furthest(ps[sp.from:sp.to+1], limit)
		if at += sp.from; far {
			s.keep[at] = true
			if sp.to-at > 1 {
				s.stack = append(s.stack, span{at, sp.to})
			}
			if at-sp.from > 1 {
				sp.to = at
				continue
			}
		}
		if len(s.stack) == 0 {
			return
		}
		sp = s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
	}
}

// furthest is the point of ps that is furthest from the segment between its
// ends; far says that the square of the distance is above limit.
func furthest(ps []pt, limit float64) (at int32, far bool) {
	a, b := ps[0], ps[len(ps)-1]
	dx, dy := float64(b.X)-float64(a.X), float64(b.Y)-float64(a.Y)
	scale := 0.0 // all of a segment without a length is its start
	if length2 := dx*dx + dy*dy; length2 > 0 {
		scale = 1 / length2
	}
	for i, p := range ps {
		px, py := float64(p.X)-float64(a.X), float64(p.Y)-float64(a.Y)
		if t := (px*dx + py*dy) * scale; t >= 1 {
			px, py = px-dx, py-dy
		} else if t > 0 {
			px, py = px-t*dx, py-t*dy
		}
		if d := px*px + py*py; d > limit {
			limit, at, far = d, int32(i), true
		}
	}
	return at, far
}

func (s *simplifier) sweep(ps []pt) []pt {
	out := ps[:0]
	for i, p := range ps {
		if s.keep[i] {
			out = append(out, p)
		}
	}
	return out
}

func distance2(a, b pt) int64 {
	dx, dy := int64(a.X)-int64(b.X), int64(a.Y)-int64(b.Y)
	return dx*dx + dy*dy
}
