package hub

import (
	"encoding/json"
	"time"
)

// message is anything that the server says.
type message struct {
	Op      string              `json:"op"`
	ID      string              `json:"id"`
	View    string              `json:"view"`
	Epoch   string              `json:"epoch"`
	From    uint64              `json:"from"`
	Seq     uint64              `json:"seq"`
	Time    time.Time           `json:"time"`
	Reset   bool                `json:"reset"`
	Gone    map[string][]string `json:"gone"`
	Widgets map[string]any      `json:"widgets"`
	Problem map[string]any      `json:"problem"`
	layers  map[string][]map[string]any
}

var layerKeys = map[string]string{"cells": "cell", "devices": "id", "units": "id", "incidents": "id"}

// hear reads one message. Frames change the picture, after a check that each
// goes on exactly where the one before ended.
func (b *browser) hear() message {
	b.t.Helper()
	if err := b.conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		b.t.Fatal(err)
	}
	_, body, err := b.conn.ReadMessage()
	if err != nil {
		b.t.Fatalf("after %d frames: %v", b.got, err)
	}
	return b.take(body)
}

func (b *browser) take(body []byte) message {
	b.t.Helper()
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		b.t.Fatalf("not JSON: %v\n%s", err, body)
	}
	if m.Op != "frame" {
		return m
	}
	b.got++
	b.raw = append(b.raw, string(body))
	var rest map[string]json.RawMessage
	if err := json.Unmarshal(body, &rest); err != nil {
		b.t.Fatal(err)
	}
	switch {
	case m.Reset:
		b.reset++
		clear(b.layer)
	case m.From != b.seq || m.Epoch != b.epoch:
		b.t.Fatalf("a gap: the frame goes on from %d, the picture is at %d", m.From, b.seq)
	}
	if m.Seq <= b.seq && !m.Reset {
		b.t.Fatalf("a repeat: from %d to %d at %d", m.From, m.Seq, b.seq)
	}
	b.epoch, b.seq = m.Epoch, m.Seq
	m.layers = map[string][]map[string]any{}
	for layer, key := range layerKeys {
		if b.layer[layer] == nil {
			b.layer[layer] = map[string]map[string]any{}
		}
		var things []map[string]any
		if raw, ok := rest[layer]; ok {
			if err := json.Unmarshal(raw, &things); err != nil {
				b.t.Fatal(err)
			}
		}
		m.layers[layer] = things
		for _, th := range things {
			b.layer[layer][th[key].(string)] = th
		}
		for _, id := range m.Gone[layer] {
			delete(b.layer[layer], id)
		}
	}
	for name, w := range m.Widgets {
		b.draw[name] = w
	}
	return m
}

// until hears messages until the picture is as wanted.
func (b *browser) until(what string, ok func() bool) {
	b.t.Helper()
	for n := 0; !ok(); n++ {
		if n == 10_000 {
			b.t.Fatalf("never came: %s", what)
		}
		b.hear()
	}
}

// value is what a device last said, in the picture.
func (b *browser) value(device string) any {
	d := b.layer["devices"][device]
	if d == nil {
		return nil
	}
	values, _ := d["values"].(map[string]any)
	pair, _ := values["pm2_5"].([]any)
	if len(pair) == 0 {
		return nil
	}
	return pair[0]
}
