package flow

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// word is how states, events, machines' and fields' names are written.
var word = regexp.MustCompile(`^[a-z][a-z0-9]*([.-][a-z0-9]+)*$`)

// Check walks the machine and answers with all that is wrong with it: a state
// that cannot be reached or left, a transition that is nobody's, a state that
// waits without a clock.
func (m *Machine) Check() error {
	c := checker{m: m, states: map[State]StateDef{}}
	c.titled("the machine", m.Title)
	if !word.MatchString(m.Name) {
		c.add("its name is %q", m.Name)
	}
	if m.Start == "" {
		c.add("nobody may start it")
	}
	for _, d := range m.States {
		c.state(d)
	}
	if _, ok := c.states[m.Initial]; !ok {
		c.add("its initial state %q is none of its states", m.Initial)
	}
	for i := range m.Transitions {
		c.transition(&m.Transitions[i])
	}
	if len(c.problems) == 0 { // a walk needs legs
		c.walk()
	}
	if c.problems == nil {
		return nil
	}
	return fmt.Errorf("machine %s: %w", m.Name, errors.Join(c.problems...))
}

type checker struct {
	m        *Machine
	states   map[State]StateDef
	problems []error
}

func (c *checker) add(format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf(format, args...))
}

func (c *checker) titled(what string, t Text) {
	if strings.TrimSpace(t.ZH) == "" || strings.TrimSpace(t.EN) == "" {
		c.add("%s has no title in both languages", what)
	}
}

func (c *checker) state(d StateDef) {
	what := "state " + string(d.Name)
	c.titled(what, d.Title)
	if !word.MatchString(string(d.Name)) {
		c.add("a state is called %q", d.Name)
	}
	if _, twice := c.states[d.Name]; twice {
		c.add("%s is there twice", what)
	}
	c.states[d.Name] = d
	leaving := c.m.leaving(d.Name)
	switch {
	case d.Final && (len(leaving) > 0 || d.Clock != nil || d.Endless != ""):
		c.add("%s is final, but goes on", what)
	case !d.Final && d.Clock == nil && d.Endless == "":
		c.add("%s waits without a clock, and does not say why", what)
	case d.Clock != nil && d.Endless != "":
		c.add("%s is endless, but has a clock", what)
	}
	if d.Clock != nil {
		c.clock(what, d)
	}
}

func (c *checker) clock(what string, d StateDef) {
	k := d.Clock
	set := 0
	for _, is := range []bool{k.Limit.Plain != 0, k.Limit.Working != 0, k.Limit.Days != 0} {
		if is {
			set++
		}
	}
	if set != 1 || k.Limit.Plain < 0 || k.Limit.Working < 0 || k.Limit.Days < 0 {
		c.add("the clock of %s has no limit, or more than one", what)
	}
	if k.Warn < 0 || k.Warn >= 1 {
		c.add("the clock of %s warns at %v of its limit", what, k.Warn)
	}
	if k.Again < 0 || k.Again > 0 && k.Escalate != "" {
		c.add("the clock of %s cannot both escalate and go on", what)
	}
	if k.Escalate == "" {
		return
	}
	t, ok := c.m.transition(d.Name, k.Escalate)
	switch {
	case !ok:
		c.add("the clock of %s fires %s, which the state does not know", what, k.Escalate)
	case t.Action != BySystem && !t.System:
		c.add("the clock of %s fires %s, which the program may not", what, k.Escalate)
	case len(t.Required) > 0:
		c.add("the clock of %s fires %s, which has fields to be filled in", what, k.Escalate)
	}
}

func (c *checker) transition(t *Transition) {
	what := "transition " + string(t.Event)
	c.titled(what, t.Title)
	if !word.MatchString(string(t.Event)) || t.Event == Started {
		c.add("a transition is called %q", t.Event)
	}
	if t.Action == "" {
		c.add("%s is nobody's", what)
	}
	if _, ok := c.states[t.To]; !ok {
		c.add("%s leads to %q, which is no state", what, t.To)
	}
	if len(t.From) == 0 {
		c.add("%s leads from nowhere", what)
	}
	for _, from := range t.From {
		if _, ok := c.states[from]; !ok {
			c.add("%s leads from %q, which is no state", what, from)
		}
		same := 0
		for _, o := range c.m.leaving(from) {
			if o.Event == t.Event {
				same++
			}
		}
		if same > 1 {
			c.add("%s in state %s leads to more than one place", what, from)
		}
	}
	for _, e := range t.NotBy {
		if e != Started && !slices.ContainsFunc(c.m.Transitions, func(o Transition) bool { return o.Event == e }) {
			c.add("%s may not be by whoever did %q, which is no event", what, e)
		}
	}
	names := map[string]bool{}
	for _, f := range append(slices.Clone(t.Required), t.Optional...) {
		c.field(what, f)
		if names[f.Name] {
			c.add("%s has the field %s twice", what, f.Name)
		}
		names[f.Name] = true
	}
	for _, g := range t.Guards {
		c.titled("guard "+g.Name+" of "+what, g.Title)
		if g.Holds == nil {
			c.add("guard %s of %s asks nothing", g.Name, what)
		}
	}
}

func (c *checker) field(what string, f Field) {
	c.titled("field "+f.Name+" of "+what, f.Title)
	if f.Name == "" {
		c.add("%s has a field without a name", what)
	}
	switch f.Kind {
	case "", KindText, KindDate, KindNumber, KindFile, KindBool:
		if f.Choices != nil {
			c.add("field %s of %s has choices, but is none", f.Name, what)
		}
	case KindChoice:
		if len(f.Choices) == 0 {
			c.add("field %s of %s has no choices", f.Name, what)
		}
	default:
		c.add("field %s of %s is of kind %q", f.Name, what, f.Kind)
	}
}

// walk asks of each state whether it can be reached, and whether it ends.
func (c *checker) walk() {
	reached := map[State]bool{c.m.Initial: true}
	for todo := []State{c.m.Initial}; len(todo) > 0; {
		s := todo[0]
		todo = todo[1:]
		for _, t := range c.m.leaving(s) {
			if !reached[t.To] {
				reached[t.To] = true
				todo = append(todo, t.To)
			}
		}
	}
	// ends grows from the final and the endless states backwards
	ends := map[State]bool{}
	for grown := true; grown; {
		grown = false
		for _, d := range c.m.States {
			if ends[d.Name] {
				continue
			}
			if d.Final || d.Endless != "" || slices.ContainsFunc(c.m.leaving(d.Name), func(t *Transition) bool { return ends[t.To] }) {
				ends[d.Name], grown = true, true
			}
		}
	}
	for _, d := range c.m.States {
		if !reached[d.Name] {
			c.add("state %s cannot be reached", d.Name)
		}
		if !ends[d.Name] {
			c.add("state %s is a dead end: no final state can be reached from it", d.Name)
		}
	}
}
