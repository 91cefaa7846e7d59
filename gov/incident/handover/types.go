package handover

import (
	"errors"
	"fmt"
	"time"
)

// The action that hand-overs need, in the note's region.
const need = "incident.dispatch"

// Bounds of a note.
const (
	MaxText  = 4000 // characters
	MaxItems = 200
	maxWord  = 200 // characters of a field of an item
)

// Note 交班记录 is what one shift leaves to the next.
type Note struct {
	// ID is the sender's: the same again is the same note.
	ID     string    `json:"id"`
	Region string    `json:"region"` // of the shift: the city's or a district's code
	By     string    `json:"by"`     // subject
	ByName string    `json:"byName,omitempty"`
	At     time.Time `json:"at"`
	Text   string    `json:"text"`
	Items  []Concern `json:"items"`
	// TakenBy signed it off, Taken when; empty while it waits.
	TakenBy   string     `json:"takenBy,omitempty"`
	TakenName string     `json:"takenName,omitempty"`
	Taken     *time.Time `json:"taken,omitempty"`
}

// Concern is a case 案件 that the next shift must know of, as it stood when the
// note was written.
type Concern struct {
	Case     string     `json:"case"`
	No       string     `json:"no,omitempty"`
	Title    string     `json:"title,omitempty"`
	State    string     `json:"state,omitempty"`
	Severity int        `json:"severity,omitempty"` // 1 特别重大 … 4 一般
	Due      *time.Time `json:"due,omitempty"`
	// Why it is on the list: "late" 超时, "grave" 重大, "urged" 督办, "promised" 已答复时限,
	// "picked" by the writer.
	Why  string `json:"why,omitempty"`
	Text string `json:"text,omitempty"`
}

// Errors of the package. A *TakenError tells who was faster.
var (
	ErrUnknown    = errors.New("no such hand-over")
	ErrNotAllowed = errors.New("who does not dispatch there hands nothing over")
	ErrOwn        = errors.New("a hand-over is signed off by somebody else than who wrote it")
)

// TakenError says that somebody else has signed the note off.
type TakenError struct{ Note Note }

func (e *TakenError) Error() string { return "the hand-over was signed off by " + e.Note.TakenBy }

// InvalidError says which field of a note cannot be kept, and why.
type InvalidError struct{ Field, ZH, EN string }

func (e *InvalidError) Error() string { return fmt.Sprintf("%s %s", e.Field, e.EN) }
