package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"onecity/cim"
	"onecity/streams"
)

// TypeTold is what a sender says of an incident that it reported before: its
// own system has moved on. Those who handle the incident take it into its
// timeline; the model does not follow it.
const TypeTold = cim.OfficePrefix + "incident.told.v1"

// Told is the body of a TypeTold.
type Told struct {
	Event  string     `json:"event"` // names the word: said twice, it is kept once
	ID     string     `json:"id"`    // the incident's
	Status cim.Status `json:"status,omitempty"`
	Note   string     `json:"note,omitempty"`
	Source string     `json:"source"`
	At     time.Time  `json:"at,omitzero"`
}

// Told stores what a sender says of an incident that the city knows, synced
// before it returns. The same words of the same incident are one fact.
// ErrUnknownIncident, [Problems] for what is wrong with them.
func (g *Gate) Told(ctx context.Context, source string, t Told) error {
	in, ok := g.FindIncident(t.ID)
	if !ok {
		return fmt.Errorf("take what %s says of incident %s: %w", source, Shorten(t.ID), ErrUnknownIncident)
	}
	if ps := g.told(&t, &in); len(ps) > 0 {
		return ps
	}
	if g.dry {
		return nil
	}
	sum := sha256.Sum256([]byte(t.ID + "\x00" + string(t.Status) + "\x00" + t.Note))
	t.Event, t.Source = t.ID+"/told/"+hex.EncodeToString(sum[:8]), source
	if t.At.IsZero() {
		t.At = g.now()
	}
	data, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write what %s says of incident %s: %w", source, t.ID, err)
	}
	if err := g.out.Publish(ctx, streams.Event{ID: t.Event, Source: source, Type: TypeTold, Time: t.At, Data: data}, streams.Synced); err != nil {
		return fmt.Errorf("store what %s says of incident %s: %w", source, t.ID, err)
	}
	return nil
}

func (g *Gate) told(t *Told, in *cim.Incident) (ps Problems) {
	if p := g.reach("update", "/id", t.ID, in.Region); p != nil {
		return Problems{*p}
	}
	if t.Status == "" && t.Note == "" {
		ps = append(ps, Problem{Field: "/", Code: CodeMissing, Message: "没有内容 / nothing is said", Expected: "status or note"})
	}
	if t.Status != "" && !KnownStatus(t.Status) {
		ps = append(ps, *unknown("/status", string(t.Status), CodeUnknownCode, "案件状态未定义 / no such status", "reported, accepted, …"))
	}
	if p := checkText("/note", t.Note, MaxText); p != nil {
		ps = append(ps, *p)
	}
	return ps
}

// KnowsUnit tells whether a unit is registered.
func (g *Gate) KnowsUnit(id string) bool {
	if _, ok := g.City().Unit(id); ok {
		return true
	}
	_, ok := g.units.get(id)
	return ok
}
