package ingest

import (
	"onecity/cim"
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
