package made

import "github.com/paulmach/orb"

func (f *frame) flats(ps []orb.Point) []orb.Point {
	out := make([]orb.Point, len(ps))
	for i, p := range ps {
		out[i] = f.flat(p)
	}
	return out
}

// bend rounds the corners of a line off (Chaikin, three times); its ends stay.
func bend(line []orb.Point) []orb.Point {
	for range 3 {
		if len(line) < 3 {
			return line
		}
		next := []orb.Point{line[0]}
		for i := range len(line) - 1 {
			a, b := line[i], line[i+1]
			if i > 0 {
				next = append(next, between(a, b, 0.25))
			}
			if i < len(line)-2 {
				next = append(next, between(a, b, 0.75))
			}
		}
		line = append(next, line[len(line)-1])
	}
	return line
}

// densify adds points so that none is farther than step from the next.
func densify(line []orb.Point, step float64) []orb.Point {
	out := []orb.Point{line[0]}
	for i := 1; i < len(line); i++ {
		n := int(distance(line[i-1], line[i])/step) + 1
		for k := 1; k <= n; k++ {
			out = append(out, between(line[i-1], line[i], float64(k)/float64(n)))
		}
	}
	return out
}

// straighten leaves out points that are nearer than tolerance to the line
// without them (Douglas–Peucker).
func straighten(line []orb.Point, tolerance float64) []orb.Point {
	if len(line) < 3 {
		return line
	}
	far, at := 0.0, 0
	for i := 1; i < len(line)-1; i++ {
		if d := toSegment(line[i], line[0], line[len(line)-1]); d > far {
			far, at = d, i
		}
	}
	if far <= tolerance {
		return []orb.Point{line[0], line[len(line)-1]}
	}
	head := straighten(line[:at+1], tolerance)
	return append(head[:len(head):len(head)], straighten(line[at:], tolerance)[1:]...)
}

// runs splits a line into the parts whose points all pass ok.
func runs(line []orb.Point, ok func(orb.Point) bool) (parts [][]orb.Point) {
	var part []orb.Point
	for _, p := range line {
		if ok(p) {
			part = append(part, p)
			continue
		}
		if len(part) > 1 {
			parts = append(parts, part)
		}
		part = nil
	}
	if len(part) > 1 {
		parts = append(parts, part)
	}
	return parts
}

func runsInside(f *frame, line []orb.Point) [][]orb.Point { return runs(line, f.inside) }
