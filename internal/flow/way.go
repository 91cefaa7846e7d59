package flow

import (
	"slices"
	"strings"
)

// way is how a person may lead items out of a state: those that wait for them
// in person (own), or those of a subtree; not those with a hand in forbid.
type way struct {
	machine string
	state   State
	own     bool
	tree    Subtree
	forbid  string // "event actor", one a line
}

// covers reports whether every item that o finds is found by w.
func (w way) covers(o way) bool {
	return w.machine == o.machine && w.state == o.state && w.own == o.own && w.tree.Axis == o.tree.Axis &&
		strings.HasPrefix(o.tree.Prefix, w.tree.Prefix) && (w.forbid == "" || w.forbid == o.forbid)
}

// ways are a person's, none covered by another.
func (e *Engine) ways(who Seer, f Filter) []way {
	var out []way
	add := func(w way) {
		if slices.ContainsFunc(out, func(have way) bool { return have.covers(w) }) {
			return
		}
		out = append(slices.DeleteFunc(out, w.covers), w)
	}
	for _, name := range e.names() {
		m := e.machines[name]
		if f.Machines != nil && !slices.Contains(f.Machines, name) {
			continue
		}
		for _, t := range m.Transitions {
			if t.Action == BySystem {
				continue
			}
			var reached []Subtree
			if t.Action != BySubject && who.Reach != nil {
				reached = who.Reach(t.Action)
			}
			for _, from := range t.From {
				if f.States != nil && !slices.Contains(f.States, from) {
					continue
				}
				w := way{machine: name, state: from, own: true, forbid: t.forbidden(who.Subject)}
				add(w)
				if def, _ := m.state(from); def.Clock == nil {
					continue
				}
				w.own = false
				for _, w.tree = range reached {
					add(w)
				}
			}
		}
	}
	return out
}

// apart reports whether no item is found by two of the ways: those of one
// state are subtrees of one tree, none within another, with the same forbidden
// hands.
func apart(ways []way) bool {
	type state struct {
		machine string
		state   State
	}
	first := map[state]way{}
	for _, w := range ways {
		if w.own {
			continue
		}
		k := state{w.machine, w.state}
		if had, ok := first[k]; ok && (had.tree.Axis != w.tree.Axis || had.forbid != w.forbid) {
			return false
		}
		first[k] = w
	}
	return true
}

// forbidden are the hands that four eyes keep from a transition if they are
// the subject's, one a line.
func (t *Transition) forbidden(subject string) string {
	var out []string
	for _, e := range t.NotBy {
		out = append(out, hand(e, subject))
	}
	return strings.Join(out, "\n")
}
