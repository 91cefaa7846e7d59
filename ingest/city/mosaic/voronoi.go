package mosaic

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// A cell is clipped from a box by the bisectors to other seeds. Its sides are
// labelled with what made them: a seed's number, or one of the box's sides.
const boxSide = -4 // labels -4 … -1

type corner struct {
	at orb.Point
	// side is the label of the side that starts here, counter-clockwise.
	side int
}

// bisector is one side of one cell: the border between seeds i < j.
type bisector struct {
	i, j int
	a, b vertex
}

// vertex is where three sides meet; the sorted labels name it, whichever of
// the three cells it is computed for.
type vertex struct {
	label [3]int
	at    orb.Point
}

// bisectors finds the borders between the cells of seeds (plane coordinates),
// each once, within a box far outside of bound.
func bisectors(seeds []orb.Point, bound orb.Bound) []bisector {
	at := make(map[[3]int]orb.Point)
	var all []bisector
	order := make([]int, len(seeds))
	for i := range seeds {
		cell := clipCell(seeds, i, box(bound), order)
		for k, c := range cell {
			j := c.side
			if j <= i { // the box, or a border that cell j has told of
				continue
			}
			before, after := cell[(k+len(cell)-1)%len(cell)].side, cell[(k+1)%len(cell)].side
			all = append(all, bisector{
				i: i, j: j,
				a: meeting(at, i, j, before, c.at),
				b: meeting(at, i, j, after, cell[(k+1)%len(cell)].at),
			})
		}
	}
	return all
}

// meeting is the vertex of three labels; the first who computes its place
// decides it for all.
func meeting(at map[[3]int]orb.Point, i, j, k int, p orb.Point) vertex {
	label := [3]int{i, j, k}
	slices.Sort(label[:])
	if known, ok := at[label]; ok {
		return vertex{label, known}
	}
	at[label] = p
	return vertex{label, p}
}

func box(b orb.Bound) []corner {
	w, h := 10*(b.Max[0]-b.Min[0]), 10*(b.Max[1]-b.Min[1])
	lo := orb.Point{b.Min[0] - w, b.Min[1] - h}
	hi := orb.Point{b.Max[0] + w, b.Max[1] + h}
	return []corner{
		{lo, boxSide}, {orb.Point{hi[0], lo[1]}, boxSide + 1},
		{hi, boxSide + 2}, {orb.Point{lo[0], hi[1]}, boxSide + 3},
	}
}

// clipCell cuts the cell of seed i out of cell, nearest seeds first; it ends
// where the next seed is too far away to cut anything.
func clipCell(seeds []orb.Point, i int, cell []corner, order []int) []corner {
	s := seeds[i]
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(square(s, seeds[a]), square(s, seeds[b])), a-b)
	})
	for _, j := range order {
		d := square(s, seeds[j])
		if j == i || d == 0 {
			continue
		}
		if d > 4*reach(s, cell) {
			break
		}
		cell = clip(cell, s, seeds[j], j)
	}
	return cell
}

// reach is the square of the distance to the farthest corner.
func reach(s orb.Point, cell []corner) (far float64) {
	for _, c := range cell {
		far = max(far, square(s, c.at))
	}
	return far
}

// clip keeps what is nearer to s than to o; the new side is labelled.
func clip(cell []corner, s, o orb.Point, label int) []corner {
	mid := orb.Point{(s[0] + o[0]) / 2, (s[1] + o[1]) / 2}
	beyond := func(p orb.Point) float64 { return (p[0]-mid[0])*(o[0]-s[0]) + (p[1]-mid[1])*(o[1]-s[1]) }
	var kept []corner
	for k, c := range cell {
		next := cell[(k+1)%len(cell)]
		d, e := beyond(c.at), beyond(next.at)
		if d <= 0 {
			kept = append(kept, c)
		}
		if (d <= 0) != (e <= 0) {
			f := d / (d - e)
			p := orb.Point{c.at[0] + f*(next.at[0]-c.at[0]), c.at[1] + f*(next.at[1]-c.at[1])}
			if d <= 0 {
				kept = append(kept, corner{p, label}) // going out: the new side starts
			} else {
				kept = append(kept, corner{p, c.side})
			}
		}
	}
	return kept
}

func square(a, b orb.Point) float64 {
	dx, dy := a[0]-b[0], a[1]-b[1]
	return dx*dx + dy*dy
}

// left is twice the signed area of a, b, c: positive when c is to the left.
func left(a, b, c orb.Point) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

// cross finds where segments a–b and c–d cross properly, as fractions of each.
func cross(a, b, c, d orb.Point) (t, u float64, ok bool) {
	l1, l2 := left(c, d, a), left(c, d, b)
	m1, m2 := left(a, b, c), left(a, b, d)
	if l1*l2 >= 0 || m1*m2 >= 0 || math.IsNaN(l1+l2+m1+m2) {
		return 0, 0, false
	}
	return l1 / (l1 - l2), m1 / (m1 - m2), true
}
