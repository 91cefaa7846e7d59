package alarm

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Add writes a new rule down, switched off. Faults, ErrRefused.
func (s *Service) Add(ctx context.Context, by By, d Definition) (Rule, error) {
	if err := s.may(by, &d); err != nil {
		return Rule{}, err
	}
	r := Rule{ID: uuid.NewString(), Definition: d}
	err := s.change(ctx, func(tx pgx.Tx) error { return s.put(ctx, tx, by, "add", nil, &r) })
	return r, err
}

// may checks a definition, and that its region is within by's rights.
func (s *Service) may(by By, d *Definition) error {
	if err := d.Validate(s.opt.Names); err != nil {
		return err
	}
	if !by.May(d.Region) {
		return fmt.Errorf("alarm rule in region %s: %w", d.Region, ErrRefused)
	}
	return nil
}

// change runs one transaction, after which the engine gets the rules anew.
func (s *Service) change(ctx context.Context, fn func(pgx.Tx) error) error {
	if err := pgx.BeginFunc(ctx, s.pool, fn); err != nil {
		return err
	}
	s.dirty.Store(true)
	return nil
}

// Change replaces the definition of a rule that was read at version. Where it
// asks for something else than before, it is switched off and to be tried anew.
// Faults, ErrNotFound, ErrConflict, ErrRefused.
func (s *Service) Change(ctx context.Context, by By, id string, version int64, d Definition) (r Rule, err error) {
	err = s.change(ctx, func(tx pgx.Tx) error {
		old, err := rule(ctx, tx, by, id, true)
		if err != nil {
			return err
		}
		if old.Version != version {
			return fmt.Errorf("alarm rule %s is at version %d: %w", id, old.Version, ErrConflict)
		}
		if err := s.may(by, &d); err != nil {
			return err
		}
		r = old
		r.Definition = d
		if digestOf(d) != digestOf(old.Definition) {
			r.On, r.Tried, r.Stopped = false, nil, ""
		}
		return s.put(ctx, tx, by, "change", &old, &r)
	})
	return r, err
}

// Remove takes a rule away; its history stays. ErrNotFound.
func (s *Service) Remove(ctx context.Context, by By, id string) error {
	return s.change(ctx, func(tx pgx.Tx) error {
		old, err := rule(ctx, tx, by, id, true)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update alarm.rule set removed = now(), is_on = false, version = version + 1 where id = $1", id); err != nil {
			return fmt.Errorf("remove alarm rule %s: %w", id, err)
		}
		if _, err := tx.Exec(ctx, "insert into alarm.rule_version (rule, version, body, is_on, what, by, why) values ($1, $2, $3, false, 'remove', $4, $5)",
			id, old.Version+1, old.Definition, by.Subject, by.Why); err != nil {
			return fmt.Errorf("write the history of alarm rule %s: %w", id, err)
		}
		return s.record(ctx, tx, by, "remove", &old, nil)
	})
}

// Switch turns a rule on or off; what is so already stays. One that was never
// tried against history is switched on only for a reason (By.Why), which the
// log keeps. ErrNotFound, ErrUntried.
func (s *Service) Switch(ctx context.Context, by By, id string, on bool) (r Rule, err error) {
	err = s.change(ctx, func(tx pgx.Tx) error {
		old, err := rule(ctx, tx, by, id, true)
		if err != nil {
			return err
		}
		r = old
		if old.On == on {
			return nil
		}
		if on && old.Tried == nil && strings.TrimSpace(by.Why) == "" {
			return fmt.Errorf("alarm rule %s: %w", id, ErrUntried)
		}
		if r.On = on; on {
			r.Stopped = ""
		}
		return s.put(ctx, tx, by, "switch", &old, &r)
	})
	return r, err
}

// stopRule switches a rule off in the program's own name, when it is still that
// version.
func (s *Service) stopRule(ctx context.Context, tx pgx.Tx, id, why string) error {
	by := System(why)
	old, err := rule(ctx, tx, by, id, true)
	if err != nil || !old.On {
		return nil //nolint:nilerr // it was removed or switched off meanwhile: there is nothing to stop
	}
	r := old
	r.On, r.Stopped = false, why
	return s.put(ctx, tx, by, "stop", &old, &r)
}
