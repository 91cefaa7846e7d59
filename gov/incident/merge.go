package incident

import (
	"context"
	"encoding/json"
	"fmt"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// Merge 并案 makes a case part of another, with all that was merged into it.
func (s *Service) Merge(ctx context.Context, by flow.Actor, id, into string, version int64, why string) (Case, error) {
	return s.merge(ctx, by, id, into, Command{Event: Merge, Version: version, Why: why})
}

func (s *Service) merge(ctx context.Context, by flow.Actor, id, into string, c Command) (Case, error) {
	if into == "" || into == id {
		return Case{}, &Invalid{Field: "into", Why: words("须为另一案件", "must be another case")}
	}
	word, err := json.Marshal(into)
	if err != nil {
		return Case{}, fmt.Errorf("read into which case: %w", err)
	}
	c.Input = map[string]json.RawMessage{"into": word}
	return s.refusing(ctx, by, id, c, func(ctx context.Context, tx pgx.Tx) (Case, error) {
		// two who merge the two into each other must not wait for each other
		for _, one := range []string{min(id, into), max(id, into)} {
			item, err := s.lock(ctx, tx, one)
			if err != nil {
				return Case{}, err
			}
			// the other one changes too; who may not lead it on learns nothing of it
			if one == into && !anyOf(by, item, []string{actSend}) {
				return Case{}, fmt.Errorf("case %s: %w", into, ErrUnknown)
			}
		}
		other, _, err := load(ctx, tx, into)
		if err != nil {
			return Case{}, err
		}
		if ended(other.State) {
			return Case{}, &Invalid{Field: "into", Why: words("该案件已结束", "is at its end")}
		}
		out, err := s.fire(ctx, tx, by, id, c, func(ch *change) {
			ch.next.Into, ch.next.Merged, ch.entry.Ref = into, 0, into
		})
		if err != nil {
			return Case{}, err
		}
		// what was merged into it is now the other's
		tag, err := tx.Exec(ctx, `update incident.record set into_ = $2 where into_ = $1`, id, into)
		if err != nil {
			return Case{}, fmt.Errorf("merge case %s into %s: %w", id, into, err)
		}
		other.Merged += 1 + int(tag.RowsAffected())
		return out, s.save(ctx, tx, &other, Entry{At: out.Updated, Kind: kindMerge, State: other.State, By: by.Subject,
			ByName: s.opt.Name(ctx, by.Subject), Text: c.Why, Ref: id})
	})
}

// Split 拆案 makes a merged case one of its own again; it begins anew as
// reported.
func (s *Service) Split(ctx context.Context, by flow.Actor, id string, version int64, why string) (Case, error) {
	return s.split(ctx, by, id, Command{Event: Split, Version: version, Why: why})
}

func (s *Service) split(ctx context.Context, by flow.Actor, id string, c Command) (Case, error) {
	c.Input = nil
	return s.refusing(ctx, by, id, c, func(ctx context.Context, tx pgx.Tx) (Case, error) {
		was, _, err := load(ctx, tx, id)
		if err != nil {
			return Case{}, err
		}
		into := was.Into
		if into != "" {
			for _, one := range []string{min(id, into), max(id, into)} {
				if _, err := s.lock(ctx, tx, one); err != nil {
					return Case{}, err
				}
			}
		}
		out, err := s.fire(ctx, tx, by, id, c, func(ch *change) {
			ch.entry.Ref = ch.before.Into
			into, ch.next.Into = ch.before.Into, ""
		})
		if err != nil {
			return Case{}, err
		}
		other, _, err := load(ctx, tx, into)
		if err != nil {
			return Case{}, err
		}
		other.Merged = max(0, other.Merged-1)
		return out, s.save(ctx, tx, &other, Entry{At: out.Updated, Kind: kindSplit, State: other.State, By: by.Subject,
			ByName: s.opt.Name(ctx, by.Subject), Text: c.Why, Ref: id})
	})
}
