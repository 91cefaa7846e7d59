package cim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"onecity/geo"
)

// Grant 授权 lets its holder see Layers in Region and all regions inside it,
// things graded up to Grade.
type Grant struct {
	Region geo.Code
	Layers Layers
	Grade  Grade
}

// Grants is what somebody may see who holds several: a thing is visible when
// one of them covers its region, its layer and its grade. It is immutable, made
// once when what somebody holds changes, and asked many times.
//
// It is normalised: sets that show the same have the same String, however they
// were put together. Two Grants are different pointers all the same; who keeps
// things by scope does so by [Scope.Key].
type Grants struct {
	nodes []grantNode // by region; nobody's level is that of the node around it
	text  string
}

// grantNode is a region in which other things are visible than around it.
type grantNode struct {
	region geo.Code
	up     int // the node around it, −1 for none
	levels levels16
}

// levels16 is the highest visible grade by layer, −1 for none.
type levels16 [LayerCount]int16

var noLevels = func() (v levels16) {
	for l := range v {
		v[l] = -1
	}
	return v
}()

// NewGrants compiles a set; the list stays the caller's.
func NewGrants(list []Grant) *Grants {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Grant) int { return cmp.Compare(a.Region, b.Region) })
	g := new(Grants)
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Region == list[0].Region {
			n++
		}
		g.put(list[:n])
		list = list[n:]
	}
	g.text = g.describe()
	return g
}

// put adds what is granted in one region; regions come in order.
func (g *Grants) put(list []Grant) {
	n := grantNode{region: list[0].Region, up: g.around(list[0].Region)}
	around := g.levels(n.up)
	n.levels = *around
	for _, v := range list {
		for l := range n.levels {
			if v.Layers.Has(Layer(l)) {
				n.levels[l] = max(n.levels[l], int16(v.Grade))
			}
		}
	}
	if n.levels != *around {
		g.nodes = append(g.nodes, n)
	}
}

// few is up to how many nodes looking at each is faster than searching.
const few = 8

// around is the innermost node that contains c, −1 for none: of all that do,
// the last.
func (g *Grants) around(c geo.Code) int {
	i := len(g.nodes) - 1
	if i >= few {
		return g.search(c)
	}
	for i >= 0 && !g.nodes[i].region.Contains(c) {
		i--
	}
	return i
}

func (g *Grants) search(c geo.Code) int {
	lo, hi := 0, len(g.nodes)
	for lo < hi {
		if mid := (lo + hi) / 2; g.nodes[mid].region <= c {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	// What contains c stands at or before it, and around all between.
	i := lo - 1
	for i >= 0 && !g.nodes[i].region.Contains(c) {
		i = g.nodes[i].up
	}
	return i
}

// inside is the range of the nodes inside c, c itself not counted.
func (g *Grants) inside(c geo.Code) (from, to int) {
	from, ok := slices.BinarySearchFunc(g.nodes, c, func(n grantNode, c geo.Code) int { return cmp.Compare(n.region, c) })
	if ok {
		from++
	}
	for to = from; to < len(g.nodes) && c.Contains(g.nodes[to].region); to++ {
	}
	return from, to
}

// levels are those of a node, none at −1.
func (g *Grants) levels(i int) *levels16 {
	if i < 0 {
		return &noLevels
	}
	return &g.nodes[i].levels
}

// level is the highest grade of things of l that is visible in c; −1 for none.
func (g *Grants) level(l Layer, c geo.Code) int16 {
	if i := g.around(c); i >= 0 {
		return g.nodes[i].levels[l]
	}
	return -1
}

// Scope is all that is granted. A set that comes to one Grant makes the Scope
// of that grant, equal to everybody's who holds the same.
func (g *Grants) Scope() Scope {
	return Scope{Grants: g, Layers: AllLayers, Grade: 255}.simple()
}

// String is equal for sets that show the same, and only for those:
// `"320583101" cells,devices:0 units:2; "320583102" …`.
func (g *Grants) String() string {
	if g == nil {
		return ""
	}
	return g.text
}

func (g *Grants) describe() string {
	var b strings.Builder
	for i := range g.nodes {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%q", string(g.nodes[i].region))
		g.nodes[i].levels.describe(&b)
	}
	return b.String()
}

// describe lists the layers by grade, the lowest first.
func (v *levels16) describe(b *strings.Builder) {
	grades := slices.Compact(slices.Sorted(slices.Values(v[:])))
	for _, grade := range grades {
		if grade < 0 {
			continue
		}
		sep := " "
		for l, have := range v {
			if have == grade {
				b.WriteString(sep)
				b.WriteString(Layer(l).String())
				sep = ","
			}
		}
		fmt.Fprintf(b, ":%d", grade)
	}
}
