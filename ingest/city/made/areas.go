package made

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"onecity/geo"
	"onecity/ingest/city/mosaic"

	"github.com/paulmach/orb"
)

// gridsPerVillage 网格 are made in each village.
const gridsPerVillage = 4

// grid is one area of the finest level, before it has a shape.
type grid struct {
	village *seat
	at      orb.Point // metres
	number  int       // within the village, from 1
}

// seat is a village with a place on the flat map.
type seat struct {
	Village
	town int
	at   orb.Point
	far  float64 // from its centre, in radii of the built-up part
}

// settle puts every village of a centre into its land, the central ones where
// people live close together, and cuts each into grids.
func settle(rng *rand.Rand, c *centre, samples []orb.Point) (seats []*seat, grids []grid, err error) {
	if len(samples) < gridsPerVillage*len(c.Villages) {
		return nil, nil, fmt.Errorf("the land around %v has room for %d grids; its %d villages need more", c.At, len(samples), len(c.Villages))
	}
	lived := make([]sample, len(samples))
	for i, s := range samples {
		d := distance(s, c.flat) / c.Radius
		lived[i] = sample{s, 1 + 12*math.Exp(-d*d)}
	}
	group, middle := cluster(rng, lived, len(c.Villages), 15)
	order := make([]int, len(middle))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(square(middle[a], c.flat), square(middle[b], c.flat))
	})
	for n, k := range order {
		s := &seat{c.Villages[n], c.town, middle[k], distance(middle[k], c.flat) / c.Radius}
		seats = append(seats, s)
		var own []sample
		for i, g := range group {
			if g == k {
				own = append(own, sample{lived[i].at, 1})
			}
		}
		_, at := cluster(rng, own, gridsPerVillage, 8)
		for i, p := range at {
			grids = append(grids, grid{s, p, i + 1})
		}
	}
	return seats, grids, nil
}

// areas is the tree of regions; all below the city are made.
func areas(f *frame, p *Plan, grids []grid, seats []*seat) ([]geo.Region, error) {
	seeds := make([]orb.Point, len(grids))
	village := make(map[*seat]int, len(seats))
	for i, s := range seats {
		village[s] = i
	}
	for i, g := range grids {
		seeds[i] = f.lonLat(g.at)
	}
	m, err := mosaic.Cut(p.Border, seeds)
	if err != nil {
		return nil, fmt.Errorf("areas of %s: %w", p.Name, err)
	}
	list := []geo.Region{{
		Code: p.City, Name: p.Name, NameEn: p.NameEn, Level: geo.LevelCity,
		Geometry: orb.MultiPolygon{{p.Border}}, Centre: p.Towns[0].Centres[0].At,
	}}
	for i, area := range m.Merge(len(p.Towns), func(g int) int { return grids[g].village.town }) {
		t := p.Towns[i]
		list = append(list, geo.Region{
			Code: t.Code, Name: t.Name, NameEn: t.NameEn, Level: geo.LevelDistrict, Parent: p.City,
			Geometry: area, Centre: t.Centres[0].At, Made: true,
		})
	}
	for i, area := range m.Merge(len(seats), func(g int) int { return village[grids[g].village] }) {
		s := seats[i]
		list = append(list, geo.Region{
			Code: s.Code, Name: s.Name, Level: geo.LevelVillage, Parent: p.Towns[s.town].Code,
			Geometry: area, Centre: f.lonLat(s.at), Made: true,
		})
	}
	for i, area := range m.Merge(len(grids), func(g int) int { return g }) {
		g := grids[i]
		list = append(list, geo.Region{
			Code: g.village.Code + geo.Code(fmt.Sprintf("%03d", g.number)), Name: fmt.Sprintf("%s第%d网格", g.village.Name, g.number),
			Level: geo.LevelGrid, Parent: g.village.Code, Geometry: area, Centre: seeds[i], Made: true,
		})
	}
	slices.SortFunc(list, func(a, b geo.Region) int { return cmp.Compare(a.Code, b.Code) })
	return list, nil
}
