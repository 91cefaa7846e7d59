package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// Fire does what somebody wants done with a case, and answers with the case as
// it is then. A command that names an older state is a [Conflict], which tells
// who was faster; what did not move the case on, such as a note, makes no
// conflict. Version 0 is the case as it stands: for programs that answer to
// nothing they saw. Errors are flow's (ErrNotAllowed, ErrIncomplete, ErrGuard,
// ErrNoSuchEvent), ErrUnknown, ErrReused, and nothing has changed then.
func (s *Service) Fire(ctx context.Context, by flow.Actor, id string, c Command) (Case, error) {
	switch c.Event {
	case Merge:
		return s.merge(ctx, by, id, text(c.Input, "into"), c)
	case Split:
		return s.split(ctx, by, id, c)
	}
	if err := s.check(&c); err != nil {
		return Case{}, err
	}
	return s.refusing(ctx, by, id, c, func(ctx context.Context, tx pgx.Tx) (Case, error) {
		return s.fire(ctx, tx, by, id, c, nil)
	})
}

// refusing does a command once (s.once), and writes into the audit log when it
// was refused.
func (s *Service) refusing(ctx context.Context, by flow.Actor, id string, c Command, do func(context.Context, pgx.Tx) (Case, error)) (Case, error) {
	out, err := s.once(ctx, by.Subject, c.ID, []any{id, c.Event, c.Input, c.Why}, do)
	if errors.Is(err, flow.ErrNotAllowed) {
		err = errors.Join(err, s.engine.Refused(ctx, by, flow.Command{Machine: MachineName, ID: id, Event: c.Event, Why: c.Why}, err))
	}
	return out, err
}

// check completes a command and finds what the machine cannot: fields of which
// one or the other is needed.
func (s *Service) check(c *Command) error {
	c.Input = maps.Clone(c.Input)
	if c.Input == nil {
		c.Input = map[string]json.RawMessage{}
	}
	reason := strings.TrimSpace(text(c.Input, "reason"))
	switch {
	case c.Why == "":
		c.Why = reason
	case reason == "" && wantsReason[c.Event]:
		body, err := json.Marshal(c.Why)
		if err != nil {
			return fmt.Errorf("read the reason: %w", err)
		}
		c.Input["reason"] = body
	}
	var problems []flow.FieldProblem
	lacks := func(f flow.Field) {
		problems = append(problems, flow.FieldProblem{Name: f.Name, Title: f.Title, Problem: words("必填", "is missing")})
	}
	known := func(f flow.Field, unit string) {
		if unit != "" && s.opt.KnowsUnit != nil && !s.opt.KnowsUnit(unit) {
			problems = append(problems, flow.FieldProblem{Name: f.Name, Title: f.Title, Problem: words("力量未登记："+unit, "there is no such unit: "+unit)})
		}
	}
	switch c.Event {
	case Assign:
		if text(c.Input, "unit") == "" && text(c.Input, "handler") == "" {
			lacks(fieldUnit)
		}
		known(fieldUnit, text(c.Input, "unit"))
	case Accept:
		known(fieldUnit, text(c.Input, "unit"))
	case Offer:
		units := list(text(c.Input, "units"))
		if len(units) == 0 {
			lacks(fieldUnits)
		}
		for _, u := range units {
			known(fieldUnits, u)
		}
	}
	if problems != nil {
		return &flow.Incomplete{Fields: problems}
	}
	return nil
}

// wantsReason are the events whose reason may be the command's Why.
var wantsReason = map[flow.Event]bool{
	Decline: true, GiveBack: true, AskDelay: true, RefuseDelay: true, Suspend: true, TakeBack: true, Rework: true, Reject: true,
}

// fire makes a transition in a transaction; then, when not nil, changes the
// record further before it is written.
func (s *Service) fire(ctx context.Context, tx pgx.Tx, by flow.Actor, id string, c Command, then func(*change)) (Case, error) {
	// The item is locked first, here as by its clock.
	item, err := s.engine.LockTx(ctx, tx, MachineName, id)
	if errors.Is(err, flow.ErrUnknown) {
		return Case{}, fmt.Errorf("case %s: %w", id, ErrUnknown)
	}
	if err != nil {
		return Case{}, err
	}
	before, moved, err := load(ctx, tx, id)
	if err != nil {
		return Case{}, err
	}
	if c.Version != 0 && (c.Version < moved || c.Version > before.Version) {
		return Case{}, s.conflict(ctx, tx, &before)
	}
	ch := &change{before: &before, next: before}
	if c.Event == Accept && s.opt.OnDuty != nil {
		if ch.units, err = s.opt.OnDuty(ctx, tx, by.Subject); err != nil {
			return Case{}, fmt.Errorf("ask with which units %s is on duty: %w", by.Subject, err)
		}
	}
	ch.entry = Entry{Kind: kindEvent, Event: c.Event, From: before.State, By: by.Subject, ByName: s.opt.Name(ctx, by.Subject), Text: said(c, &before),
		due: before.Due}
	item, err = s.engine.FireTx(context.WithValue(ctx, changeKey{}, ch), tx, by, flow.Command{
		Machine: MachineName, ID: id, Event: c.Event, Version: item.Version, Input: c.Input, Why: c.Why,
	})
	if err != nil {
		return Case{}, err
	}
	if then != nil {
		then(ch)
	}
	ch.next.clocked(item)
	ch.entry.State, ch.entry.At = item.State, item.Since.UTC()
	if !c.At.IsZero() && c.At.Sub(ch.entry.At).Abs() > apart {
		ch.entry.DoneAt = at(micro(c.At))
	}
	return ch.next, s.save(ctx, tx, &ch.next, ch.entry)
}

// apart is how far the sender's clock and ours may differ before the timeline
// tells both.
const apart = 5 * time.Second

// conflict tells who has led a case on last. Who reported it has not led it on,
// and is not for everybody to know.
func (s *Service) conflict(ctx context.Context, tx pgx.Tx, c *Case) error {
	out := &Conflict{State: c.State, Version: c.Version}
	err := tx.QueryRow(ctx, `select by, by_name, event from incident.entry where case_id = $1 and kind = 'event' and event <> $2
		order by seq desc limit 1`, c.ID, flow.Started).Scan(&out.By, &out.ByName, &out.Event)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("ask who changed case %s: %w", c.ID, err)
	}
	return out
}

// said is what the timeline keeps of a command's words.
func said(c Command, of *Case) string {
	var parts []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			for _, had := range parts {
				if had == s {
					return
				}
			}
			parts = append(parts, s)
		}
	}
	add(text(c.Input, "result"))
	add(text(c.Input, "reason"))
	if until := text(c.Input, "until"); until != "" {
		add("延期至 until " + until)
	}
	add(text(c.Input, "note"))
	add(c.Why)
	lon, hasLon := number(c.Input, "lon")
	lat, hasLat := number(c.Input, "lat")
	if hasLon && hasLat && math.Abs(lat) <= 90 && math.Abs(lon) <= 180 {
		away := geo.Distance(orb.Point{lon, lat}, orb.Point{of.Lon, of.Lat})
		add(fmt.Sprintf("距案件 %.0f 米 / %.0f m from the case", away, away))
	}
	return strings.Join(parts, "；")
}
