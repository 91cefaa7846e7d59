package exchange

import (
	"time"

	"onecity/internal/flow"
)

// Action is the right to join other systems; it reaches a partner by its Region.
const Action = "incident.partner"

// Kinds of partners.
const (
	Webhook = "webhook" // gets signed CloudEvents, may send such
	Open311 = "open311" // gets cases that are handed over, by GeoReport v2
)

// Partner 对接系统 is another system.
type Partner struct {
	// ID is 2–40 small letters, digits and hyphens; a case that is handed over
	// names it (the field partner of the event hand-over).
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"` // Webhook, Open311
	// URL is where webhooks go, or the base of GeoReport v2, before /requests.json.
	// A webhook partner without one only sends.
	URL string `json:"url"`
	// Region is what it may hear of and report in, with all inside; "": the whole city.
	Region string `json:"region"`
	// Classes are the beginnings of the classes that it hears of; empty: all.
	Classes []string `json:"classes"`
	// Events are those that it hears of, such as "established", "closed",
	// "updated", "warning"; empty: all. A case that it was handed it always hears of.
	Events []string `json:"events"`
	// Grade 数据分级 is the highest that it may see, as access has it.
	Grade int `json:"grade"`
	// Reports lets it bring reports in.
	Reports bool `json:"reports"`
	// Jurisdiction is Open311's jurisdiction_id, if it wants one; Services turns our classes
	// into its service codes, a class that is not there goes under its own code.
	Jurisdiction string            `json:"jurisdiction,omitempty"`
	Services     map[string]string `json:"services,omitempty"`
	// Keyed tells whether an Open311 partner's api_key is kept.
	Keyed bool `json:"keyed"`
	// On is whether anything goes out and comes in; Off says why the program
	// switched it off by itself.
	On  bool   `json:"on"`
	Off string `json:"off,omitempty"`
	// Secrets are those that are good now: during a change, two.
	Secrets []SigningSecret `json:"secrets"`
	Version int64           `json:"version"`
	Made    time.Time       `json:"made"`
	Updated time.Time       `json:"updated"`
	// Waiting, Dead and LastSent tell of its deliveries.
	Waiting  int        `json:"waiting"`
	Dead     int        `json:"dead"`
	LastSent *time.Time `json:"lastSent,omitempty"`
}

func (p Partner) item() flow.Item {
	return flow.Item{Machine: "exchange.partner", ID: p.ID, Region: p.Region}
}

// SigningSecret is what both sides sign with; its text is given once, when it is made.
type SigningSecret struct {
	Made  time.Time  `json:"made"`
	Until *time.Time `json:"until,omitempty"` // nil: without end
}

// States of a Delivery.
const (
	Waiting = "waiting" // 待发送, or to be tried again
	Sent    = "sent"    // 已送达
	Dead    = "dead"    // 已放弃
)

// Delivery 投递 is one message to a partner.
type Delivery struct {
	// ID is the webhook-id, the same at each attempt.
	ID      string    `json:"id"`
	Partner string    `json:"partner"`
	Type    string    `json:"type"`             // of the CloudEvent; "open311" for a case that is handed over so
	Object  string    `json:"object,omitempty"` // the case, the warning
	Version int64     `json:"version"`
	Made    time.Time `json:"made"`
	State   string    `json:"state"`
	// Attempts counts how often it was tried; Next is when it is tried again.
	Attempts int        `json:"attempts"`
	Next     *time.Time `json:"next,omitempty"`
	Tried    *time.Time `json:"tried,omitempty"`
	SentAt   *time.Time `json:"sentAt,omitempty"`
	// Status is the last answer's HTTP status, 0: none; Millis how long it took.
	Status int    `json:"status,omitempty"`
	Millis int64  `json:"millis,omitempty"`
	Error  string `json:"error,omitempty"`
	// Remote is the partner's own number of a case that it was handed by Open311,
	// RemoteStatus what it said of it last ("open", "closed").
	Remote       string `json:"remote,omitempty"`
	RemoteStatus string `json:"remoteStatus,omitempty"`
}

// DeliveryFilter narrows a list of deliveries, the newest first.
type DeliveryFilter struct {
	State  string
	Object string
	Before string // a delivery's ID: those made before it
	Limit  int    // ≤ 200; 0: 50
}
