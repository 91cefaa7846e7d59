package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"onecity/cim"
)

// Reading is an Observation as a sender writes it: the time may be left out
// (the Gate's clock then), and the value may be in another unit than the
// register's.
type Reading struct {
	Device   string       `json:"device"`
	Property cim.Property `json:"property"`
	Time     time.Time    `json:"time,omitzero"`
	Value    float64      `json:"value"`
	// Unit is a UCUM code; empty means the property's own.
	Unit string `json:"unit,omitempty"`
}

// Readings takes a batch of Readings; the contract of [Gate.Observations].
func (g *Gate) Readings(ctx context.Context, source, id string, rs []Reading) (Accepted, error) {
	if p := checkBatch(source, id, len(rs)); p != nil {
		return Accepted{Rejected: len(rs), Problems: []Problem{*p}}, nil
	}
	b, _ := g.begin(source, id, len(rs))
	good := make([]cim.Observation, 0, len(rs))
	for i := range rs {
		r := &rs[i]
		o := cim.Observation{Device: r.Device, Property: r.Property, Time: r.Time, Value: r.Value}
		p := convert(&o, r.Unit)
		if p == nil {
			p = b.observation(&o)
		}
		if p != nil {
			b.add(i, p)
			continue
		}
		good = append(good, o)
	}
	good = inOrder(good)
	return b.store(ctx, "onecity.observations.v1", len(good), func(from, to int) []byte {
		return appendObservations(make([]byte, 0, 64+128*(to-from)), good[from:to])
	})
}

// convert puts o's value into the property's own unit.
func convert(o *cim.Observation, unit string) *Problem {
	if unit == "" {
		return nil
	}
	info, ok := cim.PropertyOf(o.Property)
	if !ok || unit == info.Unit {
		return nil // an unknown property is said by the check that follows
	}
	v, ok := info.Convert(o.Value, unit)
	if !ok {
		return unknown("/unit", unit, CodeWrongUnit,
			fmt.Sprintf("%s 的单位不能换算 / the unit of %s cannot be converted", info.Name, info.NameEn), info.Unit+" (UCUM)")
	}
	o.Value = v
	return nil
}

// Message is a body of POST /api/v1/observations: a batch, or one bare
// observation.
type Message struct {
	ID     string
	Source string
	// Readings that could be read at all; Items are their places in the batch
	// as it was sent, nil when none is missing.
	Readings []Reading
	Items    []int
	// Refused are those that could not be.
	Refused Accepted
}

// ParseObservations reads a body of POST /api/v1/observations. One reading
// that is no reading (a value "abc", a time that is none) does not spoil the
// others; a body that is no JSON is an error.
func ParseObservations(body []byte) (Message, error) {
	var whole struct {
		ID           string    `json:"id"`
		Source       string    `json:"source"`
		Observations []Reading `json:"observations"`
		Reading
	}
	if err := json.Unmarshal(body, &whole); err == nil {
		m := Message{ID: whole.ID, Source: whole.Source, Readings: whole.Observations}
		if whole.Observations == nil && whole.Device != "" {
			m.Readings = []Reading{whole.Reading}
		}
		return m, nil
	}
	return parseLoosely(body)
}

// parseLoosely reads item by item, for a body of which some item is malformed.
func parseLoosely(body []byte) (Message, error) {
	var loose struct {
		ID           string            `json:"id"`
		Source       string            `json:"source"`
		Observations []json.RawMessage `json:"observations"`
	}
	if err := json.Unmarshal(body, &loose); err != nil {
		return Message{}, fmt.Errorf("read observations: %w", err)
	}
	items := loose.Observations
	if items == nil {
		items = []json.RawMessage{body}
	}
	m := Message{ID: loose.ID, Source: loose.Source}
	f := findings{max: MaxProblems}
	for i, item := range items {
		var r Reading
		if err := json.Unmarshal(item, &r); err != nil {
			f.add(i, MalformedJSON("", item, err))
			continue
		}
		m.Readings = append(m.Readings, r)
		m.Items = append(m.Items, i)
	}
	m.Refused = Accepted{Rejected: f.rejected, Problems: f.problems}
	return m, nil
}
