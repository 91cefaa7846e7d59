package hub

import (
	"testing"

	"onecity/cim"
	"onecity/geo"
)

func TestANoticeReachesWhoSeesThePlaceAndNobodyElse(t *testing.T) {
	for _, c := range []struct {
		name    string
		scope   cim.Scope
		regions []geo.Code
		want    bool
	}{
		{"the whole city", cim.Whole(), []geo.Code{"320583100"}, true},
		{"inside the district it is for", cim.Scope{Region: "320583100001", Layers: cim.AllLayers}, []geo.Code{"320583100"}, true},
		{"around it", cim.Scope{Region: "320583", Layers: cim.AllLayers}, []geo.Code{"320583100"}, true},
		{"next to it", cim.Scope{Region: "320583101", Layers: cim.AllLayers}, []geo.Code{"320583100"}, false},
		{"one of two", cim.Scope{Region: "320583101", Layers: cim.AllLayers}, []geo.Code{"320583100", "320583101"}, true},
		{"who sees nothing", cim.Scope{}, []geo.Code{"320583100"}, false},
		{"without a place", cim.Scope{Region: "320583101", Layers: cim.AllLayers}, nil, true},
	} {
		if got := meets(c.scope, c.regions); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
