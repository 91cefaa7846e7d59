package streets

import (
	"math"

	"github.com/paulmach/orb"
)

// plane makes metres of degrees around the middle of the network. Within a city
// it is right to less than a hundredth, which is enough to find what is
// nearest; lengths that are told come from the sphere.
type plane struct{ x, y float64 }

// metresPerDegree of latitude, on orb's sphere.
const metresPerDegree = orb.EarthRadius * math.Pi / 180

func planeOf(lines []orb.LineString) plane {
	bound := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, l := range lines {
		bound = bound.Union(l.Bound())
	}
	if len(lines) == 0 {
		bound = orb.Bound{}
	}
	return plane{metresPerDegree * math.Cos(bound.Center()[1]*math.Pi/180), metresPerDegree}
}

func (f plane) of(p orb.Point) [2]float64 { return [2]float64{p[0] * f.x, p[1] * f.y} }

// corners numbers the corners of all lines, those that are one the same.
func (n *Network) corners(lines []orb.LineString) (numbers [][]int32, count int) {
	type square [2]int64
	var at [][2]float64
	squares := map[square][]int32{}
	number := func(p orb.Point) int32 {
		q := n.flat.of(p)
		s := square{int64(math.Floor(q[0] / tolerance)), int64(math.Floor(q[1] / tolerance))}
		for dx := int64(-1); dx <= 1; dx++ {
			for dy := int64(-1); dy <= 1; dy++ {
				for _, c := range squares[square{s[0] + dx, s[1] + dy}] {
					if math.Hypot(at[c][0]-q[0], at[c][1]-q[1]) <= tolerance {
						return c
					}
				}
			}
		}
		c := int32(len(at))
		at = append(at, q)
		squares[s] = append(squares[s], c)
		return c
	}
	for _, line := range lines {
		ns := make([]int32, len(line))
		for i, p := range line {
			ns[i] = number(p)
		}
		numbers = append(numbers, ns)
	}
	return numbers, len(at)
}
