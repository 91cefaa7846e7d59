package alarm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"onecity/geo"
)

// disk names a set of cells.
type disk struct {
	cell  uint64
	rings int
}

func (e *Engine) disk(cell uint64, rings int) []geo.Cell {
	k := disk{cell, rings}
	cells, ok := e.disks[k]
	if !ok {
		cells = geo.Cell(cell).Disk(rings)
		slices.Sort(cells)
		e.disks[k] = cells
	}
	return cells
}

// group looks at a device's cell and those around it. Cells that overlap are one
// matter: where one near is in alarm, no other is opened.
func (e *Engine) group(r *running, d *Device, s *series) {
	around, near := e.disk(d.Cell, r.Group.Ring), e.disk(d.Cell, 2*r.Group.Ring)
	taken := false
	for _, key := range slices.Sorted(maps.Keys(r.targets)) {
		t := r.targets[key]
		if !contains(near, t.Cell) || t.Phase == cooling && !e.now.Before(t.Until) {
			continue
		}
		taken = true
		if contains(around, t.Cell) {
			e.judgeGroup(r, key, t.Cell, s.Newest)
		}
	}
	if !taken && compares(s.Value, r.Group.Compare, r.Group.Limit) {
		e.judgeGroup(r, "cell:"+geo.Cell(d.Cell).String(), d.Cell, s.Newest)
	}
}

// groups looks at those in alarm again: their values grow old.
func (e *Engine) groups(r *running) {
	for _, key := range slices.Sorted(maps.Keys(r.targets)) {
		if t := r.targets[key]; t.Phase == open {
			e.judgeGroup(r, key, t.Cell, e.now)
		}
	}
}

func contains(sorted []geo.Cell, cell uint64) bool {
	_, ok := slices.BinarySearch(sorted, geo.Cell(cell))
	return ok
}

func (e *Engine) judgeGroup(r *running, key string, cell uint64, at time.Time) {
	v, s := e.countAround(r, cell, at)
	e.judge(r, key, v, at, s)
	if t := r.targets[key]; t != nil {
		t.Cell = cell
	}
}

// countAround counts the devices around a cell that are beyond the limit.
func (e *Engine) countAround(r *running, cell uint64, at time.Time) (verdict, subject) {
	g := r.Group
	within := g.Within.Duration()
	heard := 0
	s := subject{ID: geo.Cell(cell).String(), Kind: "cell"}
	var names []string
	for _, c := range e.disk(cell, g.Ring) {
		for _, id := range e.inCell[uint64(c)] {
			d := e.devices[id]
			x := e.series[stream{id, r.Filter.Property}]
			if x == nil || !r.looksAt(d) || at.Sub(x.Newest) > within {
				continue
			}
			heard++
			if !compares(x.Value, g.Compare, g.Limit) {
				continue
			}
			// It stands in the middle of them, and says the worst of them.
			n := float64(s.Count)
			s.Lon, s.Lat = (s.Lon*n+d.Lon)/(n+1), (s.Lat*n+d.Lat)/(n+1)
			if s.Count == 0 || compares(x.Value, strings.TrimSuffix(g.Compare, "=")+"=", s.Value) {
				s.Value, s.Region = x.Value, d.Region
			}
			s.Count++
			s.Simulated = s.Simulated || d.Simulated
			names = append(names, d.Name)
		}
	}
	s.Name = fmt.Sprintf("%d 个设备：%s", s.Count, strings.Join(names[:min(len(names), 5)], "、"))
	if len(names) > 5 {
		s.Name += " 等"
	}
	if s.Count >= g.Count && heard >= max(g.Of, g.Count) {
		return bad, s
	}
	return good, s
}
