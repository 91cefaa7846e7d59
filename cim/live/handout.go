package live

import (
	"time"

	"onecity/cim"
)

// minute hands out the finished minute when e begins a new one.
func (c *City) minute(e cim.Event) {
	if !e.At.After(c.clock) {
		return
	}
	began := !c.clock.IsZero() && e.At.Truncate(time.Minute).After(c.clock)
	c.clock = e.At
	if began && c.opt.OnMinute != nil {
		c.put = 0
		c.opt.OnMinute(c.model.Snapshot())
	}
}

// bulkSize is how many standing things make a bulk: they take about a second to
// fold again.
const bulkSize = 50_000

// bulk hands out the city when f completes a bulk.
func (c *City) bulk(f cim.Fact) {
	c.put += standing(f)
	if c.put >= bulkSize && c.opt.OnBulk != nil {
		c.put = 0
		c.opt.OnBulk(c.model.Snapshot())
	}
}

// standing is how many standing things f puts or removes.
func standing(f cim.Fact) int {
	switch f := f.(type) {
	case cim.ObjectsPut:
		return len(f.Objects)
	case cim.ObjectsRemoved:
		return len(f.IDs)
	case cim.DevicesPut:
		return len(f.Devices)
	case cim.UnitsPut:
		return len(f.Units)
	case cim.RegionsPut:
		return len(f.Regions)
	}
	return 0
}
