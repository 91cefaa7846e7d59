package flow

import (
	"context"
	"encoding/json"
	"time"
)

// Kinds of Message that the engine itself sends; their Body is a [Fact].
const (
	KindStarted    = "flow.started"
	KindTransition = "flow.transition"
	KindWarning    = "flow.warning"   // a clock has reached its warning
	KindOverdue    = "flow.overdue"   // a clock has run out
	KindEscalation = "flow.escalated" // the Level was raised
)

// Message is one row of the outbox on its way to the broker.
type Message struct {
	ID     string    // UUID: the same each time this message is sent
	Seq    int64     // row id; of two changes of one item the later has the greater
	At     time.Time // when it was committed to the outbox
	Kind   string    // "flow.transition", or a module's own: "incident.reported"
	Object string    // the item's id
	Region string
	Org    string
	Body   json.RawMessage
}

// Fact tells of a change of an item: the Body of the engine's own messages.
type Fact struct {
	Machine string     `json:"machine"`
	ID      string     `json:"id"`
	Title   string     `json:"title"`
	Event   Event      `json:"event,omitempty"`
	From    State      `json:"from,omitempty"`
	State   State      `json:"state"`
	Version int64      `json:"version"`
	Actor   string     `json:"actor"`
	Subject string     `json:"subject,omitempty"`
	Due     *time.Time `json:"due,omitempty"`
	Level   int        `json:"level,omitempty"`
}

// Publish hands a message to the broker and returns when it is durable there,
// or will be when Options.Sync returns.
// It may be called again with a message of the same ID, which the broker drops.
type Publish func(ctx context.Context, m Message) error
