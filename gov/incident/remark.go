package incident

import (
	"context"
	"fmt"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// Remark is what somebody says of a case; the same ID again is the same remark.
type Remark struct {
	ID   string `json:"id,omitempty"`
	Text string `json:"text"`
}

// Note 批注 keeps a remark in the timeline. It needs incident.handle,
// incident.report or incident.urge there.
func (s *Service) Note(ctx context.Context, by flow.Actor, id string, r Remark) (Case, error) {
	return s.remark(ctx, by, id, kindNote, r, actHandle, actReport, actUrge)
}

// Urge 督办 lets whoever has the case know that somebody looks at it; the more
// often, the further up it stands in the queue. It needs incident.urge there.
func (s *Service) Urge(ctx context.Context, by flow.Actor, id string, r Remark) (Case, error) {
	return s.remark(ctx, by, id, kindUrge, r, actUrge)
}

// Backup 请求支援 is a call for help from who handles a case. It needs
// incident.handle there.
func (s *Service) Backup(ctx context.Context, by flow.Actor, id string, r Remark) (Case, error) {
	return s.remark(ctx, by, id, kindBackup, r, actHandle)
}

func (s *Service) remark(ctx context.Context, by flow.Actor, id, kind string, r Remark, actions ...string) (Case, error) {
	r.Text = clean(r.Text)
	switch {
	case r.Text == "" && kind == kindNote:
		return Case{}, &Invalid{Field: "text", Why: words("必填", "is missing")}
	case cut(r.Text, maxText) != r.Text:
		return Case{}, &Invalid{Field: "text", Why: words("过长", "is too long")}
	}
	return s.once(ctx, by.Subject, r.ID, []any{id, kind, r.Text}, func(ctx context.Context, tx pgx.Tx) (Case, error) {
		item, err := s.lock(ctx, tx, id)
		if err != nil {
			return Case{}, err
		}
		if !anyOf(by, item, actions) {
			return Case{}, fmt.Errorf("%s of case %s: %w", kind, id, ErrNotAllowed)
		}
		c, _, err := load(ctx, tx, id)
		if err != nil {
			return Case{}, err
		}
		if kind == kindUrge && ended(c.State) {
			return Case{}, fmt.Errorf("urge case %s, which is %s: %w", id, c.State, flow.ErrNoSuchEvent)
		}
		if kind == kindUrge {
			c.Urged++
		}
		return c, s.save(ctx, tx, &c, Entry{At: micro(s.opt.Now()), Kind: kind, State: c.State, By: by.Subject,
			ByName: s.opt.Name(ctx, by.Subject), Text: r.Text, Unit: c.Unit})
	})
}

// anyOf reports whether an actor may do one of the actions on an item; the
// program may.
func anyOf(by flow.Actor, it flow.Item, actions []string) bool {
	if by.Allow == nil {
		return by.Subject == flow.System().Subject
	}
	for _, a := range actions {
		if by.Allow(a, it) {
			return true
		}
	}
	return false
}
