package made

import (
	"math/rand/v2"

	"github.com/paulmach/orb"
)

// sample stands for the bit of land around it.
type sample struct {
	at     orb.Point
	weight float64
}

// cluster splits samples into k groups of about equal weight around their
// middles (Lloyd's algorithm), and tells the group of each and the sample
// nearest to each middle. k is lowered to the number of samples; every group
// has at least one.
func cluster(rng *rand.Rand, samples []sample, k, rounds int) (group []int, middle []orb.Point) {
	k = min(k, len(samples))
	group = make([]int, len(samples))
	middle = pick(rng, samples, k)
	for range rounds {
		assign(samples, middle, group)
		sums := make([]sample, k)
		for i, s := range samples {
			m := &sums[group[i]]
			m.at[0] += s.at[0] * s.weight
			m.at[1] += s.at[1] * s.weight
			m.weight += s.weight
		}
		for j, m := range sums {
			if m.weight > 0 {
				middle[j] = orb.Point{m.at[0] / m.weight, m.at[1] / m.weight}
			}
		}
	}
	// A middle is moved onto a sample, so that it lies in the city and its own
	// group keeps it.
	assign(samples, middle, group)
	taken := make(map[int]bool, k)
	for j := range middle {
		best := -1
		for i, s := range samples {
			if !taken[i] && (best < 0 || square(s.at, middle[j]) < square(samples[best].at, middle[j])) {
				best = i
			}
		}
		taken[best] = true
		middle[j] = samples[best].at
	}
	assign(samples, middle, group)
	return group, middle
}

// pick draws k different samples, heavier ones more often.
func pick(rng *rand.Rand, samples []sample, k int) []orb.Point {
	left := append([]sample(nil), samples...)
	total := 0.0
	for _, s := range left {
		total += s.weight
	}
	picked := make([]orb.Point, 0, k)
	for len(picked) < k {
		at := rng.Float64() * total
		i := 0
		for ; i < len(left)-1; i++ {
			if at -= left[i].weight; at < 0 {
				break
			}
		}
		picked = append(picked, left[i].at)
		total -= left[i].weight
		left[i] = left[len(left)-1]
		left = left[:len(left)-1]
	}
	return picked
}

func assign(samples []sample, middle []orb.Point, group []int) {
	for i, s := range samples {
		best, near := 0, square(s.at, middle[0])
		for j := 1; j < len(middle); j++ {
			if d := square(s.at, middle[j]); d < near {
				best, near = j, d
			}
		}
		group[i] = best
	}
}
