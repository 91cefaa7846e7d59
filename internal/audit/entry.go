package audit

import (
	"encoding/json"
	"time"
)

// Entry is one thing that somebody did, or was refused.
type Entry struct {
	// ID is a UUIDv7, and At the time of the database; Append sets them when
	// they are empty.
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Actor is who did it: a subject's id ("person:…", "app:…", "device:…"), or
	// "system".
	Actor string `json:"actor"`
	// From is where they were: an address, and the session's id.
	From    string `json:"from,omitempty"`
	Session string `json:"session,omitempty"`
	// Action is what, in words with points: "identity.binding.grant".
	Action string `json:"action"`
	// Object is to what: "person:…", "incident:…".
	Object string `json:"object,omitempty"`
	// Region is where the object is, as a code: who may read the region's
	// entries may read this one.
	Region string `json:"region,omitempty"`
	// Org is the path of the organisation that the object belongs to, if any.
	Org string `json:"org,omitempty"`
	// Why is the reason that was given.
	Why string `json:"why,omitempty"`
	// Outcome is "done", "refused" or "failed".
	Outcome string `json:"outcome"`
	// Before and After are digests (hex) of the object's state; the same state
	// has the same digest.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Detail is what a person may want to read: fields that changed, the reason
	// of a refusal. It may hold personal data; it is not in the leaf, its
	// salted digest is.
	Detail json.RawMessage `json:"detail,omitempty"`
}

// Outcomes of an Entry.
const (
	Done    = "done"
	Refused = "refused"
	Failed  = "failed"
)
