package flow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Item is one piece of work: an instance of a machine.
type Item struct {
	Machine string          `json:"machine"`
	ID      string          `json:"id"` // the object's, such as "app:portal"; unique within its machine
	Title   string          `json:"title"`
	State   State           `json:"state"`
	Version int64           `json:"version"` // 1 at the start, one more with each transition
	Region  string          `json:"region"`  // code of where it is
	Org     string          `json:"org"`     // path of the organisation that owns it
	Subject string          `json:"subject"` // whom it waits for in person; empty: all who may
	Since   time.Time       `json:"since"`   // when it came into its state
	Due     *time.Time      `json:"due"`     // nil: the state has no clock
	WarnAt  *time.Time      `json:"warnAt"`
	Level   int             `json:"level"` // how often it was escalated in this state
	Data    json.RawMessage `json:"data"`

	hands    []string   // "event actor" of the events that some NotBy names
	strikeAt *time.Time // when its clock strikes next
	clockJob *int64     // the job that lets it strike
}

// The most an item may carry: it is read whole into every list.
const (
	maxTitle = 500     // characters
	maxCode  = 200     // bytes of an id, a code, a path, a subject
	maxData  = 1 << 16 // bytes
)

// check says what of an item cannot be kept; the answer is an ErrIncomplete.
func (it Item) check(why string) error {
	if it.ID == "" || strings.TrimSpace(it.Title) == "" {
		return fmt.Errorf("%w: an item needs an id and a title", ErrIncomplete)
	}
	for _, code := range []string{it.ID, it.Region, it.Org, it.Subject} {
		if len(code) > maxCode || !utf8.ValidString(code) || strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' }) {
			return fmt.Errorf("%w: %q is no code: at most %d bytes without blanks", ErrIncomplete, code, maxCode)
		}
	}
	if p, bad := badText(it.Title, maxTitle); bad {
		return fmt.Errorf("%w: the title %s", ErrIncomplete, p.EN)
	}
	if p, bad := badText(why, defaultMaxLen); bad {
		return fmt.Errorf("%w: the reason %s", ErrIncomplete, p.EN)
	}
	// jsonb has no NUL, however it is spelled
	if len(it.Data) > maxData || !json.Valid(it.Data) || !utf8.Valid(it.Data) || bytes.Contains(it.Data, []byte(`\u0000`)) {
		return fmt.Errorf("%w: the data are no JSON of at most %d bytes", ErrIncomplete, maxData)
	}
	return nil
}

// digest is a fingerprint of what an item says, for the audit log.
func (it Item) digest() string {
	// the fields that a person can tell apart; versions and times would make
	// the same state look different
	body, err := json.Marshal([]any{it.Machine, it.ID, it.Title, it.State, it.Region, it.Org, it.Subject, it.Level, it.Data})
	if err != nil {
		// Data is what the database gave as jsonb
		panic("flow: item cannot be told: " + err.Error())
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Change is a transition as it happens.
type Change struct {
	Item Item // before
	// Next is the item as it will be stored. Do may change its Title, Region,
	// Org, Subject and Data; anything else is not read.
	Next  *Item
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

	system bool
}

// System is the program itself as an actor: it may make the transitions that
// are BySystem or have System set, and begin any item. Nobody becomes it by a name.
func System() Actor {
	return Actor{Subject: "system", system: true}
}

// may answers whether the actor has the right to make a transition on an item.
func (a Actor) may(t *Transition, it Item) bool {
	switch {
	case a.system:
		return t.Action == BySystem || t.System
	case t.Action == BySystem:
		return false
	case t.Action == BySubject:
		return it.Subject != "" && a.Subject == it.Subject
	}
	return a.Allow != nil && a.Allow(t.Action, it)
}

// hand is how an item remembers who fired an event.
func hand(e Event, subject string) string { return string(e) + " " + subject }

// Command is what an actor wants done with an item.
type Command struct {
	Machine string
	ID      string
	Event   Event
	// Version is the item's as the actor saw it.
	Version int64
	// Input holds the transition's fields, each as JSON.
	Input map[string]json.RawMessage
	Why   string
}
