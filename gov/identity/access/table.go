package access

import (
	"fmt"
	"slices"
	"time"
)

// Table answers who may do what, at one moment. It is immutable and safe for
// concurrent use; the nil Table lets nobody do anything.
type Table struct {
	actions  map[Action]int
	roles    map[string]*role
	subjects map[string]*Subject
	until    time.Time
}

// role is a Role with its actions as bits.
type role struct {
	Role
	does bits
}

// held is a binding as it is asked.
type held struct {
	on    Node
	grade uint8
	does  bits
	b     Binding
	role  *role
}

// Compile makes a Table of the bindings that are valid at that moment. A
// binding to a role that is not there is an error: it would be a right that
// nobody can explain.
func Compile(roles []Role, bindings []Binding, at time.Time) (*Table, error) {
	t := &Table{actions: map[Action]int{}, roles: map[string]*role{}, subjects: map[string]*Subject{}}
	for _, r := range roles {
		if _, twice := t.roles[r.Code]; twice {
			return nil, fmt.Errorf("the role %q is there twice", r.Code)
		}
		c := &role{Role: r}
		for _, a := range r.Does {
			n, ok := t.actions[a]
			if !ok {
				if n = len(t.actions); n >= maxActions {
					return nil, fmt.Errorf("more than %d actions", maxActions)
				}
				t.actions[a] = n
			}
			c.does.set(n)
		}
		t.roles[r.Code] = c
	}
	for _, b := range bindings {
		r, ok := t.roles[b.Role]
		if !ok {
			return nil, fmt.Errorf("the binding %s of %s is to the role %q, which is not there", b.ID, b.Subject, b.Role)
		}
		t.bound(at, b)
		if !b.ValidAt(at) {
			continue
		}
		s := t.subjects[b.Subject]
		if s == nil {
			s = &Subject{id: b.Subject, table: t}
			t.subjects[b.Subject] = s
		}
		s.holds = append(s.holds, held{on: b.On, grade: r.Grade, does: r.does, b: b, role: r})
	}
	for _, s := range t.subjects {
		slices.SortFunc(s.holds, func(a, b held) int { return compareBindings(a.b, b.b) })
	}
	return t, nil
}

// bound brings t.until down to the next moment at which b begins or ends.
func (t *Table) bound(at time.Time, b Binding) {
	for _, edge := range [...]time.Time{b.From, b.Until} {
		if edge.After(at) && (t.until.IsZero() || edge.Before(t.until)) {
			t.until = edge
		}
	}
}

// Until is the first moment at which the table is no longer true, because a
// binding begins or ends; zero: none does.
func (t *Table) Until() time.Time { return t.until }

// Subject is what the subject of that id holds; nil, which may do nothing, when
// that is nothing.
func (t *Table) Subject(id string) *Subject {
	if t == nil {
		return nil
	}
	return t.subjects[id]
}

// Can reports whether a subject may do a to o. It makes no garbage.
func (t *Table) Can(subject string, a Action, o Object) bool { return t.Subject(subject).Can(a, o) }

// Subjects are all who hold something, sorted.
func (t *Table) Subjects() []string {
	ids := make([]string, 0, len(t.subjects))
	for id := range t.subjects {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Role finds a role.
func (t *Table) Role(code string) (Role, bool) {
	if t == nil {
		return Role{}, false
	}
	r, ok := t.roles[code]
	if !ok {
		return Role{}, false
	}
	return r.Role, true
}

// maxActions bounds the bits of a role.
const maxActions = 256

type bits [maxActions / 64]uint64

func (b *bits) set(n int)      { b[n/64] |= 1 << (n % 64) }
func (b *bits) has(n int) bool { return b[n/64]&(1<<(n%64)) != 0 }

// Equal reports whether both tables let the same subjects do the same.
func (t *Table) Equal(u *Table) bool {
	if len(t.roles) != len(u.roles) || len(t.subjects) != len(u.subjects) {
		return false
	}
	for code, r := range t.roles {
		s, ok := u.roles[code]
		if !ok || !slices.Equal(r.Does, s.Does) || !slices.Equal(r.Layers, s.Layers) || r.Grade != s.Grade || !slices.Equal(r.Grants, s.Grants) {
			return false
		}
	}
	for id, s := range t.subjects {
		if !slices.EqualFunc(s.Holds(), u.subjects[id].Holds(), Binding.equal) {
			return false
		}
	}
	return true
}
