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
	s.stack = append(s.stack[:0], whole)
	for len(s.stack) > 0 {
		sp := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		worst, at := limit, int32(-1)
		a, b := ps[sp.from], ps[sp.to]
		for i := sp.from + 1; i < sp.to; i++ {
			if d := segmentDistance2(ps[i], a, b); d > worst {
				worst, at = d, i
			}
		}
		if at >= 0 {
			s.keep[at] = true
			s.stack = append(s.stack, span{sp.from, at}, span{at, sp.to})
		}
	}
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

// segmentDistance2 is the square of the distance from p to the segment a–b.
func segmentDistance2(p, a, b pt) float64 {
	dx, dy := float64(b.X)-float64(a.X), float64(b.Y)-float64(a.Y)
	px, py := float64(p.X)-float64(a.X), float64(p.Y)-float64(a.Y)
	if length2 := dx*dx + dy*dy; length2 > 0 {
		t := max(0, min(1, (px*dx+py*dy)/length2))
		px, py = px-t*dx, py-t*dy
	}
	return px*px + py*py
}
