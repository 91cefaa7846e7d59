package ingest

import (
	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

type propertyInfo struct {
	Name, NameEn, Unit string
	Low, High          float64
}

func (propertyInfo) Convert(v float64, unit string) (float64, bool) { return v, false }

func propertyOf(p cim.Property) (propertyInfo, bool) {
	return propertyInfo{string(p), string(p), "1", -1e9, 1e9}, p != ""
}
func classOf(c string) (struct{}, bool) { return struct{}{}, c != "" }
func toGCJ02(p orb.Point) orb.Point     { return p }
func fromGCJ02(p orb.Point) orb.Point   { return p }

var _ geo.Code
