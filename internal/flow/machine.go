package flow

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Text is a word for people: Chinese first, English beside.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// State is the name of a state, Event that of a transition: words of small
// letters, digits and hyphens.
type (
	State string
	Event string
)

// Started is the event under which history tells of an item's beginning; it
// may stand in Transition.NotBy: who began it may not be the one.
const Started Event = "start"

// Actions with a meaning of their own, in place of a right that access gives.
const (
	// BySystem: only the program makes this transition.
	BySystem = "system"
	// BySubject: only the person whom the item waits for (Item.Subject) makes it.
	BySubject = "subject"
)

// Machine is one kind of work. It is made once and never changed.
type Machine struct {
	Name    string // "identity.app"
	Title   Text
	Initial State
	// Start is the action that whoever begins an item must be allowed to do on
	// it ("identity.app.create"), or BySystem.
	Start       string
	States      []StateDef
	Transitions []Transition
	// Struck is told, in the transaction, what a clock has done to an item
	// (KindWarning, KindOverdue, KindEscalation); nil: nobody.
	Struck func(ctx context.Context, tx pgx.Tx, e *Engine, it Item, r Record) error
}

// StateDef is one state. A state that is not Final waits for somebody: it has
// a Clock, or says why it needs none (Endless, such as "in use until
// suspended"). Work in an Endless state is in nobody's list of what waits,
// unless it waits for one person (Item.Subject).
type StateDef struct {
	Name    State
	Title   Text
	Final   bool
	Endless string
	Clock   *Clock
}

// Clock says how long a state may last and what follows when it lasts longer.
type Clock struct {
	Limit Limit
	// For gives an item's own limit where limits differ by kind of work and are
	// data; nil or a zero answer: Limit. It must be quick and depend on nothing
	// but the item and the data it was made with.
	For func(it Item) Limit
	// Warn is the part of the limit after which a warning is due, such as 0.8;
	// 0: no warning.
	Warn float64
	// Escalate is the event that is fired by the program when the time is over;
	// empty: the item's Level is raised, and it stays, overdue.
	Escalate Event
	// Again raises the Level once more each time that so much plain time has
	// passed after the limit; 0: only once. Not together with Escalate.
	Again time.Duration
}

// Limit is a length of time; exactly one of the three is set.
type Limit struct {
	Plain   time.Duration // by the wall clock
	Working time.Duration // hours of work: nights and holidays do not count
	Days    int           // working days 工作日: the first day does not count, the last ends with its working hours
}

// Transition leads from any of From to To.
type Transition struct {
	Event Event
	Title Text
	From  []State
	To    State
	// Action is what an actor must be allowed to do on the item, such as
	// "identity.app.approve", or BySystem or BySubject.
	Action string
	// System: the program may make it too, such as when a clock runs out.
	System bool
	// Required are fields of the input that must be given, Optional those that may.
	Required []Field
	Optional []Field
	// Guards must all agree; each refusal is told.
	Guards []Guard
	// NotBy are earlier events: who ever fired one of them on this item may not
	// be this transition's actor (four eyes 双人复核).
	NotBy []Event
	// Do is the module's own change, in the same transaction. It may change
	// Title, Region, Org, Subject and Data of c.Next.
	Do func(ctx context.Context, tx pgx.Tx, c Change) error
}

// Kinds of Field.
const (
	KindText   = "text"   // a string that is not blank
	KindChoice = "choice" // one of Choices
	KindDate   = "date"   // "2026-11-24"
	KindNumber = "number"
	KindFile   = "file" // the id of a stored file
	KindBool   = "bool"
)

// Field is one field of a transition's input.
type Field struct {
	Name  string `json:"name"`
	Title Text   `json:"title"`
	Kind  string `json:"kind"` // see KindText …; empty: text
	// Choices of a KindChoice.
	Choices []string `json:"choices,omitempty"`
	// MaxLen is the most characters of a text; 0: 2000.
	MaxLen int `json:"maxLen,omitempty"`
}

// Guard is a condition with words that say what is wrong when it does not hold.
type Guard struct {
	Name  string
	Title Text
	Holds func(ctx context.Context, tx pgx.Tx, c Change) (bool, error)
}

// state finds a state's definition.
func (m *Machine) state(s State) (StateDef, bool) {
	for _, d := range m.States {
		if d.Name == s {
			return d, true
		}
	}
	return StateDef{}, false
}

// leaving are the transitions that lead out of a state, in the machine's order.
func (m *Machine) leaving(s State) []*Transition {
	var out []*Transition
	for i := range m.Transitions {
		for _, from := range m.Transitions[i].From {
			if from == s {
				out = append(out, &m.Transitions[i])
			}
		}
	}
	return out
}

// transition finds the one that an event makes in a state.
func (m *Machine) transition(s State, e Event) (*Transition, bool) {
	for _, t := range m.leaving(s) {
		if t.Event == e {
			return t, true
		}
	}
	return nil, false
}
