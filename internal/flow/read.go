package flow

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Get reads an item; ErrUnknown when there is none. Who may read it is the
// caller's to ask.
func (e *Engine) Get(ctx context.Context, machine, id string) (Item, error) {
	return load(ctx, e.pool, machine, id, false)
}

// History is what happened to an item, the oldest first.
func (e *Engine) History(ctx context.Context, machine, id string) ([]Record, error) {
	rows, err := e.pool.Query(ctx, `
		select seq, at, kind, event, from_, state, version, actor, why, input, level
		from flow.history where machine = $1 and id = $2 order by seq`, machine, id)
	if err != nil {
		return nil, fmt.Errorf("read the history of %s %s: %w", machine, id, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Record])
	if err != nil {
		return nil, fmt.Errorf("read the history of %s %s: %w", machine, id, err)
	}
	return out, nil
}

// Events are the transitions that people can make from an item's present
// state, in the machine's order, each with whether this actor may make it now
// and, if not, all that is in the way. Fields are not judged: they are not
// filled in yet.
func (e *Engine) Events(ctx context.Context, actor Actor, machine, id string) (Item, []Offer, error) {
	m, err := e.Machine(machine)
	if err != nil {
		return Item{}, nil, err
	}
	var it Item
	var offers []Offer
	err = pgx.BeginTxFunc(ctx, e.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if it, err = load(ctx, tx, machine, id, false); err != nil {
			return err
		}
		offers, err = e.offers(ctx, tx, m, it, actor)
		return err
	})
	if err != nil {
		return Item{}, nil, err
	}
	return it, offers, nil
}

// Offers are the Events of several items, such as of a page of what waits: in
// one transaction, of the items as they were read.
func (e *Engine) Offers(ctx context.Context, actor Actor, items []Item) ([][]Offer, error) {
	all := make([][]Offer, len(items))
	err := pgx.BeginTxFunc(ctx, e.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for i, it := range items {
			m, err := e.Machine(it.Machine)
			if err != nil {
				return err
			}
			if all[i], err = e.offers(ctx, tx, m, it, actor); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

func (e *Engine) offers(ctx context.Context, tx pgx.Tx, m *Machine, it Item, actor Actor) ([]Offer, error) {
	offers := []Offer{}
	for _, t := range m.leaving(it.State) {
		if t.Action == BySystem && !actor.system {
			continue
		}
		o, err := e.offer(ctx, tx, m, t, it, actor)
		if err != nil {
			return nil, err
		}
		offers = append(offers, o)
	}
	return offers, nil
}

func (e *Engine) offer(ctx context.Context, tx pgx.Tx, m *Machine, t *Transition, it Item, actor Actor) (Offer, error) {
	to, _ := m.state(t.To)
	o := Offer{Event: t.Event, Title: t.Title, To: t.To, ToTitle: to.Title, Required: t.Required, Optional: t.Optional, WhyNot: []Text{}}
	if !actor.may(t, it) {
		o.WhyNot = append(o.WhyNot, lacking(t, it))
	}
	if by, bad := it.forbids(t, actor); bad {
		title := m.eventTitle(by)
		o.WhyNot = append(o.WhyNot, Text{"双人复核：您已办理“" + title.ZH + "”", "Four eyes: you did “" + title.EN + "” yourself"})
	}
	next := it
	problems, err := t.guard(ctx, tx, Change{Item: it, Next: &next, Event: t.Event, To: t.To, Actor: actor, Now: micro(e.now())})
	if err != nil {
		return Offer{}, err
	}
	for _, p := range problems {
		o.WhyNot = append(o.WhyNot, p.Title)
	}
	o.May = len(o.WhyNot) == 0
	return o, nil
}

// lacking says what right is missing.
func lacking(t *Transition, it Item) Text {
	if t.Action != BySubject {
		return Text{"没有权限：" + t.Action, "No right to " + t.Action}
	}
	if it.Subject == "" {
		return Text{"尚未指定经办人", "Nobody is in charge of it yet"}
	}
	return Text{"仅限经办人办理", "Only the person in charge may do it"}
}

// eventTitle are an event's words, those of its first transition.
func (m *Machine) eventTitle(e Event) Text {
	if e == Started {
		return Text{"发起", "start"}
	}
	for _, t := range m.Transitions {
		if t.Event == e {
			return t.Title
		}
	}
	return Text{string(e), string(e)}
}
