package made

import (
	"fmt"
	"math/rand/v2"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// City is what Make made.
type City struct {
	Regions []geo.Region // by code
	Objects []cim.Object // by layer, then by number; ids are stable for a Plan
}

// Make makes the city. It takes about two seconds for a city of 1,000 km² with
// 400 villages. It fails when the plan contradicts itself: a border that is no
// ring, more villages than there is room for.
func Make(p *Plan) (*City, error) {
	if len(p.Towns) == 0 || len(p.Towns[0].Centres) == 0 {
		return nil, fmt.Errorf("make %s: the plan has no town centre", p.Name)
	}
	f, err := newFrame(p.Border)
	if err != nil {
		return nil, fmt.Errorf("make %s: border: %w", p.Name, err)
	}
	w, err := makeWater(f, p)
	if err != nil {
		return nil, fmt.Errorf("make %s: water: %w", p.Name, err)
	}
	centres := centresOf(f, p)
	seats, grids, err := settleAll(f, p, centres)
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", p.Name, err)
	}
	c := &City{}
	if c.Regions, err = areas(f, p, grids, seats); err != nil {
		return nil, err
	}
	c.furnish(f, p, w, centres, seats)
	return c, nil
}

func settleAll(f *frame, p *Plan, centres []centre) (seats []*seat, grids []grid, err error) {
	rng := rand.New(rand.NewPCG(p.Seed, 'l'))
	l := share(f, survey(f, rng), centres)
	for k := range centres {
		var own []orb.Point
		for i, s := range l.samples {
			if l.centre[i] == k {
				own = append(own, s)
			}
		}
		ss, gs, err := settle(rng, &centres[k], own)
		if err != nil {
			return nil, nil, err
		}
		seats, grids = append(seats, ss...), append(grids, gs...)
	}
	return seats, grids, nil
}

// furnish puts everything that stands in the city into it.
func (c *City) furnish(f *frame, p *Plan, w *water, centres []centre, seats []*seat) {
	rng := rand.New(rand.NewPCG(p.Seed, 's'))
	qs := makeQuarters(f, w, rng, centres)
	roads := motorways(f, p)
	if p.Ring > 0 {
		roads = append(roads, ringRoad(f, w, centres[0].flat, p.Ring)...)
	}
	roads = append(roads, mainRoads(newLattice(f, w, rand.New(rand.NewPCG(p.Seed, 'r'))), p, centres, seats)...)
	main := len(roads)
	for _, q := range qs {
		roads = append(roads, q.streets(w, rng)...)
	}
	b := newBuilder(f, w, rand.New(rand.NewPCG(p.Seed, 'b')), roads[:main])
	for _, q := range qs {
		b.quarter(q)
	}
	for _, s := range seats {
		if !built(qs, s.at) {
			b.hamlet(s.at)
		}
	}
	roads = knot(f, roads)
	w.list = append(w.list, canals(f, w, rng, func(at orb.Point) bool { return built(qs, at) }, 150)...)

	names := newNamer(p.Seed)
	o := &objects{city: p.City, f: f}
	for _, s := range w.list {
		o.water(s)
	}
	for _, s := range roads {
		o.road(s, names)
	}
	for _, h := range b.list {
		o.building(h, names)
	}
	o.places(p, seats)
	o.components(roads)
	c.Objects = o.list
}
