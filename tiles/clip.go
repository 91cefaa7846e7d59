package tiles

// clipLine cuts a line by b (Liang and Barsky, 1984) and calls emit with each
// part that is inside; scratch is reused, parts are valid during the call.
// Parts have at least two points and no two neighbours the same.
func clipLine(ps []pt, b box, scratch []pt, emit func([]pt)) []pt {
	part := scratch[:0]
	flush := func() {
		if len(part) >= 2 {
			emit(part)
		}
		part = part[:0]
	}
	for i := 1; i < len(ps); i++ {
		p, q, ok := clipSegment(ps[i-1], ps[i], b)
		if !ok {
			flush()
			continue
		}
		if len(part) == 0 || part[len(part)-1] != p {
			flush()
			part = append(part, p)
		}
		if q != p {
			part = append(part, q)
		}
		if q != ps[i] { // left the box
			flush()
		}
	}
	flush()
	return part
}

// clipSegment is the part of p–q inside b; ok is false when there is none.
func clipSegment(p, q pt, b box) (from, to pt, ok bool) {
	dx, dy := float64(q.X)-float64(p.X), float64(q.Y)-float64(p.Y)
	t0, t1 := 0.0, 1.0
	edge := func(d, dist float64) bool { // d·t ≤ dist
		switch {
		case d == 0:
			return dist >= 0
		case d < 0:
			t0 = max(t0, dist/d)
		default:
			t1 = min(t1, dist/d)
		}
		return t0 <= t1
	}
	if !edge(-dx, float64(p.X)-float64(b.minX)) || !edge(dx, float64(b.maxX)-float64(p.X)) ||
		!edge(-dy, float64(p.Y)-float64(b.minY)) || !edge(dy, float64(b.maxY)-float64(p.Y)) {
		return pt{}, pt{}, false
	}
	from, to = p, q
	if t0 > 0 {
		from = along(p, dx, dy, t0)
	}
	if t1 < 1 {
		to = along(p, dx, dy, t1)
	}
	return from, to, true
}

func along(p pt, dx, dy, t float64) pt {
	return pt{round(float64(p.X) + t*dx), round(float64(p.Y) + t*dy)}
}

func round(v float64) int32 {
	if v < 0 {
		return int32(v - 0.5)
	}
	return int32(v + 0.5)
}

// clipRing cuts a ring by b (Sutherland and Hodgman, 1974), one edge after
// the other, between two scratch slices, and returns the result with the two
// slices to keep. A ring that falls apart stays one, joined along the edge of
// the box, which lies in the buffer, out of sight.
func clipRing(ps []pt, b box, x, y []pt) (out, keepX, keepY []pt) {
	x = clipEdge(x[:0], ps, func(p pt) int64 { return int64(p.X) - int64(b.minX) }, true, b.minX)
	y = clipEdge(y[:0], x, func(p pt) int64 { return int64(b.maxX) - int64(p.X) }, true, b.maxX)
	x = clipEdge(x[:0], y, func(p pt) int64 { return int64(p.Y) - int64(b.minY) }, false, b.minY)
	y = clipEdge(y[:0], x, func(p pt) int64 { return int64(b.maxY) - int64(p.Y) }, false, b.maxY)
	return y, x, y
}

// clipEdge keeps what is on the side of one edge where inside is not negative;
// the edge is the line X = edge when vertical, else Y = edge.
func clipEdge(dst, src []pt, inside func(pt) int64, vertical bool, edge int32) []pt {
	if len(src) == 0 {
		return dst
	}
	p := src[len(src)-1]
	dp := inside(p)
	for _, q := range src {
		dq := inside(q)
		if (dp < 0) != (dq < 0) {
			t := float64(dp) / float64(dp-dq)
			if vertical {
				dst = append(dst, pt{edge, round(float64(p.Y) + t*(float64(q.Y)-float64(p.Y)))})
			} else {
				dst = append(dst, pt{round(float64(p.X) + t*(float64(q.X)-float64(p.X))), edge})
			}
		}
		if dq >= 0 {
			dst = append(dst, q)
		}
		p, dp = q, dq
	}
	return dst
}

// tidy takes out, in place, points that repeat their neighbour and spikes that
// go and come back on the same line; what is left of a ring that encloses
// nothing has fewer than three points.
func tidy(ps []pt) []pt {
	out := ps[:0]
	for _, p := range ps {
		out = append(out, p)
		out = settle(out)
	}
	for len(out) >= 3 { // the seam
		n := len(out)
		switch {
		case out[0] == out[n-1] || needless(out[n-2], out[n-1], out[0]):
			out = out[:n-1]
		case needless(out[n-1], out[0], out[1]):
			copy(out, out[1:])
			out = out[:n-1]
		default:
			return out
		}
	}
	return out[:0]
}

// settle takes needless points off the end.
func settle(out []pt) []pt {
	for n := len(out); n >= 2; n = len(out) {
		if out[n-1] == out[n-2] {
			out = out[:n-1]
			continue
		}
		if n < 3 || !needless(out[n-3], out[n-2], out[n-1]) {
			break
		}
		out[n-2] = out[n-1]
		out = out[:n-1]
	}
	return out
}

// needless reports whether b lies on the line through a and c: a step on the
// way, or the tip of a spike.
func needless(a, b, c pt) bool {
	return (int64(b.X)-int64(a.X))*(int64(c.Y)-int64(a.Y)) == (int64(b.Y)-int64(a.Y))*(int64(c.X)-int64(a.X))
}
