package flow

import (
	"encoding/json"
	"time"
)

// Offer is a transition that leads out of an item's present state, as an actor
// meets it.
type Offer struct {
	Event    Event   `json:"event"`
	Title    Text    `json:"title"`
	To       State   `json:"to"`
	ToTitle  Text    `json:"toTitle"`
	Required []Field `json:"required"`
	Optional []Field `json:"optional"`
	May      bool    `json:"may"`
	WhyNot   []Text  `json:"whyNot"` // empty when May
}

// Record is one line of an item's history.
type Record struct {
	Seq     int64           `json:"seq"`
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind"` // as Message.Kind
	Event   Event           `json:"event,omitempty"`
	From    State           `json:"from,omitempty"`
	State   State           `json:"state"`
	Version int64           `json:"version"`
	Actor   string          `json:"actor"`
	Why     string          `json:"why,omitempty"`
	Input   json.RawMessage `json:"input,omitempty"`
	Level   int             `json:"level,omitempty"`
}
