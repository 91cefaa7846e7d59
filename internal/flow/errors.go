package flow

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong with a command; errors.Is tells them apart.
var (
	// ErrConflict: somebody was faster. As *Conflict it carries the present item.
	ErrConflict = errors.New("the work has moved on meanwhile")
	// ErrNotAllowed: the actor has no right to it, or four eyes forbid it.
	ErrNotAllowed = errors.New("not allowed")
	// ErrNoSuchEvent: the present state knows no such event.
	ErrNoSuchEvent = errors.New("no such event in this state")
	// ErrIncomplete: fields are missing or wrong. As *Incomplete it names all of them.
	ErrIncomplete = errors.New("fields are missing or wrong")
	// ErrGuard: conditions do not hold. As *Refusal it names all of them.
	ErrGuard = errors.New("conditions do not hold")
	// ErrUnknown: there is no such machine or item.
	ErrUnknown = errors.New("no such work")
	// ErrExists: an item of that machine and id was begun before.
	ErrExists = errors.New("the work was begun before")
)

// Conflict is an ErrConflict.
type Conflict struct{ Present Item }

func (c *Conflict) Error() string {
	return fmt.Sprintf("%s %s is in state %s, version %d: %v",
		c.Present.Machine, c.Present.ID, c.Present.State, c.Present.Version, ErrConflict)
}
func (c *Conflict) Unwrap() error { return ErrConflict }

// FieldProblem is one field that is missing or wrong.
type FieldProblem struct {
	Name    string `json:"name"`
	Title   Text   `json:"title"`
	Problem Text   `json:"problem"`
}

// Incomplete is an ErrIncomplete.
type Incomplete struct{ Fields []FieldProblem }

func (i *Incomplete) Error() string {
	var parts []string
	for _, f := range i.Fields {
		parts = append(parts, f.Name+" "+f.Problem.EN)
	}
	return fmt.Sprintf("%v: %s", ErrIncomplete, strings.Join(parts, "; "))
}
func (i *Incomplete) Unwrap() error { return ErrIncomplete }

// GuardProblem is one condition that does not hold.
type GuardProblem struct {
	Name  string `json:"name"`
	Title Text   `json:"title"`
}

// Refusal is an ErrGuard.
type Refusal struct{ Guards []GuardProblem }

func (r *Refusal) Error() string {
	var parts []string
	for _, g := range r.Guards {
		parts = append(parts, g.Title.EN)
	}
	return fmt.Sprintf("%v: %s", ErrGuard, strings.Join(parts, "; "))
}
func (r *Refusal) Unwrap() error { return ErrGuard }
