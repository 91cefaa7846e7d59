package flow

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// Text is a word for people: Chinese first, English beside.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// State is the name of a state, Event that of a transition: words of small
// letters and hyphens.
type (
	State string
	Event string
)

// Machine is one kind of work. It is made once and never changed.
type Machine struct {
	Name        string // "identity.app"
	Title       Text
	Initial     State
	States      []StateDef
	Transitions []Transition
}

// StateDef is one state. A state that is not Final waits for somebody: it has
// a Clock, or says why it needs none (Endless, such as "live").
type StateDef struct {
	Name    State
	Title   Text
	Final   bool
	Endless string
	Clock   *Clock
}

// Clock says how long a state may last. Working counts the hours of working
// days 工作日 by the calendar; otherwise it is plain time.
type Clock struct {
	Limit   time.Duration
	Working bool
	Warn    float64 // part of Limit after which a warning is due, such as 0.8
	// Escalate is the event that is fired by "system" when the time is over;
	// empty: the work is overdue and goes to the next level's list
	Escalate Event
}

// Transition leads from any of From to To.
type Transition struct {
	Event Event
	Title Text
	From  []State
	To    State
	// Action is what a subject must be allowed to do on the object, such as
	// "identity.app.approve"; "system" for transitions that only the program makes.
	Action string
	// Required are fields of the input that must be given, each with its words.
	Required []Field
	// Guards must all agree; each refusal is told.
	Guards []Guard
	// NotBy is an earlier event whose actor may not be this one's (four eyes 双人复核).
	NotBy Event
	// Do is the module's own change, in the same transaction.
	Do func(ctx context.Context, tx pgx.Tx, c Change) error
}

// Field is one field of a transition's input.
type Field struct {
	Name  string
	Title Text
	Kind  string // "text", "choice", "date", "file", "number"
	// Choices of a "choice".
	Choices []string
	MaxLen  int
}

// Guard is a condition with words that say what is wrong when it does not hold.
type Guard struct {
	Name  string
	Title Text
	Holds func(ctx context.Context, tx pgx.Tx, c Change) (bool, error)
}

// Item is one piece of work: an instance of a machine.
type Item struct {
	Machine string
	ID      string // the object's, such as "app:portal"
	Title   string
	State   State
	Version int64
	Region  string // code of where it is
	Org     string // path of the organisation that owns it
	Subject string // whom it waits for in person; empty: all who may
	Since   time.Time
	Due     *time.Time // nil: the state has no clock
	WarnAt  *time.Time
	Level   int // how often it was escalated
	Data    json.RawMessage
}

// Change is a transition as it happens.
type Change struct {
	Item  Item // before
	Event Event
	To    State
	Actor Actor
	Input map[string]json.RawMessage
	Why   string
	Now   time.Time
}

// Actor is who acts. Allow answers whether they may do action on an item;
// access.Subject is what the server gives.
type Actor struct {
	Subject string
	From    string // address
	Session string
	Allow   func(action string, it Item) bool
}
