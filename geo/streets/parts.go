package streets

import "math"

// minPart is how many nodes a part must have to count as streets of its own and
// not as a car park that was drawn without its entrance.
const minPart = 32

// divide finds the strongly connected parts of the network (Tarjan's algorithm,
// without recursion), and which edges are sound: in the largest part, or in
// another that is large enough.
func (n *Network) divide() {
	const unseen = 0
	order, low := make([]int32, len(n.at)), make([]int32, len(n.at))
	n.part = make([]int32, len(n.at))
	for i := range n.part {
		n.part[i] = -1
	}
	var stack, path []int32
	next := make([]int32, len(n.at)) // which end of a node is looked at next
	var sizes []int32
	seen := int32(0)
	visit := func(v int32) {
		seen++
		order[v], low[v] = seen, seen
		stack, path = append(stack, v), append(path, v)
	}
	for root := range int32(len(n.at)) {
		if order[root] != unseen {
			continue
		}
		visit(root)
		for len(path) > 0 {
			v := path[len(path)-1]
			ends := n.endsAt(v)
			if int(next[v]) < len(ends) {
				w, seconds := n.leave(ends[next[v]])
				next[v]++
				switch {
				case math.IsInf(seconds, 1):
				case order[w] == unseen:
					visit(w)
				case n.part[w] < 0:
					low[v] = min(low[v], order[w])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1]
				low[up] = min(low[up], low[v])
			}
			if low[v] != order[v] {
				continue
			}
			size := int32(0)
			for w := int32(-1); w != v; size++ {
				w = stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				n.part[w] = int32(len(sizes))
			}
			sizes = append(sizes, size)
		}
	}
	largest := int32(-1)
	for p, size := range sizes {
		if largest < 0 || size > sizes[largest] {
			largest = int32(p)
		}
	}
	n.sound = make([]bool, len(n.edges))
	for i, e := range n.edges {
		p := n.part[e.from]
		n.sound[i] = p == n.part[e.to] && (p == largest || sizes[p] >= minPart)
	}
}
