package camera

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Errors that a sender can do something about.
var (
	// ErrSignature: the message is not signed by a secret of this partner. There
	// may be no such partner: that is not told.
	ErrSignature = errors.New("the signature is not good")
	// ErrMalformed: the event cannot be read, or a field is wrong.
	ErrMalformed = errors.New("the event cannot be read")
	// ErrTooLarge: the picture is over the limit.
	ErrTooLarge = errors.New("the picture is too large")
	// ErrNotImage: the picture is none.
	ErrNotImage = errors.New("the picture is not an image")
	// ErrTaken of a Gate: the incident is there already.
	ErrTaken = errors.New("the incident is there already")
	// ErrNotFound, ErrConflict, ErrRefused: of settings.
	ErrNotFound = errors.New("there is no such camera partner")
	ErrConflict = errors.New("the settings were changed by somebody else in between")
	ErrRefused  = errors.New("the rights do not reach this region")
)

// Event is what a camera saw.
type Event struct {
	// ID is the sender's: the same again is the same event.
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	// Camera is the id of its device, or the partner's own name of it.
	Camera string `json:"camera"`
	// Kind is the partner's word for it, such as "street-vending".
	Kind string `json:"kind"`
	// Confidence of the recognition, 0 … 1.
	Confidence float64 `json:"confidence"`
	// Lon and Lat, CGCS2000; without them it is where the camera's device stands.
	Lon *float64 `json:"lon,omitempty"`
	Lat *float64 `json:"lat,omitempty"`
	// Picture in base64, with or without "data:image/jpeg;base64," before it; a
	// multipart message has it in its part "picture".
	Picture string `json:"picture,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Receipt is the answer to an event.
type Receipt struct {
	ID string `json:"id"`
	// Incident that was opened, now or before; "" when none was.
	Incident string `json:"incident,omitempty"`
	// Outcome is "opened", "duplicate", "below-confidence" or "kind-not-mapped".
	Outcome string `json:"outcome"`
}

// Outcomes of an event.
const (
	Opened    = "opened"
	Duplicate = "duplicate"
	Below     = "below-confidence"
	Unmapped  = "kind-not-mapped"
)

// Meaning is what a kind of events means here.
type Meaning struct {
	Kind       string  `json:"kind" maxLength:"100" doc:"对方的事件类型 The partner's kind of events"`
	Class      string  `json:"class" maxLength:"16" doc:"案件类别 Class of the incident"`
	Severity   int     `json:"severity" minimum:"1" maximum:"4"`
	Confidence float64 `json:"confidence" minimum:"0" maximum:"1" doc:"最低置信度 Least confidence"`
	Text       string  `json:"text,omitempty" maxLength:"200" doc:"案件描述 Description; empty is the class's name"`
}

// Settings are a partner whose cameras send, and what its events mean.
type Settings struct {
	Partner string    `json:"partner" doc:"编号 2–40 small letters, digits and hyphens"`
	Name    string    `json:"name" maxLength:"100"`
	Region  string    `json:"region" maxLength:"15" doc:"区域代码 Region in which it may report"`
	On      bool      `json:"on"`
	Kinds   []Meaning `json:"kinds" maxItems:"200"`
	Version int64     `json:"version,omitempty"`
	// Keyed tells whether it has a secret.
	Keyed bool `json:"keyed"`
}

// Report is the incident that is to be opened.
type Report struct {
	ID          string
	Partner     string
	Camera      string
	Class       string
	Severity    int
	Title       string
	Description string
	Lon, Lat    float64
	Time        time.Time
	Photos      []string
}

// Gate is the way in of incidents: it returns when the report is durable.
// ErrTaken when it is there already.
type Gate interface {
	Open(ctx context.Context, r Report) error
}

// Pictures keeps pictures, named by what is in them, after a look at them:
// ErrNotImage, ErrTooLarge.
type Pictures interface {
	Keep(ctx context.Context, body []byte) (path string, err error)
}

// City tells of cameras, regions and classes.
type City interface {
	// Camera is where a camera's device stands.
	Camera(id string) (name string, lon, lat float64, ok bool)
	// At is the code of the deepest region at a place; "" outside.
	At(lon, lat float64) string
	RegionName(code string) string
	Class(code string) (name string, ok bool)
}

// Verify checks a signed message by the secrets (exchange.Verify).
type Verify func(h http.Header, secrets []string, now time.Time, body []byte) (id string, err error)
