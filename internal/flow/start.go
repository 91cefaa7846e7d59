package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// Start begins an item: Machine, ID, Title, Region, Org, Subject and Data of
// it are taken, the rest is the engine's. ErrExists when it was begun before,
// ErrNotAllowed when the actor may not do the machine's Start action.
func (e *Engine) Start(ctx context.Context, actor Actor, it Item, why string) (Item, error) {
	var out Item
	err := e.Tx(ctx, func(tx pgx.Tx) error {
		var err error
		out, err = e.StartTx(ctx, tx, actor, it, why)
		return err
	})
	if errors.Is(err, ErrNotAllowed) {
		if m, known := e.machines[it.Machine]; known {
			err = errors.Join(err, e.refused(ctx, actor, m.Start, it, why, err))
		}
	}
	if err != nil {
		return Item{}, err
	}
	return out, nil
}

// StartTx is Start in the caller's transaction, such as together with the
// insertion of the module's own row. A refusal is not audited: the caller's
// transaction ends with it.
func (e *Engine) StartTx(ctx context.Context, tx pgx.Tx, actor Actor, it Item, why string) (Item, error) {
	m, err := e.Machine(it.Machine)
	if err != nil {
		return Item{}, err
	}
	if len(it.Data) == 0 {
		it.Data = json.RawMessage("{}")
	}
	if err := it.check(why); err != nil {
		return Item{}, fmt.Errorf("start %s %q: %w", it.Machine, it.ID, err)
	}
	def, _ := m.state(m.Initial)
	now := micro(e.now())
	next := Item{Machine: it.Machine, ID: it.ID, Title: it.Title, State: m.Initial, Version: 1, Region: it.Region, Org: it.Org,
		Subject: it.Subject, Since: now, Data: it.Data, hands: []string{}}
	if !actor.system && (m.Start == BySystem || actor.Allow == nil || !actor.Allow(m.Start, next)) {
		return Item{}, fmt.Errorf("start %s %s as %s: %w", it.Machine, it.ID, m.Start, ErrNotAllowed)
	}
	e.wind(&next, def)
	if m.named(Started) {
		next.hands = append(next.hands, hand(Started, actor.Subject))
	}
	ok, err := e.store(ctx, tx, nil, &next, def, Record{Kind: KindStarted, Event: Started, Version: 1, Actor: actor.Subject, Why: why})
	if err != nil {
		return Item{}, err
	}
	if !ok {
		return Item{}, fmt.Errorf("start %s %s: %w", it.Machine, it.ID, ErrExists)
	}
	return next, e.opt.Audit(ctx, tx, audit.Entry{Actor: actor.Subject, From: actor.From, Session: actor.Session, Action: action(m, m.Start, Started),
		Object: next.ID, Region: next.Region, Org: next.Org, Why: why, Outcome: audit.Done, After: next.digest(),
		Detail: detail(map[string]any{"machine": m.Name, "state": next.State})})
}

// action is the audit log's word for a transition: the right that was used, or
// the machine's name with the event where there is none.
func action(m *Machine, right string, ev Event) string {
	if right == BySystem || right == BySubject {
		return m.Name + "." + string(ev)
	}
	return right
}

// named reports whether some transition's NotBy names the event.
func (m *Machine) named(e Event) bool {
	for _, t := range m.Transitions {
		for _, n := range t.NotBy {
			if n == e {
				return true
			}
		}
	}
	return false
}

func detail(v map[string]any) json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil {
		panic("flow: detail cannot be told: " + err.Error()) // strings and raw JSON that was parsed before
	}
	return body
}
