package flow

import (
	"fmt"
	"math"
)

type point struct{ x, y float64 }

// drawing is a diagram with all its places.
type drawing struct {
	width, height, boxWidth float64
	boxes                   map[State]point // upper left corners
	paths                   []struct {
		d      string
		system bool
	}
	labels []struct {
		x, y float64
		text string
	}
}

// draw lays a machine out. An edge to the next column is a curve through the
// gap between the two; one that goes farther runs in a lane of its own, above
// the boxes when it leads on, below when it leads back, so that no edge runs
// through a box.
func (m *Machine) draw(l Lang) *drawing {
	edges := m.edges()
	lay := m.layout(edges)
	d := &drawing{boxWidth: boxWidth, boxes: map[State]point{}}
	for _, s := range m.States {
		d.boxWidth = math.Max(d.boxWidth, textWidth(s.Title.in(l))+24)
	}
	near := func(e edge) bool { return lay.column[e.to] == lay.column[e.from]+1 }

	// gaps[i] is the room left of column i: its widest label and the channels
	// of edges that go up or down in it
	gaps := make([]float64, len(lay.columns)+1)
	for i := range gaps {
		gaps[i] = 2 * channelGap
	}
	above, below := 0, 0
	for _, e := range edges {
		if near(e) {
			c := lay.column[e.to]
			gaps[c] = math.Max(gaps[c], textWidth(e.label(l))+44)
		} else if lay.back[[2]State{e.from, e.to}] {
			below++
		} else {
			above++
		}
	}
	for _, e := range edges {
		if !near(e) {
			gaps[lay.column[e.from]+1] += channelGap
			gaps[lay.column[e.to]] += channelGap
		}
	}
	rows := 0
	for _, c := range lay.columns {
		rows = max(rows, len(c))
	}
	top := margin + float64(above)*laneGap
	middle := top + (float64(rows)*(boxHeight+rowGap)-rowGap)/2
	bottom := top + float64(rows)*(boxHeight+rowGap) - rowGap
	left := make([]float64, len(lay.columns)+1)
	x := margin
	for i, c := range lay.columns {
		x += gaps[i]
		left[i] = x
		for j, s := range c {
			d.boxes[s] = point{x, middle + (float64(j)-float64(len(c)-1)/2)*(boxHeight+rowGap) - boxHeight/2}
		}
		x += d.boxWidth
	}
	d.width = x + gaps[len(gaps)-1] + margin
	d.height = bottom + float64(below)*laneGap + margin

	outs, ins := map[State]int{}, map[State]int{}   // edges at a box's side
	leaving, coming := map[int]int{}, map[int]int{} // channels of a column's gaps that are used
	up, down := 0, 0
	for _, e := range edges {
		from, to := d.boxes[e.from], d.boxes[e.to]
		a, b := point{from.x + d.boxWidth, from.y + boxHeight/2}, point{to.x, to.y + boxHeight/2}
		if near(e) {
			bend := (b.x - a.x) / 2
			d.path(fmt.Sprintf("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", a.x, a.y, a.x+bend, a.y, b.x-bend, b.y, b.x, b.y), e.system)
			d.label((a.x+b.x)/2, (a.y+b.y)/2, e.label(l))
			continue
		}
		outs[e.from]++
		ins[e.to]++
		leaving[lay.column[e.from]]++
		coming[lay.column[e.to]]++
		right, into := a.x+channelGap*float64(leaving[lay.column[e.from]]), b.x-channelGap*float64(coming[lay.column[e.to]])-6
		lane, side := 0.0, 1.0
		if lay.back[[2]State{e.from, e.to}] {
			down++
			lane = bottom + float64(down)*laneGap - 8
		} else {
			up++
			lane, side = top-float64(up)*laneGap+8, -1
		}
		a.y += side * math.Min(5*float64(outs[e.from]), boxHeight/2-4)
		b.y += side * math.Min(5*float64(ins[e.to]), boxHeight/2-4)
		d.path(fmt.Sprintf("M%.1f %.1fH%.1fV%.1fH%.1fV%.1fH%.1f", a.x, a.y, right, lane, into, b.y, b.x), e.system)
		d.label((right+into)/2, lane, e.label(l))
	}
	return d
}

func (d *drawing) path(p string, system bool) {
	d.paths = append(d.paths, struct {
		d      string
		system bool
	}{p, system})
}

// label puts a text where no other is, or a little lower.
func (d *drawing) label(x, y float64, text string) {
	for moved := true; moved; {
		moved = false
		for _, o := range d.labels {
			if math.Abs(o.y-y) < fontSize+2 && math.Abs(o.x-x) < (textWidth(o.text)+textWidth(text))/2+4 {
				y, moved = o.y+fontSize+3, true
			}
		}
	}
	d.labels = append(d.labels, struct {
		x, y float64
		text string
	}{x, y, text})
}
