package made_test

import (
	"strings"
	"testing"

	"onecity/geo"
	"onecity/ingest/city/made"

	"github.com/paulmach/orb"
)

// hamlet is a small plan that can be made quickly.
func hamlet() *made.Plan {
	return &made.Plan{
		City: "9", Name: "小城", Seed: 1,
		Border: orb.Ring{{120, 31}, {120.08, 31}, {120.08, 31.08}, {120, 31.08}, {120, 31}},
		Towns: []made.Town{
			{Code: "91", Name: "东镇", Centres: []made.Centre{{At: orb.Point{120.06, 31.04}, Area: 1, Radius: 900, Villages: []made.Village{{"911", "甲村"}, {"912", "乙村"}}}}},
			{Code: "92", Name: "西镇", Centres: []made.Centre{{At: orb.Point{120.02, 31.04}, Area: 1, Radius: 700, Villages: []made.Village{{"921", "丙村"}}}}},
		},
	}
}

func TestAPlanWithoutWaterOrExitsIsACityToo(t *testing.T) {
	c, err := made.Make(hamlet())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Regions) != 1+2+3+12 {
		t.Errorf("%d regions", len(c.Regions))
	}
	if _, err := geo.NewRegions(c.Regions); err != nil {
		t.Error(err)
	}
	layers := map[string]int{}
	for _, o := range c.Objects {
		layers[o.Layer.String()]++
	}
	if layers["roads"] < 10 || layers["buildings"] < 50 || layers["places"] != 1+2+3 {
		t.Errorf("objects: %v", layers)
	}
}

func TestAPlanThatContradictsItselfIsRefusedWithTheReason(t *testing.T) {
	for want, change := range map[string]func(*made.Plan){
		"no town centre": func(p *made.Plan) { p.Towns = nil },
		"border":         func(p *made.Plan) { p.Border = p.Border[:3] },
		"need more": func(p *made.Plan) {
			c := &p.Towns[0].Centres[0]
			c.Villages = make([]made.Village, 5000)
		},
	} {
		p := hamlet()
		change(p)
		if _, err := made.Make(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
