package cim

import (
	"slices"
	"strings"

	"onecity/geo"

	"github.com/paulmach/orb"
)

// deviceNode is a device in the table. Nodes are written in place in their own
// epoch and copied in a later one.
type deviceNode struct {
	DeviceState
	epoch uint64
	cell  uint32 // slot
	tally uint32 // slot of the region's
	// streams is Device.Datastreams, with what the register says of them.
	streams *streamList
	at      geo.WorldPoint
	live    bool // counted as live
	level   uint8
	rank    uint32
	alarm   int32 // streams in alarm
}

// recent is how many times before the newest a datastream remembers, to tell a
// duplicate from a late observation.
const recent = 7

func (m *Model) putDevices(f DevicesPut) {
	for i := range f.Devices {
		m.putDevice(f.Devices[i])
	}
}

func (m *Model) putDevice(d Device) {
	p := orb.Point{d.Lon, d.Lat}
	switch {
	case d.ID == "":
		m.ignore("device-without-id")
		return
	case !onGlobe(p):
		m.ignore("device-off-globe")
		return
	}
	streams := m.streams(d.Datastreams)
	d.Datastreams = streams.list
	d.Region = m.regionAt(p)
	slot, known := m.deviceSlot[d.ID]
	var old *deviceNode
	if known {
		old = m.devices.at(slot)
		if sameDevice(old.Device, &d) {
			return
		}
		m.countDevice(old, -1)
	} else {
		slot = m.deviceSlots.take()
		m.deviceSlot[d.ID] = slot
	}
	d.Kind, d.Region = m.word(d.Kind), geo.Code(m.word(string(d.Region)))
	cell, cellSlot := m.cellAt(p)
	n := &deviceNode{
		DeviceState: DeviceState{Device: &d, Cell: cell, Seq: m.seq, Streams: make([]StreamState, len(d.Datastreams))},
		epoch:       m.epoch, cell: cellSlot, at: geo.Project(p), streams: streams,
	}
	n.tally = m.tally(d.Region)
	level, rank := levelByHash(hashOf(d.ID))
	n.level, n.rank = uint8(level), rank
	m.topGrade[LayerDevices] = max(m.topGrade[LayerDevices], d.Grade)
	if old != nil {
		n.keep(&old.DeviceState)
		n.live = old.live && !n.Seen.IsZero()
	}
	if old == nil || old.at != n.at {
		m.touched[LayerDevices] = true
		if old != nil {
			m.deviceAt.remove(int(n.level), old.at, slot)
		} else {
			m.deviceIDs.Set(d.ID, slot)
		}
		m.deviceAt.put(int(n.level), n.at, slot, rank)
	}
	n = n.copy() // into one block
	m.devices.set(m.epoch, slot, n)
	m.countDevice(n, +1)
	if old != nil && old.cell != n.cell {
		m.mark(LayerDevices, old.cell, old.at)
		m.touchCell(old.cell)
	}
	m.mark(LayerDevices, n.cell, n.at)
	m.touchCell(n.cell)
	m.changed(LayerDevices, d.ID, cell, false)
}

// stream is the place of a property among the device's streams, −1 without.
func (n *deviceNode) stream(p Property) int {
	for i := range n.Datastreams {
		if n.Datastreams[i].Property == p {
			return i
		}
	}
	return -1
}

// keep takes over what the device's streams last said, by property.
func (n *deviceNode) keep(old *DeviceState) {
	for i, ds := range n.Datastreams {
		for j, was := range old.Datastreams {
			if was.Property == ds.Property {
				n.Streams[i] = old.Streams[j]
				break
			}
		}
		if s := &n.Streams[i]; s.Time.After(n.Seen) {
			n.Seen = s.Time
		}
		if n.Streams[i].Alarm {
			n.alarm++
		}
	}
}

// countDevice counts the device in (+1) or out (−1) of its cell and regions.
func (m *Model) countDevice(n *deviceNode, by int32) {
	m.ownCell(n.cell).countDevice(n, by)
	m.count(n.Region, n.Grade, func(t *counts) {
		t.devices += by
		t.alarms += by * n.alarm
		if n.live {
			t.live += by
		}
	})
}

// ownDevice is the device's node for writing, until the next snapshot.
func (m *Model) ownDevice(slot uint32) *deviceNode {
	n := m.devices.at(slot)
	if n.epoch != m.epoch {
		n = n.copy()
		n.epoch = m.epoch
		m.devices.set(m.epoch, slot, n)
	}
	return n
}

// Nodes with a few streams keep them in the same block of memory.
type (
	deviceBlock2 struct {
		deviceNode
		values [2]StreamState
	}
	deviceBlock4 struct {
		deviceNode
		values [4]StreamState
	}
	deviceBlock8 struct {
		deviceNode
		values [8]StreamState
	}
)

func (n *deviceNode) copy() *deviceNode {
	var c *deviceNode
	switch k := len(n.Streams); {
	case k <= 2:
		b := &deviceBlock2{deviceNode: *n}
		c, b.Streams = &b.deviceNode, b.values[:k:k]
	case k <= 4:
		b := &deviceBlock4{deviceNode: *n}
		c, b.Streams = &b.deviceNode, b.values[:k:k]
	case k <= 8:
		b := &deviceBlock8{deviceNode: *n}
		c, b.Streams = &b.deviceNode, b.values[:k:k]
	default:
		d := *n
		c, d.Streams = &d, make([]StreamState, k)
	}
	copy(c.Streams, n.Streams)
	return c
}

// streamList is a list of datastreams, shared by all devices that have an
// equal one, with what the register says of each.
type streamList struct {
	list []Datastream
	info []*PropertyInfo // nil for a property that is not in the register
}

// streams shares equal lists of datastreams, and drops a property named twice.
func (m *Model) streams(ds []Datastream) *streamList {
	var key strings.Builder
	for _, d := range ds {
		key.WriteString(string(d.Property))
		key.WriteByte(0)
		key.WriteString(d.Unit)
		key.WriteByte(0)
	}
	if l, ok := m.streamsOf[key.String()]; ok {
		return l
	}
	l := new(streamList)
	for _, d := range ds {
		if slices.ContainsFunc(l.list, func(o Datastream) bool { return o.Property == d.Property }) {
			continue
		}
		l.list = append(l.list, Datastream{Property(m.word(string(d.Property))), m.word(d.Unit)})
		var info *PropertyInfo
		if i, ok := propertyPlace[d.Property]; ok {
			info = &properties[i]
		}
		l.info = append(l.info, info)
	}
	if len(m.streamsOf) < maxWords {
		m.streamsOf[key.String()] = l
	}
	return l
}

// word shares equal short strings that come again and again.
func (m *Model) word(s string) string {
	if w, ok := m.words[s]; ok {
		return w
	}
	s = strings.Clone(s)
	if len(m.words) < maxWords {
		m.words[s] = s
	}
	return s
}

// maxWords bounds what is remembered of strings that turn out to be all different.
const maxWords = 1 << 16

func sameDevice(a, b *Device) bool {
	return a.Name == b.Name && a.Kind == b.Kind && a.Lon == b.Lon && a.Lat == b.Lat &&
		a.Region == b.Region && a.Grade == b.Grade && a.Simulated == b.Simulated &&
		slices.Equal(a.Datastreams, b.Datastreams)
}

// settleDevices ends the live time of devices that have been quiet.
func (m *Model) settleDevices() {
	for {
		slot, ok := m.deviceQuiet.due(m.now)
		if !ok {
			return
		}
		n := m.devices.at(slot)
		if n == nil || !n.live {
			continue
		}
		if end := n.Seen.Add(liveFor).UnixMilli(); end > m.now {
			m.deviceQuiet.push(end, slot)
			continue
		}
		m.ownDevice(slot).live = false
		m.count(n.Region, n.Grade, func(t *counts) { t.live-- })
	}
}

// enliven counts a device that was heard just now as live.
func (m *Model) enliven(slot uint32, n *deviceNode) {
	if n.live {
		return
	}
	if end := n.Seen.Add(liveFor).UnixMilli(); end > m.now {
		n.live = true
		m.deviceQuiet.push(end, slot)
		m.count(n.Region, n.Grade, func(t *counts) { t.live++ })
	}
}
