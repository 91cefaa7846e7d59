package incident

import (
	"context"
	"fmt"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// Rate keeps the reporter's rating 群众评价 of a closed case, once. reporter is
// the key that a citizen was given with the report, or "" for the actor. A
// rejected case and one that was merged into another may be rated too.
func (s *Service) Rate(ctx context.Context, by flow.Actor, id, reporter string, stars int, text string) (Case, error) {
	reporter = orElse(reporter, by.Subject)
	text = cut(clean(text), maxText)
	if stars < 1 || stars > 5 {
		return Case{}, &Invalid{Field: "stars", Why: words("为 1 至 5", "is 1 to 5")}
	}
	var out Case
	err := s.engine.Tx(ctx, func(tx pgx.Tx) error {
		if _, err := s.lock(ctx, tx, id); err != nil {
			return err
		}
		c, _, err := load(ctx, tx, id)
		if err != nil {
			return err
		}
		switch {
		case c.Reporter == "" || c.Reporter != reporter:
			return fmt.Errorf("rate case %s: %w", id, ErrNotAllowed)
		case !ended(c.State):
			return fmt.Errorf("rate case %s, which is %s: %w", id, c.State, flow.ErrNoSuchEvent)
		case c.Stars == stars:
			out = c
			return nil
		case c.Stars != 0:
			return &Invalid{Field: "stars", Why: words("已评价", "was given before")}
		}
		c.Stars = stars
		out = c
		return s.save(ctx, tx, &out, Entry{At: micro(s.opt.Now()), Kind: kindRating, State: c.State, By: reporter,
			ByName: s.opt.Name(ctx, reporter), Text: fmt.Sprintf("%d★ %s", stars, text)})
	})
	if err != nil {
		return Case{}, err
	}
	return out, nil
}
