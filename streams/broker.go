package streams

import (
	"context"
	"encoding/json"
	"time"
)

// Options say where the broker is and how much it may keep.
type Options struct {
	// Dir holds the embedded server's files. Ignored with URL.
	Dir string
	// URL of an external NATS server or cluster; empty means embedded.
	URL string
	// MQTT is the listen address of the embedded server's MQTT 3.1.1 listener,
	// such as "127.0.0.1:1883"; empty means none, port 0 picks one.
	MQTT string
	// Credentials answers whether a device may sign in over MQTT; it may then
	// publish below "onecity/v1/<id>/" and nowhere else.
	Credentials func(id, password string) bool
	// MaxBytes bounds the CITY stream on disk (default 8 GiB); a full stream
	// refuses new facts, it never drops old ones. MaxAge (default 72 h) ages
	// them out, long after history has them.
	MaxBytes int64
	MaxAge   time.Duration
}

// Broker is the open broker.
type Broker struct{}

// Open starts the embedded server, or connects, and declares the streams.
func Open(ctx context.Context, o Options) (*Broker, error) { panic("streams: under construction") }

// Close stops what Open started, after everything accepted is on disk.
func (b *Broker) Close() error { panic("streams: under construction") }

// MQTTAddr is where the MQTT listener is, "" without one.
func (b *Broker) MQTTAddr() string { panic("streams: under construction") }

// Epoch names this CITY stream's life (its creation): a position of another
// epoch means nothing.
func (b *Broker) Epoch() string { panic("streams: under construction") }

// Publish stores e in CITY as durably as asked. The same Source + ID again,
// within the window, is dropped by the broker and is no error. ErrFull when the
// disk or the stream is full, ErrTooLarge over MaxEventBytes.
func (b *Broker) Publish(ctx context.Context, e Event, d Durability) error {
	panic("streams: under construction")
}

// MaxEventBytes is the largest Data of an Event.
const MaxEventBytes = 4 << 20

// Consume calls fn with every event of CITY after position from, in order,
// until ctx ends or fn fails. It reconnects by itself. batchEnd is true on the
// last event that is there right now.
func (b *Broker) Consume(ctx context.Context, from uint64, fn func(e Received, batchEnd bool) error) error {
	panic("streams: under construction")
}

// Last is the position of the newest event of CITY, 0 when empty.
func (b *Broker) Last(ctx context.Context) (uint64, error) { panic("streams: under construction") }

// DeviceMessage is what a device published over MQTT, as it came.
type DeviceMessage struct {
	Device string // from the topic, which its credentials allow
	Topic  string // the rest of the topic: "telemetry", "position"
	Seq    uint64 // the broker's number of the message: its id
	At     time.Time
	Body   []byte
}

// ConsumeDevices hands over what devices published (QoS 1), in batches of what
// is there, at most max; they are kept until fn returns nil. It blocks until
// ctx ends.
func (b *Broker) ConsumeDevices(ctx context.Context, max int, fn func([]DeviceMessage) error) error {
	panic("streams: under construction")
}

// DeadLetter is something that was sent and not accepted, with the reasons.
type DeadLetter struct {
	Seq    uint64          `json:"seq"` // its number, given when it is buried
	At     time.Time       `json:"at"`
	Way    string          `json:"way"`    // "feeds/air-quality", "mqtt"
	Source string          `json:"source"` // file name, device id …
	Row    int             `json:"row,omitempty"`
	Body   []byte          `json:"body"`     // what was sent, as it came
	Why    json.RawMessage `json:"problems"` // []ingest.Problem
}

// Bury keeps a dead letter until it is mended; DeadLetters lists the newest
// after skipping some; Dig removes one, after it was sent again or given up.
func (b *Broker) Bury(ctx context.Context, l DeadLetter) error { panic("streams: under construction") }
func (b *Broker) DeadLetters(ctx context.Context, skip, limit int) (ls []DeadLetter, total int, err error) {
	panic("streams: under construction")
}
func (b *Broker) Dig(ctx context.Context, seq uint64) error { panic("streams: under construction") }

// PutMedia keeps a photo, synced, under name; Media reads it back.
func (b *Broker) PutMedia(ctx context.Context, name, contentType string, body []byte) error {
	panic("streams: under construction")
}
func (b *Broker) Media(ctx context.Context, name string) (body []byte, contentType string, err error) {
	panic("streams: under construction")
}
