package made

import (
	"fmt"
	"strconv"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// objects turns what was made into objects of the city model, numbered by layer.
type objects struct {
	city   geo.Code
	f      *frame
	list   []cim.Object
	number [cim.LayerCount]int
}

func (o *objects) add(ob cim.Object) {
	o.number[ob.Layer]++
	ob.ID = fmt.Sprintf("%s-%s-%05d", o.city, ob.Layer, o.number[ob.Layer])
	ob.Source, ob.Made = Source, true
	o.list = append(o.list, ob)
}

func (o *objects) water(s sheet) {
	ob := cim.Object{Layer: cim.LayerWater, Class: "WaterBody", Kind: s.kind, Name: s.name, NameEn: s.nameEn}
	if len(s.area) > 0 {
		ob.Geometry = s.area
	} else {
		ob.Geometry = s.line
	}
	o.add(ob)
}

func (o *objects) road(s street, names *namer) {
	if s.name == "" {
		s.name = names.street(s.kind)
	}
	o.add(cim.Object{Layer: cim.LayerRoads, Class: "Road", Kind: string(s.kind), Name: s.name, Geometry: orb.LineString(s.line)})
}

func (o *objects) building(h house, names *namer) {
	ring := orb.Ring(o.f.lonLats(h.corner[:]))
	ring = append(ring, ring[0])
	name := ""
	if h.floors >= 25 || h.kind == "public" && h.floors >= 5 {
		name = names.house(h.kind)
	}
	o.add(cim.Object{
		Layer: cim.LayerBuildings, Class: "Building", Kind: h.kind, Name: name,
		Geometry: orb.Polygon{ring}, Height: float32(float64(h.floors) * h.each),
		Attributes: map[string]string{"floors": strconv.Itoa(h.floors)},
	})
}

// places are the names on the map: city, towns and villages.
func (o *objects) places(p *Plan, seats []*seat) {
	place := func(kind, name, nameEn string, at orb.Point) {
		o.add(cim.Object{Layer: cim.LayerPlaces, Class: "+Place", Kind: kind, Name: name, NameEn: nameEn, Geometry: at})
	}
	place("city", p.Name, p.NameEn, p.Towns[0].Centres[0].At)
	for _, t := range p.Towns {
		for _, c := range t.Centres {
			if c.Name == "" {
				c.Name, c.NameEn = t.Name, t.NameEn
			}
			place("town", c.Name, c.NameEn, c.At)
		}
	}
	for _, s := range seats {
		kind := "village"
		if s.far < 1 {
			kind = "neighbourhood"
		}
		place(kind, s.Name, "", o.f.lonLat(s.at))
	}
}

// componentEvery is the distance in metres between street components 部件.
const componentEvery = 180

// components stand along the wider streets, in turn.
func (o *objects) components(roads []street) {
	kinds := []struct{ kind, name string }{
		{"street_lamp", "路灯"}, {"manhole", "雨水井盖"}, {"street_lamp", "路灯"}, {"fire_hydrant", "消火栓"},
		{"street_lamp", "路灯"}, {"manhole", "污水井盖"}, {"waste_basket", "垃圾箱"},
	}
	n := 0
	for _, s := range roads {
		if s.kind == residential || s.kind == tertiary {
			continue
		}
		line := densify(o.f.flats(s.line), componentEvery)
		for i := range len(line) - 1 {
			a, b := line[i], line[i+1]
			d, m := distance(a, b), between(a, b, 0.5)
			// Beside the road, 9 m off its middle.
			at := orb.Point{m[0] - (b[1]-a[1])/d*9, m[1] + (b[0]-a[0])/d*9}
			if d < componentEvery/3 || !o.f.inside(at) {
				continue
			}
			k := kinds[n%len(kinds)]
			n++
			o.add(cim.Object{Layer: cim.LayerComponents, Class: "CityFurniture", Kind: k.kind, Name: s.name + k.name, Geometry: o.f.lonLat(at)})
		}
	}
}
