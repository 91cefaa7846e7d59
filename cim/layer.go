package cim

// Layer is a kind of thing as readers see it: a map layer, and a set in a View.
type Layer uint8

// The layers, in drawing order from the ground up.
const (
	LayerRegions    Layer = iota // 行政区划
	LayerWater                   // 水系
	LayerRoads                   // 道路
	LayerBuildings               // 建筑
	LayerPlaces                  // 地名
	LayerComponents              // 部件 (GB/T 30428.2)
	LayerDevices                 // 感知设备
	LayerUnits                   // 力量
	LayerIncidents               // 案件
	LayerCells                   // 网格单元 H3
	LayerCount      int   = iota
)

var layerNames = [LayerCount]string{
	"regions", "water", "roads", "buildings", "places", "components",
	"devices", "units", "incidents", "cells",
}

// String is the layer's name in URLs, tiles and frames.
func (l Layer) String() string {
	if int(l) < LayerCount {
		return layerNames[l]
	}
	return "unknown"
}

// ParseLayer is the inverse of String.
func ParseLayer(name string) (Layer, bool) {
	for i, n := range layerNames {
		if n == name {
			return Layer(i), true
		}
	}
	return 0, false
}

// MarshalText and UnmarshalText put the name, not the number, into JSON.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText fails on a name that no layer has.
func (l *Layer) UnmarshalText(b []byte) error {
	v, ok := ParseLayer(string(b))
	if !ok {
		return &UnknownLayerError{Name: string(b)}
	}
	*l = v
	return nil
}

// UnknownLayerError says which name is not a layer's.
type UnknownLayerError struct{ Name string }

func (e *UnknownLayerError) Error() string { return "unknown layer " + e.Name }

// Layers is a set of layers.
type Layers uint16

// AllLayers holds every layer.
const AllLayers Layers = 1<<LayerCount - 1

// LayersOf makes a set.
func LayersOf(ls ...Layer) (set Layers) {
	for _, l := range ls {
		set |= 1 << l
	}
	return set
}

// Has reports whether l is in the set.
func (s Layers) Has(l Layer) bool { return s&(1<<l) != 0 }
