package access

import (
	"strings"
	"time"
)

// Axis is the tree that a binding's code is in.
type Axis uint8

// The two trees.
const (
	ByRegion Axis = iota // code of a region, GB/T 2260 and on; "" is the whole city
	ByOrg                // path of an organisation: four characters a level; "" is all
)

// Node is a subtree of one of the trees.
type Node struct {
	Axis Axis
	Code string
}

// Contains reports whether inner lies within n.
func (n Node) Contains(inner Node) bool {
	return n.Axis == inner.Axis && strings.HasPrefix(inner.Code, n.Code)
}

// Binding 授权绑定 gives a subject a role in a subtree for a time.
type Binding struct {
	ID      string
	Subject string // "person:…", "app:…"
	Role    string
	On      Node
	From    time.Time // zero: since ever
	Until   time.Time // zero: without end
}

// Object is what something is done to. An object has a region, an
// organisation, or both; a binding on either axis may reach it.
type Object struct {
	Region string
	Org    string
	// Grade is the data grade 数据分级 of what is read; the role must reach it.
	Grade uint8
	// NoRegion and NoOrg: the object is not in that tree at all (an empty code
	// is the whole tree, which only a binding on the whole tree reaches).
	NoRegion, NoOrg bool
}
