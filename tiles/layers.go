package tiles

import (
	"onecity/cim"
	"onecity/geo"
)

// Spec says how one layer appears on the map.
type Spec struct {
	// MinZoom is the first zoom with features; below it the layer is absent.
	MinZoom uint8
	// Buffer is how far, in tile units, geometry reaches over the tile's edge
	// so that line joins and circles are whole.
	Buffer int32
	// Budget is the most features of one tile from each zoom on; the most
	// important come first, points are thinned evenly. The last step that is
	// not above the zoom holds. 0 means all.
	Budget []Step
	// MinArea drops rings below so many square tile units (64 are one pixel
	// of a 512 pixel tile).
	MinArea []Step
	// Tolerance is how far, in tile units, a simplified line may be from the
	// true one.
	Tolerance []Step
	// Geometry and Fields go into the TileJSON's vector_layers.
	Geometry string
	Fields   []Field
}

// Step is a value from a zoom on.
type Step struct {
	Zoom  uint8
	Value int
}

// Field is one property of a layer's features.
type Field struct {
	Key  string
	Type string // "String", "Number" or "Boolean", as TileJSON spells them
	What string
}

func stepAt(steps []Step, zoom uint8) (v int) {
	for _, s := range steps {
		if s.Zoom > zoom {
			break
		}
		v = s.Value
	}
	return v
}

// Half a pixel while zoomed out, less as streets and houses become shapes;
// nothing at the deepest zooms, which maps magnify.
var lineTolerance = []Step{{0, 4}, {13, 3}, {15, 2}, {16, 0}}

var tinyRings = []Step{{0, 64}, {14, 32}, {16, 4}, {17, 1}}

// Layers is the table: what is on the map, from where to where, how much of it.
var Layers = [cim.LayerCount]Spec{
	cim.LayerRegions: {
		MinZoom: 0, Buffer: 64, MinArea: tinyRings, Tolerance: lineTolerance, Geometry: "polygon",
		Fields: []Field{
			{"code", "String", "区划代码, GB/T 2260 and GB/T 10114"},
			{"name", "String", "名称"}, {"nameEn", "String", "English name"},
			{"level", "Number", "1 city 市, 2 district 区镇, 3 village 村社区, 4 grid 网格"},
			{"made", "Boolean", "true where the boundary was made by the program 示意边界"},
		},
	},
	cim.LayerWater: {
		MinZoom: 5, Buffer: 64, MinArea: tinyRings, Tolerance: lineTolerance, Geometry: "polygon",
		Budget: []Step{{0, 500}, {11, 2000}, {13, 6000}},
		Fields: objectFields,
	},
	cim.LayerRoads: {
		MinZoom: 6, Buffer: 64, Tolerance: lineTolerance, Geometry: "line",
		Budget: []Step{{0, 800}, {10, 2500}, {12, 5000}, {14, 12000}},
		Fields: objectFields,
	},
	cim.LayerBuildings: {
		MinZoom: 13, Buffer: 64, MinArea: tinyRings, Tolerance: []Step{{0, 8}, {14, 4}, {15, 2}, {16, 0}}, Geometry: "polygon",
		Budget: []Step{{0, 2500}, {14, 8000}, {15, 16000}},
		Fields: append([]Field{
			{"height", "Number", "metres above ground of the roof"},
			{"base", "Number", "metres above ground of the floor"},
		}, objectFields...),
	},
	cim.LayerPlaces: {
		MinZoom: 4, Buffer: 64, Tolerance: lineTolerance, MinArea: tinyRings, Geometry: "point",
		Budget: []Step{{0, 60}, {10, 200}, {13, 600}, {15, 2000}},
		Fields: objectFields,
	},
	cim.LayerComponents: {
		MinZoom: 10, Buffer: 0, Tolerance: lineTolerance, Geometry: "point",
		Budget: []Step{{0, 4000}, {12, 6000}, {14, 12000}, {16, 20000}},
		Fields: objectFields,
	},
	cim.LayerDevices: {
		MinZoom: 8, Buffer: 64, Geometry: "point",
		Budget: []Step{{0, 4000}, {12, 8000}, {14, 16000}},
		Fields: []Field{
			{"id", "String", "device 设备"}, {"name", "String", "名称"}, {"kind", "String", "kind 种类"},
			{"property", "String", "main observed property"}, {"value", "Number", "its newest value"},
			{"alarm", "Boolean", "a value is outside its limits"}, {"simulated", "Boolean", "模拟数据"},
		},
	},
	cim.LayerUnits: {
		MinZoom: 8, Buffer: 64, Geometry: "point",
		Budget: []Step{{0, 4000}, {14, 16000}},
		Fields: []Field{
			{"id", "String", "unit 力量"}, {"name", "String", "名称"}, {"kind", "String", "kind 种类"},
			{"status", "String", "idle, moving, handling, off"}, {"heading", "Number", "degrees clockwise from north"},
			{"simulated", "Boolean", "模拟数据"},
		},
	},
	cim.LayerIncidents: {
		MinZoom: 6, Buffer: 64, Geometry: "point",
		Budget: []Step{{0, 4000}, {14, 16000}},
		Fields: []Field{
			{"id", "String", "incident 案件"}, {"class", "String", "service code"}, {"title", "String", "标题"},
			{"severity", "Number", "1 特别重大 … 4 一般"}, {"status", "String", "reported … closed"},
			{"late", "Boolean", "past its due time 超时"}, {"simulated", "Boolean", "模拟数据"},
		},
	},
	cim.LayerCells: {
		MinZoom: 7, Buffer: 64, Geometry: "polygon",
		Fields: []Field{
			{"cell", "String", "H3 index"}, {"index", "Number", "composite index 综合指数, 0 good … 100 bad"},
			{"open", "Number", "open incidents"}, {"late", "Number", "those past due"},
			{"units", "Number", "units present"}, {"devices", "Number", "devices standing"}, {"alarms", "Number", "alarms now"},
		},
	},
}

var objectFields = []Field{
	{"id", "String", "object, from zoom 14 on"}, {"class", "String", "CityJSON 2.0 type"}, {"kind", "String", "finer sort"},
	{"name", "String", "名称"}, {"nameEn", "String", "English name"}, {"made", "Boolean", "made by the program"},
}

// idZoom is where features of base layers begin to carry the object's ID: no
// one can click on a single house further out.
const idZoom = 14

// cellResolution is the H3 resolution of the cells of a tile: hexagons about
// as wide as a fingertip.
func cellResolution(zoom uint8) int {
	return stepAt([]Step{{0, 5}, {9, 6}, {10, 7}, {11, 8}, {13, 9}}, zoom)
}

// regionZoom is the first zoom that shows regions of a level.
var regionZoom = map[geo.Level]uint8{
	geo.LevelCity: 0, geo.LevelDistrict: 7, geo.LevelVillage: 11, geo.LevelGrid: 13,
}

// key is a property name of the schema.
type key uint8

const (
	keyID key = iota
	keyClass
	keyKind
	keyName
	keyNameEn
	keyMade
	keyHeight
	keyBase
	keyCode
	keyLevel
	keyProperty
	keyValue
	keyAlarm
	keySimulated
	keyStatus
	keyHeading
	keySeverity
	keyTitle
	keyLate
	keyCell
	keyIndex
	keyOpen
	keyUnits
	keyDevices
	keyAlarms
	keyCount int = iota
)

var keyNames = [keyCount]string{
	"id", "class", "kind", "name", "nameEn", "made", "height", "base", "code", "level",
	"property", "value", "alarm", "simulated", "status", "heading", "severity", "title", "late",
	"cell", "index", "open", "units", "devices", "alarms",
}

func (k key) String() string { return keyNames[k] }
