package incident

import (
	"context"
	"fmt"
	"slices"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// addressed is the condition that the actor is whom a case was sent to: its
// handler, somebody on duty on its unit or on one that an open call went to,
// or who may send there.
func addressed(o Options) []flow.Guard {
	return []flow.Guard{{
		Name: "addressed", Title: words("案件派给了他人", "The case was sent to somebody else"),
		Holds: func(ctx context.Context, tx pgx.Tx, c flow.Change) (bool, error) {
			if c.Actor.Allow == nil || c.Actor.Allow(actSend, c.Item) { // the program, or who may send
				return true, nil
			}
			var unit, handler string
			var offered []string
			if err := tx.QueryRow(ctx, `select unit, handler, offered from incident.record where id = $1`, c.Item.ID).
				Scan(&unit, &handler, &offered); err != nil {
				return false, fmt.Errorf("ask whom case %s was sent to: %w", c.Item.ID, err)
			}
			if handler != "" {
				return handler == c.Actor.Subject, nil
			}
			if o.OnDuty == nil {
				return false, nil
			}
			units, err := o.OnDuty(ctx, tx, c.Actor.Subject)
			if err != nil {
				return false, fmt.Errorf("ask with which units %s is on duty: %w", c.Actor.Subject, err)
			}
			return slices.ContainsFunc(units, func(u string) bool { return u == unit || slices.Contains(offered, u) }), nil
		},
	}}
}

// ownUnit is the condition that who accepts a case with a unit is on duty with
// it, or that it is the one that was sent; who may send there may name any.
func ownUnit(o Options) flow.Guard {
	return flow.Guard{
		Name: "own-unit", Title: words("所报力量不是本人当班的力量", "The actor is not on duty with the unit"),
		Holds: func(ctx context.Context, tx pgx.Tx, c flow.Change) (bool, error) {
			named := text(c.Input, "unit")
			if named == "" || c.Actor.Allow == nil || c.Actor.Allow(actSend, c.Item) {
				return true, nil
			}
			var sent string
			if err := tx.QueryRow(ctx, `select unit from incident.record where id = $1`, c.Item.ID).Scan(&sent); err != nil {
				return false, fmt.Errorf("ask which unit was sent to case %s: %w", c.Item.ID, err)
			}
			if named == sent || o.OnDuty == nil {
				return named == sent, nil
			}
			units, err := o.OnDuty(ctx, tx, c.Actor.Subject)
			if err != nil {
				return false, fmt.Errorf("ask with which units %s is on duty: %w", c.Actor.Subject, err)
			}
			return slices.Contains(units, named), nil
		},
	}
}

// proven is the condition that there is a photo of afterwards, where the class
// wants one.
func proven() flow.Guard {
	return flow.Guard{
		Name: "proven", Title: words("缺少处置后照片", "There is no photo of afterwards"),
		Holds: func(ctx context.Context, tx pgx.Tx, c flow.Change) (bool, error) {
			if !workOf(c.Item).NeedsPhoto {
				return true, nil
			}
			var there bool
			// one of the last rework does not prove this one
			err := tx.QueryRow(ctx, `select exists (select from incident.proof p where p.case_id = $1 and p.phase = 'after' and p.received > coalesce(
				(select max(e.at) from incident.entry e where e.case_id = $1 and e.kind = 'event' and e.event = 'rework'), '-infinity'))`,
				c.Item.ID).Scan(&there)
			if err != nil {
				return false, fmt.Errorf("look for a photo of case %s: %w", c.Item.ID, err)
			}
			return there, nil
		},
	}
}
