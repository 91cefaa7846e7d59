package cim

import "onecity/geo"

// count changes the counts of a region and of all regions around it, for
// things of one grade.
func (m *Model) count(code geo.Code, g Grade, change func(*counts)) {
	m.countUp(m.tally(code), g, change)
}

// countUp is count from the slot of a region's counts.
func (m *Model) countUp(slot uint32, g Grade, change func(*counts)) {
	for {
		n := m.ownTally(slot)
		change(n.of(g))
		if n.up == slot {
			return
		}
		slot = n.up
	}
}

// tally is the slot of a region's counts, made with those around it at the
// first use. A code that is not in the tree hangs below the innermost region
// that contains it, or below the root.
func (m *Model) tally(code geo.Code) uint32 {
	if slot, ok := m.tallySlot[code]; ok {
		return slot
	}
	var up uint32
	if r, ok := m.regions.Get(code); ok {
		up = m.tally(r.Parent)
	} else {
		for around := code; around != ""; {
			around = around[:len(around)-1]
			if _, ok := m.regions.Get(around); ok {
				up = m.tally(around)
				break
			}
		}
	}
	slot := m.tallies.len()
	m.tallies.set(m.epoch, slot, &tallyNode{epoch: m.epoch, code: code, up: up})
	m.tallySlot[code] = slot
	m.tallyDir.Set(code, slot)
	m.touched[LayerRegions] = true
	return slot
}

func (m *Model) ownTally(slot uint32) *tallyNode {
	n := m.tallies.at(slot)
	if n.epoch != m.epoch {
		n = n.copy()
		n.epoch = m.epoch
		m.tallies.set(m.epoch, slot, n)
	}
	return n
}
