package evaluation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"onecity/internal/audit"
	"onecity/internal/calendar"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// ErrUnknown: there is no such indicator, or none from that day.
var ErrUnknown = errors.New("没有这个指标 / there is no such indicator")

// keepStandard puts in the indicators of the standard that are not there.
func (s *Service) keepStandard(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, i := range Standard() {
			body, err := json.Marshal(i)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into evaluation.indicator (code, valid_from, body) select $1, $2, $3
				where not exists (select from evaluation.indicator where code = $1)`, i.Code, i.ValidFrom.String(), body); err != nil {
				return fmt.Errorf("keep indicator %s: %w", i.Code, err)
			}
		}
		return nil
	})
}

// Indicators are those that count on a day, in their order.
func (s *Service) Indicators(ctx context.Context, on calendar.Date) ([]Indicator, error) {
	all, err := s.indicators(ctx, s.pool, `where valid_from <= $1 and (valid_to is null or valid_to > $1)`, on.String())
	if err != nil {
		return nil, fmt.Errorf("read the indicators: %w", err)
	}
	return all, nil
}

// Versions are all that ever counted or will, by order and date.
func (s *Service) Versions(ctx context.Context) ([]Indicator, error) {
	all, err := s.indicators(ctx, s.pool, ``)
	if err != nil {
		return nil, fmt.Errorf("read the indicators: %w", err)
	}
	return all, nil
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (s *Service) indicators(ctx context.Context, q querier, where string, args ...any) ([]Indicator, error) {
	rows, err := q.Query(ctx, `select body, valid_to::text from evaluation.indicator `+where+` order by (body ->> 'order')::int, code, valid_from`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (i Indicator, err error) {
		var until *string
		if err = row.Scan(&i, &until); err != nil || until == nil {
			i.ValidTo = nil
			return i, err
		}
		d, err := calendar.ParseDate(*until)
		i.ValidTo = &d
		return i, err
	})
}

// Put keeps an indicator from its ValidFrom on: the version before it ends
// there, and one of the same day is replaced. Versions that begin later stay.
// ErrFormula when the formula cannot be used.
func (s *Service) Put(ctx context.Context, by flow.Actor, i Indicator, why string) (Indicator, error) {
	if _, err := Parse(i.Formula); err != nil {
		return Indicator{}, err
	}
	if i.ValidFrom == (calendar.Date{}) {
		i.ValidFrom = calendar.DateOf(s.o.Now())
	}
	i.ValidTo = nil
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Two who change the same indicator do so one after the other.
		if _, err := tx.Exec(ctx, `select from evaluation.indicator where code = $1 for update`, i.Code); err != nil {
			return err
		}
		before, err := s.indicators(ctx, tx, `where code = $1`, i.Code)
		if err != nil {
			return err
		}
		for _, o := range before {
			if i.ValidFrom.Before(o.ValidFrom) && (i.ValidTo == nil || o.ValidFrom.Before(*i.ValidTo)) {
				i.ValidTo = &o.ValidFrom
			}
		}
		if _, err = tx.Exec(ctx, `update evaluation.indicator set valid_to = $2 where code = $1 and valid_from < $2 and (valid_to is null or valid_to > $2)`,
			i.Code, i.ValidFrom.String()); err != nil {
			return err
		}
		var until *string
		if i.ValidTo != nil {
			text := i.ValidTo.String()
			until = &text
		}
		body, err := json.Marshal(i)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `insert into evaluation.indicator (code, valid_from, valid_to, body) values ($1, $2, $3, $4)
			on conflict (code, valid_from) do update set valid_to = $3, body = $4`, i.Code, i.ValidFrom.String(), until, body); err != nil {
			return err
		}
		return s.tell(ctx, tx, by, before, i, why)
	})
	if err != nil {
		return Indicator{}, fmt.Errorf("keep indicator %s: %w", i.Code, err)
	}
	return i, nil
}

// tell writes a change of an indicator into the log.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, by flow.Actor, before []Indicator, i Indicator, why string) error {
	if s.o.Audit == nil {
		return nil
	}
	detail := map[string]any{"indicator": i}
	if k := slices.IndexFunc(before, func(o Indicator) bool { return o.ValidTo == nil }); k >= 0 {
		detail["before"] = before[k]
	}
	body, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	return s.o.Audit(ctx, tx, audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Action: "incident.indicator.put",
		Object: "indicator:" + i.Code, Why: why, Outcome: audit.Done, Detail: body})
}
