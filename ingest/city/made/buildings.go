package made

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// house is one building: a quadrangle in metres.
type house struct {
	kind   string
	floors int
	each   float64 // metres a floor
	corner [4]orb.Point
}

// setback is how far houses keep from the middle of a street, in metres.
const setback = 16

// builder places houses where they hit neither water nor a road.
type builder struct {
	f     *frame
	w     *water
	rng   *rand.Rand
	roads rtree.RTreeG[[2]orb.Point]
	list  []house
}

func newBuilder(f *frame, w *water, rng *rand.Rand, roads []street) *builder {
	b := &builder{f: f, w: w, rng: rng}
	for _, s := range roads {
		for i := range len(s.line) - 1 {
			p, q := s.line[i], s.line[i+1]
			b.roads.Insert(
				orb.Point{min(p[0], q[0]) - setback, min(p[1], q[1]) - setback},
				orb.Point{max(p[0], q[0]) + setback, max(p[1], q[1]) + setback},
				[2]orb.Point{p, q})
		}
	}
	return b
}

// quarter fills the blocks of q with houses: towers in the middle, rows of
// flats around it, sheds and small houses at the edge.
func (b *builder) quarter(q *quarter) {
	for x := -q.reach; x < q.reach; x++ {
		for y := -q.reach; y < q.reach; y++ {
			if !q.has(x, y) || !q.has(x+1, y) || !q.has(x, y+1) || !q.has(x+1, y+1) {
				continue
			}
			bl := block{q.at(x, y), q.at(x+1, y), q.at(x+1, y+1), q.at(x, y+1)}
			middle := bl.at(0.5, 0.5)
			far := distance(middle, q.flat) / q.Radius
			switch r := b.rng.Float64(); {
			case r < 0.3: // a park or a square
			case far < 0.22+0.1*b.rng.Float64():
				b.towers(bl, q.Radius)
			case far > 0.62 && r < 0.5:
				b.sheds(bl)
			case far > 0.8 && r < 0.7:
				b.rows(bl, 3, 3, "residential", 2, 3)
			case r > 0.93:
				b.rows(bl, 1, 2, "public", 4, 6)
			default:
				high := 6 + int(12*(1-far)*b.rng.Float64()*q.Radius/3000)
				b.rows(bl, 2+b.rng.IntN(2), 3, "residential", high, high+3)
			}
		}
	}
}

// block is a quadrangle between four streets.
type block [4]orb.Point

// at is the place at fractions u, v of its width and depth.
func (bl block) at(u, v float64) orb.Point {
	return between(between(bl[0], bl[1], u), between(bl[3], bl[2], u), v)
}

// margins are the setback as fractions of the width and the depth.
func (bl block) margins() (u, v float64) {
	return setback / distance(bl[0], bl[1]), setback / distance(bl[0], bl[3])
}

// lot is the house that fills fractions u0–u1, v0–v1 of the block.
func (b *builder) lot(bl block, u0, v0, u1, v1 float64, kind string, floors int, each float64) {
	h := house{kind: kind, floors: floors, each: each, corner: [4]orb.Point{bl.at(u0, v0), bl.at(u1, v0), bl.at(u1, v1), bl.at(u0, v1)}}
	b.put(h)
}

// put builds h unless it would stand in water, outside, or on a road.
func (b *builder) put(h house) {
	c := h.corner
	if b.w.wetBetween(c[0], c[2]) || b.w.wetBetween(c[1], c[3]) {
		return
	}
	for _, p := range c {
		if !b.f.inside(p) {
			return
		}
	}
	hit := false
	bound := orb.MultiPoint(c[:]).Bound()
	b.roads.Search(bound.Min, bound.Max, func(_, _ [2]float64, s [2]orb.Point) bool {
		for i, p := range c {
			_, _, across := cross(p, c[(i+1)%4], s[0], s[1])
			hit = hit || across || toSegment(p, s[0], s[1]) < setback/2
		}
		return !hit
	})
	if !hit {
		b.list = append(b.list, h)
	}
}

// towers stand two by two; the larger the town, the higher.
func (b *builder) towers(bl block, radius float64) {
	mu, mv := bl.margins()
	for i := range 2 {
		for j := range 2 {
			u, v := mu+float64(i)*(1-2*mu)/2, mv+float64(j)*(1-2*mv)/2
			du, dv := (1-2*mu)/2, (1-2*mv)/2
			s := 0.42 + 0.3*b.rng.Float64()
			high := int(math.Max(5, radius/4600*(12+38*math.Pow(b.rng.Float64(), 2))))
			kind := "commercial"
			if b.rng.Float64() < 0.3 {
				kind = "residential"
			}
			b.lot(bl, u+du*(1-s)/2, v+dv*(1-s)/2, u+du*(1+s)/2, v+dv*(1+s)/2, kind, high, 3.6)
		}
	}
}

// rows of houses, long sides to the south.
func (b *builder) rows(bl block, across, deep int, kind string, low, high int) {
	mu, mv := bl.margins()
	for i := range across {
		for j := range deep {
			u, v := mu+float64(i)*(1-2*mu)/float64(across), mv+float64(j)*(1-2*mv)/float64(deep)
			du, dv := (1-2*mu)/float64(across), (1-2*mv)/float64(deep)
			floors := low
			if high > low {
				floors += b.rng.IntN(high - low + 1)
			}
			b.lot(bl, u+0.1*du, v+0.3*dv, u+0.9*du, v+0.7*dv, kind, floors, 3)
		}
	}
}

// sheds are works halls.
func (b *builder) sheds(bl block) {
	mu, mv := bl.margins()
	n := 1 + b.rng.IntN(2)
	for i := range n {
		u, du := mu+float64(i)*(1-2*mu)/float64(n), (1-2*mu)/float64(n)
		b.lot(bl, u+0.08*du, mv+0.12, u+0.92*du, 1-mv-0.12, "industrial", 1+b.rng.IntN(2), 7)
	}
}

// hamlet is a handful of small houses around a village's seat.
func (b *builder) hamlet(at orb.Point) {
	n := 5 + b.rng.IntN(5)
	turn := b.rng.Float64()
	for i := range n {
		a := turn + 2*math.Pi*float64(i)/float64(n)
		d := 50 + 70*b.rng.Float64()
		c := orb.Point{at[0] + d*math.Cos(a), at[1] + d*math.Sin(a)}
		w, h := 5+3*b.rng.Float64(), 4+2*b.rng.Float64()
		b.put(house{kind: "residential", floors: 2 + b.rng.IntN(2), each: 3.2, corner: [4]orb.Point{
			{c[0] - w, c[1] - h}, {c[0] + w, c[1] - h}, {c[0] + w, c[1] + h}, {c[0] - w, c[1] + h},
		}})
	}
}
