package citymodel

import "onecity/cim"

// roadKinds brings OSM's highway values down to the kinds that maps draw,
// https://wiki.openstreetmap.org/wiki/Key:highway. The value itself is kept as
// an attribute.
var roadKinds = map[string]string{
	"motorway": "motorway", "motorway_link": "motorway",
	"trunk": "trunk", "trunk_link": "trunk",
	"primary": "primary", "primary_link": "primary",
	"secondary": "secondary", "secondary_link": "secondary",
	"tertiary": "tertiary", "tertiary_link": "tertiary",
	"residential": "residential", "unclassified": "residential", "living_street": "residential", "road": "residential", "busway": "residential",
	"service": "service",
	"track":   "track",
	"path":    "path", "footway": "path", "pedestrian": "path", "steps": "path", "cycleway": "path", "bridleway": "path",
}

func keysOf[V any](m map[string]V) []string {
	ks := make([]string, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	return ks
}

// OSMMapping reads OpenStreetMap's tags: buildings with height, roads by
// class, water with holes, place names, street furniture, and administrative
// boundaries by admin_level.
func OSMMapping() *Mapping {
	return &Mapping{
		Rules: []Rule{
			{Key: "boundary", Values: []string{"administrative"}, Shape: "area", Layer: cim.LayerRegions},
			{Key: "building", Shape: "area", Layer: cim.LayerBuildings, Kinds: map[string]string{"yes": ""}},
			{Key: "building:part", Shape: "area", Layer: cim.LayerBuildings, Class: "BuildingPart", Kinds: map[string]string{"yes": ""}},
			{Key: "highway", Values: keysOf(roadKinds), Shape: "line", Layer: cim.LayerRoads, Kinds: roadKinds},
			{Key: "natural", Values: []string{"water"}, Shape: "area", Layer: cim.LayerWater, KindFrom: "water", Kinds: map[string]string{"": "water"}},
			{Key: "waterway", Values: []string{"riverbank", "dock"}, Shape: "area", Layer: cim.LayerWater, Kinds: map[string]string{"riverbank": "river"}},
			{Key: "landuse", Values: []string{"reservoir", "basin"}, Shape: "area", Layer: cim.LayerWater},
			{Key: "waterway", Values: []string{"river", "stream", "canal", "ditch", "drain", "tidal_channel"}, Shape: "line", Layer: cim.LayerWater},
			{Key: "place", Values: []string{"city", "town", "village", "hamlet", "suburb", "quarter", "neighbourhood", "borough", "locality", "isolated_dwelling", "square", "island"}, Shape: "point", Layer: cim.LayerPlaces},
			{Key: "natural", Values: []string{"peak"}, Shape: "point", Layer: cim.LayerPlaces},
			{Key: "highway", Values: []string{"street_lamp", "bus_stop", "traffic_signals"}, Shape: "point", Layer: cim.LayerComponents},
			{Key: "emergency", Values: []string{"fire_hydrant"}, Shape: "point", Layer: cim.LayerComponents},
			{Key: "man_made", Values: []string{"manhole", "surveillance", "street_cabinet"}, Shape: "point", Layer: cim.LayerComponents},
			{Key: "amenity", Values: []string{"waste_basket", "recycling", "bench", "drinking_water", "post_box", "telephone"}, Shape: "point", Layer: cim.LayerComponents},
		},
		Name:       []string{"name"},
		NameEn:     []string{"name:en", "int_name"},
		Height:     []string{"height", "building:height"},
		Base:       []string{"min_height"},
		Levels:     []string{"building:levels"},
		MinLevel:   []string{"building:min_level"},
		Code:       []string{"ISO3166-2", "ISO3166-1:alpha2", "ISO3166-1"},
		AdminLevel: []string{"admin_level"},
		Keep: []string{
			"highway", "oneway", "lanes", "maxspeed", "access", "motor_vehicle", "bridge", "tunnel", "layer", "ref", "surface", "junction",
			"building:levels", "addr:street", "addr:housenumber", "name:zh", "intermittent", "population", "ele",
			"railway", "amenity", "operator",
		},
	}
}

// TableMapping reads tables of departments: GeoJSON properties, Shapefile and
// GeoPackage columns, by the names that are common in China (TD/T 1016 uses
// XZQDM and XZQMC) and abroad. What a table holds is said by its "layer" column,
// by OpenStreetMap's tags, or by the layer option of the import.
func TableMapping() *Mapping {
	m := OSMMapping()
	rules := make([]Rule, 0, 8)
	for _, l := range []cim.Layer{cim.LayerRegions, cim.LayerWater, cim.LayerRoads, cim.LayerBuildings, cim.LayerPlaces, cim.LayerComponents} {
		rules = append(rules, Rule{Key: "layer", Values: []string{l.String()}, Layer: l, KindFrom: "kind"})
	}
	m.Rules = append(rules, m.Rules...)
	m.ID = []string{"id", "ID", "osm_id", "BSM", "标识码", "编号"}
	m.Name = append(m.Name, "NAME", "Name", "名称", "MC", "XZQMC", "行政区名称")
	m.NameEn = append(m.NameEn, "nameEn", "name_en", "NAME_EN", "英文名")
	m.Height = append(m.Height, "HEIGHT", "Height", "高度", "建筑高度", "JZGD")
	m.Base = append(m.Base, "base", "BASE", "底高")
	m.Levels = append(m.Levels, "levels", "floors", "FLOORS", "FLOOR", "层数", "CS")
	m.Code = append(m.Code, "code", "CODE", "adcode", "XZQDM", "行政区代码", "区划代码")
	m.AdminLevel = append(m.AdminLevel, "level", "LEVEL")
	m.Keep = []string{"*"}
	return m
}

// forLayer is TableMapping for a file that holds one layer only.
func forLayer(l cim.Layer) *Mapping {
	m := TableMapping()
	m.Rules = append(m.Rules, Rule{Layer: l, KindFrom: "kind"})
	return m
}
