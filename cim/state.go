package cim

import (
	"time"

	"onecity/geo"

	"github.com/tidwall/btree"
)

// state is the whole city: what a Model writes and a Snapshot reads. All of it
// is either replaced whole or copied on write.
type state struct {
	seq uint64
	at  time.Time // newest At seen
	now int64     // the same in milliseconds since 1970

	profile Profile
	regions *geo.Regions
	formula Formula
	privacy Privacy
	// regionsSeq is the position of the newest tree of regions.
	regionsSeq uint64

	objects   *btree.Map[string, *Object]
	layers    [LayerCount]*layerIndex // of object layers; else nil
	grid      grid
	tallies   table[*tallyNode]
	tallyDir  *btree.Map[geo.Code, uint32]
	devices   table[*deviceNode]
	deviceIDs *btree.Map[string, uint32]
	deviceAt  pointIndex[uint32] // → rank
	units     table[*unitNode]
	unitIDs   *btree.Map[string, uint32]
	unitAt    pointIndex[uint32]
	incidents table[*incidentNode]
	caseIDs   *btree.Map[string, uint32]
	caseAt    pointIndex[uint32]
	buried    *btree.Map[string, burial] // incidents that have left
	ignored   reasons

	topGrade [LayerCount]Grade // no lower than any device's, unit's, incident's
}

// burial remembers an incident that left the model, so that an old record of
// it that comes late does not bring it back.
type burial struct {
	version uint32
	until   int64
}

func newState() state {
	s := state{
		now:       minMillis,
		regions:   new(geo.Regions),
		privacy:   DefaultPrivacy(),
		objects:   btree.NewMap[string, *Object](32),
		tallyDir:  btree.NewMap[geo.Code, uint32](32),
		deviceIDs: btree.NewMap[string, uint32](32),
		deviceAt:  newPointIndex[uint32](),
		unitIDs:   btree.NewMap[string, uint32](32),
		unitAt:    newPointIndex[uint32](),
		caseIDs:   btree.NewMap[string, uint32](32),
		caseAt:    newPointIndex[uint32](),
		buried:    btree.NewMap[string, burial](32),
	}
	for _, l := range objectLayers {
		s.layers[l] = newLayerIndex()
	}
	for r := range s.grid.dirs {
		s.grid.dirs[r] = btree.NewMap[geo.Cell, cellEntry](32)
	}
	return s
}

// objectLayers are the layers that objects stand in.
var objectLayers = []Layer{LayerWater, LayerRoads, LayerBuildings, LayerPlaces, LayerComponents}

// share is a copy for readers. An index that was not touched since the last
// one is the last one's.
func (s *state) share(last *Snapshot, touched *[LayerCount]bool) state {
	c := *s
	var objects, cells bool
	for _, l := range objectLayers {
		if last != nil && !touched[l] {
			c.layers[l] = last.layers[l]
			continue
		}
		objects = true
		c.layers[l] = s.layers[l].snapshot()
	}
	if c.objects = s.objects; last != nil && !objects {
		c.objects = last.objects
	} else {
		c.objects = s.objects.Copy()
	}
	if last != nil && !touched[LayerDevices] {
		c.deviceIDs, c.deviceAt = last.deviceIDs, last.deviceAt
	} else {
		c.deviceIDs, c.deviceAt = s.deviceIDs.Copy(), s.deviceAt.snapshot()
	}
	if last != nil && !touched[LayerUnits] {
		c.unitIDs, c.unitAt = last.unitIDs, last.unitAt
	} else {
		c.unitIDs, c.unitAt = s.unitIDs.Copy(), s.unitAt.snapshot()
	}
	if last != nil && !touched[LayerIncidents] {
		c.caseIDs, c.caseAt, c.buried = last.caseIDs, last.caseAt, last.buried
	} else {
		c.caseIDs, c.caseAt, c.buried = s.caseIDs.Copy(), s.caseAt.snapshot(), s.buried.Copy()
	}
	if cells = last == nil || touched[LayerCells]; cells {
		for r, d := range s.grid.dirs {
			c.grid.dirs[r] = d.Copy()
		}
	} else {
		c.grid.dirs = last.grid.dirs
	}
	if last != nil && !touched[LayerRegions] {
		c.tallyDir = last.tallyDir
	} else {
		c.tallyDir = s.tallyDir.Copy()
	}
	c.ignored = s.ignored.share()
	return c
}

// reasons counts by reason; few, so a small sorted slice, shared until changed.
type reasons struct {
	list   []reasonCount
	shared bool
}

type reasonCount struct {
	reason string
	n      uint64
}

func (r *reasons) share() reasons {
	r.shared = true
	return *r
}

func (r *reasons) add(reason string) {
	if r.shared {
		r.list = append([]reasonCount(nil), r.list...)
		r.shared = false
	}
	i := 0
	for i < len(r.list) && r.list[i].reason < reason {
		i++
	}
	if i == len(r.list) || r.list[i].reason != reason {
		r.list = append(r.list, reasonCount{})
		copy(r.list[i+1:], r.list[i:])
		r.list[i] = reasonCount{reason: reason}
	}
	r.list[i].n++
}
