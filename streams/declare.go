package streams

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams. $MQTT_msgs is the server's own name for where it stores QoS 1
// messages before it answers PUBACK; we declare it first, with bounds.
const (
	cityStream   = "CITY"
	deadStream   = "DEAD"
	mediaStream  = "MEDIA"
	deviceStream = "$MQTT_msgs"
	// As are these, in an embedded server.
	retainedStream = "$MQTT_rmsgs"
	sessionStream  = "$MQTT_sess"
)

// boundOfMQTT is what each of those two may hold: a hundred thousand devices.
const boundOfMQTT = 64 << 20

// The subjects.
const (
	citySubject    = "city."       // city.<kind>, see subjectOf
	deadSubject    = "dead.letter" // one subject: letters are listed, not routed
	mediaSubject   = "media."      // media.<hex of the name>
	topicSubject   = "onecity.v1." // MQTT topic onecity/v1/<id>/…
	storedSubject  = "$MQTT.msgs." // where the server stores a QoS 1 message
	deviceSubjects = storedSubject + topicSubject + ">"
)

// deviceConsumer is durable: it holds what devices said until it is in CITY.
const deviceConsumer = "onecity-devices"

// window is how long the broker remembers Type + Source + ID; later repeats are the
// fold's to drop.
const window = 10 * time.Minute

// table is every stream of the program. Discard New everywhere that a sender
// was told yes: full means refused, never forgotten.
func (o Options) table() []jetstream.StreamConfig {
	return []jetstream.StreamConfig{
		{
			Name:        cityStream,
			Description: "facts of the city, in one order; the model is a fold of it",
			Subjects:    []string{citySubject + ">"},
			Retention:   jetstream.LimitsPolicy,
			Discard:     jetstream.DiscardNew,
			MaxBytes:    o.MaxBytes,
			Duplicates:  window,
		},
		{
			Name:        deviceStream,
			Description: "what devices published, until it is in CITY",
			Subjects:    []string{storedSubject + ">"},
			Retention:   jetstream.InterestPolicy,
			Discard:     jetstream.DiscardNew,
			MaxBytes:    max(o.MaxBytes/4, 1<<20),
		},
		{
			Name:        deadStream,
			Description: "what was sent and not accepted, until a person has mended it",
			Subjects:    []string{deadSubject},
			Retention:   jetstream.LimitsPolicy,
			Discard:     jetstream.DiscardOld,
			MaxBytes:    max(o.MaxBytes/8, 1<<20),
			MaxAge:      90 * 24 * time.Hour,
			AllowDirect: true,
		},
		{
			Name:              mediaStream,
			Description:       "photos, by name",
			Subjects:          []string{mediaSubject + ">"},
			Retention:         jetstream.LimitsPolicy,
			Discard:           jetstream.DiscardNew,
			MaxBytes:          o.MaxBytes,
			MaxMsgsPerSubject: 1,
			AllowDirect:       true,
		},
	}
}

// mqttTable is what the embedded server would make itself without a bound: the
// last retained message of each topic, and the session of each client id.
func (o Options) mqttTable() []jetstream.StreamConfig {
	bound := min(o.MaxBytes, boundOfMQTT)
	return []jetstream.StreamConfig{
		{
			// A retained message that does not fit is not retained; it is heard
			// like any other.
			Name:              retainedStream,
			Description:       "the last retained message of each MQTT topic",
			Subjects:          []string{"$MQTT.rmsgs.>"},
			Retention:         jetstream.LimitsPolicy,
			Discard:           jetstream.DiscardNew,
			MaxBytes:          bound,
			MaxMsgsPerSubject: 1,
		},
		{
			// A client whose session was dropped begins a new one: nobody can
			// keep others out by taking many names.
			Name:              sessionStream,
			Description:       "the sessions of MQTT clients",
			Subjects:          []string{"$MQTT.sess.>"},
			Retention:         jetstream.LimitsPolicy,
			Discard:           jetstream.DiscardOld,
			MaxBytes:          bound,
			MaxMsgsPerSubject: 1,
		},
	}
}

// consumer is the one durable consumer. Readers of CITY keep their own
// position and need none.
func consumer() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       deviceConsumer,
		Description:   "moves what devices said into CITY",
		FilterSubject: deviceSubjects,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       5 * time.Second,
		MaxAckPending: 8192,
	}
}

// declare makes the streams and the consumer. An embedded server's streams
// follow the table; those of an external server that exist already are its
// administrator's (replicas, limits) and are left as they are.
func (b *Broker) declare(ctx context.Context) error {
	table := b.opts.table()
	if b.srv != nil {
		table = append(table, b.opts.mqttTable()...)
	}
	for _, want := range table {
		want.Storage = jetstream.FileStorage
		want.Replicas = b.opts.Replicas
		s, err := b.js.Stream(ctx, want.Name)
		switch {
		case errors.Is(err, jetstream.ErrStreamNotFound):
			s, err = b.js.CreateStream(ctx, want)
		case err == nil && b.srv != nil:
			s, err = b.js.UpdateStream(ctx, want)
		}
		if err != nil {
			return fmt.Errorf("declare stream %s: %w", want.Name, err)
		}
		if want.Name == cityStream {
			b.epoch = epochOf(s.CachedInfo().Created)
		}
	}
	// The consumer is what makes the device stream keep anything at all
	// (interest retention), so it exists before any device can sign in.
	if _, err := b.js.CreateOrUpdateConsumer(ctx, deviceStream, consumer()); err != nil {
		return fmt.Errorf("declare consumer %s: %w", deviceConsumer, err)
	}
	return nil
}
