package cim

import (
	"time"

	"onecity/geo"
)

// Model is the city as its events have made it. It has one owner; it is not
// safe for concurrent use. Readers use a [Snapshot].
type Model struct {
	state
	// epoch counts snapshots: a node of an older epoch is shared with a
	// snapshot and copied before it is written.
	epoch uint64
	refs  []Ref
	bulk  bool // loading: nobody wants Changes

	// What only the owner needs: how to find slots, and when to look again.
	cellSlot, midSlot, topSlot         map[geo.Cell]uint32
	tallySlot                          map[geo.Code]uint32
	deviceSlot, unitSlot, incidentSlot map[string]uint32
	rowCell                            map[rowKey]geo.Cell
	objectSlots, deviceSlots           slots
	unitSlots, incidentSlots           slots
	streamsOf                          map[string]*streamList
	byPhase                            [phases][]uint32 // cells with series
	deviceQuiet, unitQuiet             timers           // when live may end
	incidentDue, incidentGone          timers
	published                          *Snapshot
	touched                            [LayerCount]bool // indexes changed since published
	words                              map[string]string
}

// liveFor is how long a device or unit counts as live after it was heard.
const liveFor = 15 * time.Minute

// NewModel is the empty city, before its first event.
func NewModel() *Model {
	m := &Model{
		state:        newState(),
		epoch:        1,
		cellSlot:     map[geo.Cell]uint32{},
		midSlot:      map[geo.Cell]uint32{},
		topSlot:      map[geo.Cell]uint32{},
		tallySlot:    map[geo.Code]uint32{},
		deviceSlot:   map[string]uint32{},
		unitSlot:     map[string]uint32{},
		incidentSlot: map[string]uint32{},
		rowCell:      map[rowKey]geo.Cell{},
		streamsOf:    map[string]*streamList{},
		words:        map[string]string{},
	}
	m.tally("")
	return m
}

// Changes is what one event changed.
type Changes struct {
	Seq uint64
	// Refs names what changed; a thing may be named more than once. It is
	// valid until the next Fold.
	Refs []Ref
}

// Ref names a thing that changed.
type Ref struct {
	Layer Layer
	ID    string   // "" on LayerCells; the code on LayerRegions
	Cell  geo.Cell // base-resolution cell: where it is; for LayerCells which it is
	Gone  bool
}

// Fold takes e in. An event at or before the model's position changes nothing.
// It never fails: what makes no sense (an unknown device, an older version)
// changes nothing and is counted in [Reader.Ignored].
func (m *Model) Fold(e Event) Changes {
	if e.Seq <= m.seq {
		return Changes{Seq: e.Seq}
	}
	m.seq = e.Seq
	m.refs = m.refs[:0]
	m.advance(e.At)
	m.take(e.Fact)
	return Changes{Seq: e.Seq, Refs: m.refs}
}

func (m *Model) take(f Fact) {
	switch f := f.(type) {
	case Tick:
	case RegionsPut:
		m.putRegions(f)
	case ObjectsPut:
		m.putObjects(f)
	case ObjectsRemoved:
		m.removeObjects(f)
	case DevicesPut:
		m.putDevices(f)
	case UnitsPut:
		m.putUnits(f)
	case Observations:
		m.observe(f)
	case Positions:
		m.move(f)
	case IncidentPut:
		m.putIncident(f.Incident)
	case Indicators:
		m.indicate(f)
	case FormulaPut:
		m.putFormula(f.Formula)
	case PrivacyPut:
		m.putPrivacy(f.Privacy)
	case Profile:
		m.putProfile(f)
	default:
		m.ignore("unknown-fact")
	}
}

// ignore counts a fact that changed nothing.
func (m *Model) ignore(reason string) { m.ignored.add(reason) }

// changed names a thing that changed, unless the model is loading.
func (m *Model) changed(l Layer, id string, c geo.Cell, gone bool) {
	if !m.bulk {
		m.refs = append(m.refs, Ref{Layer: l, ID: id, Cell: c, Gone: gone})
	}
}

// Snapshot is the city now, for any number of readers, for ever. Cost: O(1)
// here, and a copy of each touched node at the next change.
func (m *Model) Snapshot() *Snapshot {
	s := &Snapshot{state: m.state.share(m.published, &m.touched)}
	m.touched = [LayerCount]bool{}
	m.published = s
	m.epoch++
	return s
}
