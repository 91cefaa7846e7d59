package made

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
)

// sampleEvery is the distance of samples of the land in metres.
const sampleEvery = 110

// land is the city's land as samples, shared out among the centres.
type land struct {
	samples []orb.Point
	centre  []int // of each sample
}

// survey lays a shaken grid of samples over the city.
func survey(f *frame, rng *rand.Rand) (samples []orb.Point) {
	row := sampleEvery * math.Sqrt(3) / 2
	for j, y := 0, f.bound.Min[1]; y < f.bound.Max[1]; j, y = j+1, y+row {
		for x := f.bound.Min[0] + float64(j%2)*sampleEvery/2; x < f.bound.Max[0]; x += sampleEvery {
			p := orb.Point{x + (rng.Float64()-0.5)*sampleEvery/2, y + (rng.Float64()-0.5)*sampleEvery/2}
			if f.inside(p) {
				samples = append(samples, p)
			}
		}
	}
	return samples
}

// share gives each centre the land that its Area asks for: a power diagram,
// whose weights are moved until the areas fit. Each step moves a weight by a
// part of the missing area, which has the weight's dimension (m²).
func share(f *frame, samples []orb.Point, centres []centre) land {
	l := land{samples: samples, centre: make([]int, len(samples))}
	total, each := 0.0, sampleEvery*sampleEvery*math.Sqrt(3)/2
	for _, c := range centres {
		total += c.Area
	}
	weight := make([]float64, len(centres))
	const rounds, some = 200, 7
	for range rounds {
		got := make([]float64, len(centres))
		for i := 0; i < len(samples); i += some {
			got[owner(samples[i], centres, weight)] += each * some
		}
		for k, c := range centres {
			want := c.Area / total * float64(len(samples)) * each
			weight[k] += 0.3 * (want - got[k])
		}
	}
	for i, s := range samples {
		l.centre[i] = owner(s, centres, weight)
	}
	return l
}

func owner(p orb.Point, centres []centre, weight []float64) (best int) {
	least := math.Inf(1)
	for k := range centres {
		if d := square(p, centres[k].flat) - weight[k]; d < least {
			best, least = k, d
		}
	}
	return best
}

// centre is a Centre of the plan on the flat map.
type centre struct {
	Centre
	town int
	flat orb.Point
}

func centresOf(f *frame, p *Plan) (all []centre) {
	for i, t := range p.Towns {
		for _, c := range t.Centres {
			all = append(all, centre{c, i, f.flat(c.At)})
		}
	}
	return all
}
