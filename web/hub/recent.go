package hub

import (
	"onecity/cim"
	"onecity/geo"
)

// layerWidgets marks a thing that is a widget: frames carry them beside the
// layers of the model.
const layerWidgets cim.Layer = 255

// thing names what a frame may carry: a cell by its Cell, all else by its id.
type thing struct {
	layer cim.Layer
	cell  geo.Cell
	id    string
}

// mark says when a thing last changed and whether it has left the view.
type mark struct {
	thing
	seq        uint64
	gone       bool
	prev, next int32
}

// recent remembers for each thing of a view the position at which it last
// changed, the newest first, at most max things. What changed since a position
// is read off the front; it is complete for positions not below floor.
type recent struct {
	index map[thing]int32
	marks []mark // marks[0] is the ring's anchor
	max   int
	floor uint64
}

func newRecent(max int, floor uint64) *recent {
	return &recent{index: map[thing]int32{}, marks: make([]mark, 1), max: max, floor: floor}
}

// touch notes that t changed at seq, which must not go backwards.
func (r *recent) touch(t thing, seq uint64, gone bool) {
	i, known := r.index[t]
	switch {
	case known:
		r.unlink(i)
	case len(r.index) < r.max:
		i = int32(len(r.marks))
		r.marks = append(r.marks, mark{})
		r.index[t] = i
	default: // reuse the place of the thing that has been quiet longest
		i = r.marks[0].prev
		r.unlink(i)
		r.floor = max(r.floor, r.marks[i].seq)
		delete(r.index, r.marks[i].thing)
		r.index[t] = i
	}
	m := &r.marks[i]
	m.thing, m.seq, m.gone = t, seq, gone
	m.prev, m.next = 0, r.marks[0].next
	r.marks[m.next].prev = i
	r.marks[0].next = i
}

func (r *recent) unlink(i int32) {
	m := &r.marks[i]
	r.marks[m.prev].next, r.marks[m.next].prev = m.next, m.prev
}

// touchedAt reports whether t was already noted at seq.
func (r *recent) touchedAt(t thing, seq uint64) bool {
	i, ok := r.index[t]
	return ok && r.marks[i].seq == seq
}

// since is what changed after from, oldest change first.
func (r *recent) since(from uint64) []mark {
	n := 0
	i := r.marks[0].next
	for ; i != 0 && r.marks[i].seq > from; i = r.marks[i].next {
		n++
	}
	out := make([]mark, 0, n)
	for i = r.marks[i].prev; i != 0; i = r.marks[i].prev {
		out = append(out, r.marks[i])
	}
	return out
}

// forget drops everything; only positions from floor on can be answered.
func (r *recent) forget(floor uint64) {
	clear(r.index)
	r.marks = append(r.marks[:0], mark{})
	r.floor = floor
}
