package cim

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// rowKey names a row of a department's feed.
type rowKey struct{ name, feed, key string }

func (a rowKey) compare(b rowKey) int {
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.feed, b.feed), cmp.Compare(a.key, b.key))
}

// indicatorRow is the newest value of a row, in the cell where it lies.
type indicatorRow struct {
	rowKey
	time     int64
	value    float64
	unit     string
	lon, lat float64
}

func (m *Model) indicate(f Indicators) {
	for i := range f.Indicators {
		m.indicateOne(&f.Indicators[i])
	}
}

func (m *Model) indicateOne(in *Indicator) {
	p := orb.Point{in.Lon, in.Lat}
	t := in.Time.UnixMilli()
	switch {
	case in.Name == "" || in.Feed == "":
		m.ignore("indicator-without-name")
		return
	case !onGlobe(p):
		m.ignore("indicator-off-globe")
		return
	case !(math.Abs(in.Value) <= maxValue):
		m.ignore("not-finite")
		return
	}
	if reason := m.badTime(t); reason != "" {
		m.ignore(reason)
		return
	}
	row := indicatorRow{rowKey{m.word(in.Name), m.word(in.Feed), in.Key}, t, in.Value, m.word(in.Unit), in.Lon, in.Lat}
	if was, ok := m.rowCell[row.rowKey]; ok {
		slot := m.cellSlot[was]
		n := m.grid.base.at(slot)
		i, _ := findRow(n.rows, row.rowKey)
		if n.rows[i].time >= t {
			m.ignore("old-indicator")
			return
		}
		m.setRows(slot, slices.Delete(slices.Clone(n.rows), i, i+1))
	}
	c, slot := m.cellAt(p)
	n := m.grid.base.at(slot)
	i, _ := findRow(n.rows, row.rowKey)
	m.setRows(slot, slices.Insert(slices.Clone(n.rows), i, row))
	m.rowCell[row.rowKey] = c
}

// setRows gives a cell other rows; snapshots share the old slice.
func (m *Model) setRows(slot uint32, rows []indicatorRow) {
	m.ownCell(slot).rows = rows
	m.touchCell(slot)
}

func findRow(rows []indicatorRow, k rowKey) (int, bool) {
	return slices.BinarySearchFunc(rows, k, func(r indicatorRow, k rowKey) int { return r.compare(k) })
}
