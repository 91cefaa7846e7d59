package streams

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DeviceMessage is what a device published over MQTT, as it came.
type DeviceMessage struct {
	Device string // from the topic, which its credentials allow
	Topic  string // the rest of the topic: "telemetry", "position"
	Seq    uint64 // the broker's number of the message: its id
	At     time.Time
	Body   []byte
}

// ConsumeDevices hands over what devices published, in batches of what is
// there, at most max; they are kept until fn returns nil, and handed over
// again (also after a restart) until it does: fn must be able to take a
// message twice. It blocks until ctx ends. Several nodes may consume at once
// and share the work.
//
// QoS 1 (and 2) messages are stored before the device has its PUBACK. QoS 0
// messages are lifted into the same stream as they pass: best effort, as the
// device asked.
func (b *Broker) ConsumeDevices(ctx context.Context, max int, fn func([]DeviceMessage) error) error {
	c, err := b.js.Consumer(ctx, deviceStream, deviceConsumer)
	if err != nil {
		return fmt.Errorf("consume device messages: %w", err)
	}
	msgs, stop, err := b.pump(ctx, c)
	if err != nil {
		return fmt.Errorf("consume device messages: %w", err)
	}
	defer stop()
	raw := make([]jetstream.Msg, 0, max)
	batch := make([]DeviceMessage, 0, max)
	for {
		raw, batch = raw[:0], batch[:0]
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m := <-msgs:
			raw = append(raw, m)
		}
	fill:
		for len(raw) < max {
			select {
			case m := <-msgs:
				raw = append(raw, m)
			default:
				break fill
			}
		}
		for _, m := range raw {
			if d, ok := deviceMessage(m); ok {
				batch = append(batch, d)
			}
		}
		if err := b.deliver(ctx, raw, batch, fn); err != nil {
			return err
		}
	}
}

// deliver calls fn until it takes the batch, then lets the broker forget it.
func (b *Broker) deliver(ctx context.Context, raw []jetstream.Msg, batch []DeviceMessage, fn func([]DeviceMessage) error) error {
	for wait := 50 * time.Millisecond; len(batch) > 0; wait = min(2*wait, 2*time.Second) {
		err := fn(batch)
		if err == nil {
			break
		}
		b.opts.Log.Warn("device messages were not taken, trying again", "messages", len(batch), "wait", wait, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		for _, m := range raw {
			_ = m.InProgress() // a lost one costs a repeat
		}
	}
	for _, m := range raw {
		if err := m.Ack(); err != nil {
			return fmt.Errorf("acknowledge a device message: %w", err)
		}
	}
	return nil
}

// deviceMessage reads a stored MQTT message; ok is false for a topic without
// anything below the id, which says nothing.
func deviceMessage(m jetstream.Msg) (DeviceMessage, bool) {
	rest, ok := strings.CutPrefix(m.Subject(), storedSubject+topicSubject)
	if !ok {
		return DeviceMessage{}, false
	}
	id, topic, ok := strings.Cut(rest, ".")
	if !ok {
		return DeviceMessage{}, false
	}
	meta, err := m.Metadata()
	if err != nil {
		return DeviceMessage{}, false
	}
	return DeviceMessage{
		Device: id,
		Topic:  strings.ReplaceAll(topic, ".", "/"),
		Seq:    meta.Sequence.Stream,
		At:     meta.Timestamp,
		Body:   m.Data(),
	}, true
}

// qosHeader is how the server marks a message that came over MQTT, with its
// quality of service.
const qosHeader = "Nmqtt-Pub"

// liftQoS0 stores what devices publish at QoS 0, which the server only passes
// on. With several nodes one of them does it (queue group).
func (b *Broker) liftQoS0() error {
	_, err := b.nc.QueueSubscribe(topicSubject+">", "onecity-qos0", func(m *nats.Msg) {
		if first(m.Header, qosHeader) != "0" {
			return
		}
		done, err := b.room.take(len(m.Data) + 1024)
		if err != nil {
			return
		}
		defer done()
		_ = b.nc.PublishMsg(&nats.Msg{Subject: storedSubject + m.Subject, Header: m.Header, Data: m.Data})
	})
	if err != nil {
		return fmt.Errorf("subscribe to what devices say: %w", err)
	}
	return nil
}
