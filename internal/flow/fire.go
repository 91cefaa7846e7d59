package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// Fire makes a transition. It answers with the item in its new state, or with
// one of the package's errors; then nothing has changed, and an ErrNotAllowed
// is in the audit log.
func (e *Engine) Fire(ctx context.Context, actor Actor, c Command) (Item, error) {
	var out Item
	err := e.Tx(ctx, func(tx pgx.Tx) error {
		var err error
		out, err = e.FireTx(ctx, tx, actor, c)
		return err
	})
	if errors.Is(err, ErrNotAllowed) {
		err = errors.Join(err, e.refusedFiring(ctx, actor, c, err))
	}
	if err != nil {
		return Item{}, err
	}
	return out, nil
}

// FireTx is Fire in the caller's transaction; the item is locked until it
// ends. A refusal is not audited: the caller's transaction ends with it.
func (e *Engine) FireTx(ctx context.Context, tx pgx.Tx, actor Actor, c Command) (Item, error) {
	m, err := e.Machine(c.Machine)
	if err != nil {
		return Item{}, err
	}
	before, err := load(ctx, tx, c.Machine, c.ID, true)
	if err != nil {
		return Item{}, err
	}
	if before.Version != c.Version {
		return Item{}, &Conflict{Present: before}
	}
	t, ok := m.transition(before.State, c.Event)
	if !ok {
		return Item{}, fmt.Errorf("%s %s in state %s, event %s: %w", c.Machine, c.ID, before.State, c.Event, ErrNoSuchEvent)
	}
	if !actor.may(t, before) {
		return Item{}, fmt.Errorf("%s of %s %s: %w", c.Event, c.Machine, c.ID, ErrNotAllowed)
	}
	if by, bad := before.forbids(t, actor); bad {
		return Item{}, fmt.Errorf("%s of %s %s by whoever did %s (four eyes): %w", c.Event, c.Machine, c.ID, by, ErrNotAllowed)
	}
	if problems := t.check(c.Input, c.Why); problems != nil {
		return Item{}, &Incomplete{Fields: problems}
	}
	next := before
	ch := Change{Item: before, Next: &next, Event: c.Event, To: t.To, Actor: actor, Input: c.Input, Why: c.Why, Now: micro(e.now())}
	if problems, err := t.guard(ctx, tx, ch); err != nil {
		return Item{}, err
	} else if problems != nil {
		return Item{}, &Refusal{Guards: problems}
	}
	return e.apply(ctx, tx, m, t, ch)
}

// apply makes a transition that nothing speaks against.
func (e *Engine) apply(ctx context.Context, tx pgx.Tx, m *Machine, t *Transition, c Change) (Item, error) {
	did := *c.Next
	c.Next = &did
	if t.Do != nil {
		if err := t.Do(ctx, tx, c); err != nil {
			return Item{}, fmt.Errorf("%s of %s %s: %w", c.Event, c.Item.Machine, c.Item.ID, err)
		}
	}
	next := c.Item
	next.Title, next.Region, next.Org, next.Subject, next.Data = did.Title, did.Region, did.Org, did.Subject, did.Data
	next.State, next.Since, next.Level = t.To, c.Now, 0
	if h := hand(t.Event, c.Actor.Subject); m.named(t.Event) && !slices.Contains(next.hands, h) {
		next.hands = append(slices.Clone(next.hands), h)
	}
	if err := next.check(""); err != nil {
		return Item{}, fmt.Errorf("%s of %s %s: %w", c.Event, c.Item.Machine, c.Item.ID, err)
	}
	def, _ := m.state(t.To)
	e.wind(&next, def)
	var input json.RawMessage
	if len(c.Input) > 0 {
		var err error
		if input, err = json.Marshal(c.Input); err != nil {
			return Item{}, fmt.Errorf("keep the input of %s: %w", c.Event, err)
		}
	}
	ok, err := e.store(ctx, tx, &c.Item, &next, def, Record{Kind: KindTransition, Event: t.Event, From: c.Item.State,
		Version: c.Item.Version + 1, Actor: c.Actor.Subject, Why: c.Why, Input: input})
	if err != nil {
		return Item{}, err
	}
	if !ok {
		return Item{}, &Conflict{Present: c.Item}
	}
	err = e.opt.Audit(ctx, tx, audit.Entry{Actor: c.Actor.Subject, From: c.Actor.From, Session: c.Actor.Session,
		Action: action(m, t.Action, t.Event), Object: next.ID, Region: next.Region, Org: next.Org, Why: c.Why, Outcome: audit.Done,
		Before: c.Item.digest(), After: next.digest(),
		Detail: detail(map[string]any{"machine": m.Name, "event": t.Event, "from": c.Item.State, "state": next.State, "input": input})})
	if err != nil {
		return Item{}, fmt.Errorf("audit %s of %s %s: %w", c.Event, next.Machine, next.ID, err)
	}
	return next, nil
}

// forbids reports the event that the subject fired and that the transition's
// actor may not have fired. The program is not a person with two eyes: it is
// never forbidden.
func (it Item) forbids(t *Transition, a Actor) (Event, bool) {
	if a.system {
		return "", false
	}
	for _, e := range t.NotBy {
		if slices.Contains(it.hands, hand(e, a.Subject)) {
			return e, true
		}
	}
	return "", false
}

// guard answers with the guards that do not hold.
func (t *Transition) guard(ctx context.Context, tx pgx.Tx, c Change) ([]GuardProblem, error) {
	var out []GuardProblem
	for _, g := range t.Guards {
		holds, err := g.Holds(ctx, tx, c)
		if err != nil {
			return nil, fmt.Errorf("ask whether %s holds for %s %s: %w", g.Name, c.Item.Machine, c.Item.ID, err)
		}
		if !holds {
			out = append(out, GuardProblem{Name: g.Name, Title: g.Title})
		}
	}
	return out, nil
}

// Tx runs f in a transaction of its own and lets what it put into the outbox
// go out at once.
func (e *Engine) Tx(ctx context.Context, f func(tx pgx.Tx) error) error {
	if err := pgx.BeginFunc(ctx, e.pool, f); err != nil {
		return err
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
	return nil
}

// Emit puts a module's own message into the outbox, in the transaction that it
// tells of. ID and Seq are the outbox's; At is now when it is zero.
func (e *Engine) Emit(ctx context.Context, tx pgx.Tx, m Message) error {
	if m.At.IsZero() {
		m.At = micro(e.now())
	}
	return emit(ctx, tx, m)
}

// refusedFiring writes into the audit log that a command was refused.
func (e *Engine) refusedFiring(ctx context.Context, actor Actor, c Command, why error) error {
	it, err := load(ctx, e.pool, c.Machine, c.ID, false)
	if err != nil {
		return err
	}
	m := e.machines[c.Machine]
	right := m.Name + "." + string(c.Event)
	if t, ok := m.transition(it.State, c.Event); ok {
		right = action(m, t.Action, t.Event)
	}
	return e.refused(ctx, actor, right, it, c.Why, why)
}

func (e *Engine) refused(ctx context.Context, actor Actor, right string, it Item, why string, reason error) error {
	// the refusal is written even when the asker has gone
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		return e.opt.Audit(ctx, tx, audit.Entry{Actor: actor.Subject, From: actor.From, Session: actor.Session, Action: right,
			Object: it.ID, Region: it.Region, Org: it.Org, Why: why, Outcome: audit.Refused,
			Detail: detail(map[string]any{"machine": it.Machine, "reason": reason.Error()})})
	})
	if err != nil {
		return fmt.Errorf("audit the refusal of %s: %w", right, err)
	}
	return nil
}
