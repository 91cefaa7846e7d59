package shortest

import "cmp"

// Reached is a node and what it costs to reach it, in the unit of the search
// (for A* with what is still to come).
type Reached[N cmp.Ordered] struct {
	Cost float64
	Node N
}

// before puts the cheaper first; equal costs go by node, so that the way found
// is always the same.
func (r Reached[N]) before(o Reached[N]) bool {
	if r.Cost != o.Cost {
		return r.Cost < o.Cost
	}
	return r.Node < o.Node
}

// Frontier is a binary heap of reached nodes. Its zero value is empty. A node
// may be in it more than once: who finds a cheaper way pushes it again, and
// knows a stale one when it comes out.
type Frontier[N cmp.Ordered] struct {
	heap []Reached[N]
}

// Empty says that everything that was pushed has been popped.
func (f *Frontier[N]) Empty() bool { return len(f.heap) == 0 }

// Least is the cost of the node that Pop would take out. The frontier must not
// be empty.
func (f *Frontier[N]) Least() float64 { return f.heap[0].Cost }

// Push adds a node that was reached at a cost.
func (f *Frontier[N]) Push(node N, cost float64) {
	f.heap = append(f.heap, Reached[N]{cost, node})
	for i := len(f.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !f.heap[i].before(f.heap[parent]) {
			return
		}
		f.heap[i], f.heap[parent] = f.heap[parent], f.heap[i]
		i = parent
	}
}

// Pop takes the cheapest out. The frontier must not be empty.
func (f *Frontier[N]) Pop() Reached[N] {
	least, last := f.heap[0], len(f.heap)-1
	f.heap[0] = f.heap[last]
	f.heap = f.heap[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return least
		}
		if right := child + 1; right < last && f.heap[right].before(f.heap[child]) {
			child = right
		}
		if !f.heap[child].before(f.heap[i]) {
			return least
		}
		f.heap[i], f.heap[child] = f.heap[child], f.heap[i]
		i = child
	}
}
