package access

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Subject is what one subject holds at the Table's moment. The nil Subject
// holds nothing.
type Subject struct {
	id    string
	table *Table
	holds []held
}

// ID is the subject's.
func (s *Subject) ID() string {
	if s == nil {
		return ""
	}
	return s.id
}

// Can reports whether the subject may do a to o. It makes no garbage.
func (s *Subject) Can(a Action, o Object) bool {
	_, ok := s.why(a, o)
	return ok
}

// Why is the binding that lets the subject do a to o; ok is false when none
// does.
func (s *Subject) Why(a Action, o Object) (b Binding, ok bool) {
	h, ok := s.why(a, o)
	if !ok {
		return Binding{}, false
	}
	return h.b, true
}

func (s *Subject) why(a Action, o Object) (*held, bool) {
	if s == nil {
		return nil, false
	}
	n, known := s.table.actions[a]
	if !known {
		return nil, false
	}
	for i := range s.holds {
		h := &s.holds[i]
		if h.does.has(n) && o.Grade <= h.grade && h.on.reaches(o) {
			return h, true
		}
	}
	return nil, false
}

// reaches reports whether o lies within n.
func (n Node) reaches(o Object) bool {
	if n.Axis == ByRegion {
		return !o.NoRegion && strings.HasPrefix(o.Region, n.Code)
	}
	return !o.NoOrg && strings.HasPrefix(o.Org, n.Code)
}

// CanSomewhere reports whether there is any object to which the subject may
// do a: whether a page is worth showing.
func (s *Subject) CanSomewhere(a Action) bool {
	if s == nil {
		return false
	}
	n, known := s.table.actions[a]
	return known && slices.ContainsFunc(s.holds, func(h held) bool { return h.does.has(n) })
}

// Reach is a subtree in which a subject may do something, with what it sees
// there.
type Reach struct {
	On     Node
	Layers []string
	Grade  uint8
}

// Scope is where the subject may do a: an object is reached if and only if one
// of the Reaches holds it and its grade. Sorted; none within another of the
// same role.
func (s *Subject) Scope(a Action) []Reach {
	if s == nil {
		return nil
	}
	n, known := s.table.actions[a]
	if !known {
		return nil
	}
	var out []Reach
	for _, h := range s.holds {
		if h.does.has(n) {
			out = append(out, Reach{On: h.on, Layers: h.role.Layers, Grade: h.grade})
		}
	}
	return out
}

// Nodes are the subtrees of Scope without the rest, none within another: of
// them a query's prefixes are made.
func (s *Subject) Nodes(a Action) []Node {
	var nodes []Node
	for _, r := range s.Scope(a) {
		nodes = append(nodes, r.On)
	}
	slices.SortFunc(nodes, compareNodes)
	outer := nodes[:0]
	for _, n := range nodes {
		if len(outer) == 0 || !outer[len(outer)-1].Contains(n) {
			outer = append(outer, n)
		}
	}
	return outer
}

// Holds are the subject's bindings, sorted.
func (s *Subject) Holds() []Binding {
	if s == nil {
		return nil
	}
	out := make([]Binding, len(s.holds))
	for i, h := range s.holds {
		out[i] = h.b
	}
	return out
}

// Actions are what the subject may do anywhere, sorted.
func (s *Subject) Actions() []Action {
	if s == nil {
		return nil
	}
	set := map[Action]struct{}{}
	for _, h := range s.holds {
		for _, a := range h.role.Does {
			set[a] = struct{}{}
		}
	}
	out := make([]Action, 0, len(set))
	for a := range set {
		out = append(out, a)
	}
	slices.Sort(out)
	return out
}

// ValidAt reports whether the binding counts at that moment.
func (b Binding) ValidAt(at time.Time) bool {
	return !at.Before(b.From) && (b.Until.IsZero() || at.Before(b.Until))
}

func compareBindings(a, b Binding) int {
	return cmp.Or(compareNodes(a.On, b.On), cmp.Compare(a.Role, b.Role), cmp.Compare(a.ID, b.ID))
}

func compareNodes(a, b Node) int {
	return cmp.Or(cmp.Compare(a.Axis, b.Axis), cmp.Compare(a.Code, b.Code))
}

func (b Binding) equal(c Binding) bool {
	return b.ID == c.ID && b.Subject == c.Subject && b.Role == c.Role && b.On == c.On && b.From.Equal(c.From) && b.Until.Equal(c.Until)
}
