package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// Word is what a sender's own system says of an incident that it sent before.
type Word struct {
	Event  string    `json:"event,omitempty"` // the sender's name of the message: told twice, it is kept once
	ID     string    `json:"id"`              // of the case
	Status string    `json:"status,omitempty"`
	Note   string    `json:"note,omitempty"`
	Source string    `json:"source"`
	At     time.Time `json:"at,omitzero"`
}

// over are a sender's states that say that it is over.
var over = []string{"closed", "rejected", "resolved", "done", "cancelled"}

// Told takes a sender's word of its own incident into the timeline; one that
// says that it is over ends the case, unless it is at its end. ErrUnknown when
// there is no such case.
func (s *Service) Told(ctx context.Context, w Word) error {
	w.Note = cut(clean(w.Note), maxText)
	_, err := s.once(ctx, "told:"+w.Source, w.Event, []any{w.ID, w.Status, w.Note}, func(ctx context.Context, tx pgx.Tx) (Case, error) {
		return s.told(ctx, tx, w)
	})
	return err
}

func (s *Service) told(ctx context.Context, tx pgx.Tx, w Word) (Case, error) {
	if _, err := s.lock(ctx, tx, w.ID); err != nil {
		return Case{}, err
	}
	c, _, err := load(ctx, tx, w.ID)
	if err != nil {
		return Case{}, err
	}
	if slices.Contains(over, w.Status) && !ended(c.State) {
		note, err := json.Marshal(orElse(w.Note, w.Status))
		if err != nil {
			return Case{}, fmt.Errorf("read the note: %w", err)
		}
		return s.fire(ctx, tx, flow.System(), w.ID, Command{Event: SourceEnded, Input: map[string]json.RawMessage{"result": note}, At: w.At}, func(ch *change) {
			ch.entry.By, ch.entry.ByName = w.Source, s.opt.Name(ctx, w.Source)
		})
	}
	now := micro(s.opt.Now())
	e := Entry{At: now, Kind: kindTold, State: c.State, By: w.Source, ByName: s.opt.Name(ctx, w.Source),
		Text: strings.TrimSpace(w.Status + " " + w.Note)}
	if !w.At.IsZero() {
		e.DoneAt = differs(micro(w.At), now)
	}
	return c, s.save(ctx, tx, &c, e)
}

// lock keeps others from changing a case until the transaction ends.
func (s *Service) lock(ctx context.Context, tx pgx.Tx, id string) (flow.Item, error) {
	item, err := s.engine.LockTx(ctx, tx, MachineName, id)
	return item, unknown(id, err)
}

// ended reports whether nothing more is to be done in a state.
func ended(s flow.State) bool { return s == Closed || s == Rejected || s == Merged }
