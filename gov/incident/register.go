package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"onecity/internal/calendar"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// keepClasses fills an empty register and reads it.
func (s *Service) keepClasses(ctx context.Context) error {
	batch := &pgx.Batch{}
	for _, c := range s.opt.Classes {
		body, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("write the class %s: %w", c.Code, err)
		}
		// a city's own limits stay as it has set them
		batch.Queue(`insert into incident.class (code, valid_from, body)
			select $1, $2::date, $3::jsonb where not exists (select from incident.class where code = $1) on conflict do nothing`,
			c.Code, c.ValidFrom.String(), body)
	}
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("fill the register of classes: %w", err)
	}
	return s.readClasses(ctx)
}

func (s *Service) readClasses(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `select body, valid_to::text from incident.class order by code, valid_from`)
	if err != nil {
		return fmt.Errorf("read the register of classes: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Class, err error) {
		var to *string
		if err := row.Scan(&c, &to); err != nil || to == nil {
			return c, err
		}
		end, err := calendar.ParseDate(*to)
		c.ValidTo = &end
		return c, err
	})
	if err != nil {
		return fmt.Errorf("read the register of classes: %w", err)
	}
	s.classes.Store(&list)
	return nil
}

// Limits are the classes with the limits that hold at a time, by code; the
// slice is the caller's.
func (s *Service) Limits(t time.Time) []Class {
	day := calendar.DateOf(t)
	var out []Class
	for _, c := range *s.classes.Load() {
		if c.ValidFrom.Before(day.Next(1)) && (c.ValidTo == nil || day.Before(*c.ValidTo)) {
			out = append(out, c)
		}
	}
	return out
}

// classAt is a class as it holds at a time; one that the register does not
// know has the defaults of the machine.
func (s *Service) classAt(code string, t time.Time) Class {
	for _, c := range s.Limits(t) {
		if c.Code == code {
			return c
		}
	}
	return Class{Code: code, Severity: 4}
}

// PutLimits keeps a class's limits from its ValidFrom on, which is not before
// today: what was promised is not changed afterwards. The ones before end that
// day. It needs incident.roster in the whole city.
func (s *Service) PutLimits(ctx context.Context, by flow.Actor, c Class) (Class, error) {
	if by.Allow != nil && !by.Allow(actRoster, flow.Item{}) {
		return Class{}, fmt.Errorf("change the limits of %s: %w", c.Code, ErrNotAllowed)
	}
	if bad := c.check(calendar.DateOf(s.opt.Now())); bad != nil {
		return Class{}, bad
	}
	c.ValidTo = nil
	body, err := json.Marshal(c)
	if err != nil {
		return Class{}, fmt.Errorf("write the class %s: %w", c.Code, err)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		from := c.ValidFrom.String()
		_, err := tx.Exec(ctx, `delete from incident.class where code = $1 and valid_from >= $2::date`, c.Code, from)
		if err == nil {
			_, err = tx.Exec(ctx, `update incident.class set valid_to = $2::date where code = $1 and (valid_to is null or valid_to > $2::date)`, c.Code, from)
		}
		if err == nil {
			_, err = tx.Exec(ctx, `insert into incident.class (code, valid_from, body) values ($1, $2::date, $3)`, c.Code, from, body)
		}
		return err
	})
	if err != nil {
		return Class{}, fmt.Errorf("keep the limits of %s: %w", c.Code, err)
	}
	return c, s.readClasses(ctx)
}

// maxMinutes is the longest limit: a year.
const maxMinutes = 366 * 24 * 60

func (c *Class) check(today calendar.Date) error {
	bad := func(field, zh, en string) error { return &Invalid{Field: field, Why: words(zh, en)} }
	c.Code, c.Name, c.Source = strings.TrimSpace(c.Code), strings.TrimSpace(c.Name), strings.TrimSpace(c.Source)
	switch {
	case c.Code == "" || len(c.Code) > 16:
		return bad("code", "代码无效", "is no code")
	case c.Name == "":
		return bad("name", "必填", "is missing")
	case c.Severity < 1 || c.Severity > 4:
		return bad("severity", "等级为 1 至 4", "is 1 to 4")
	case c.ValidFrom.Before(today):
		return bad("validFrom", "不得早于今天", "is not before today")
	}
	for name, v := range map[string]int{"establish": c.Limits.Establish, "dispatch": c.Limits.Dispatch, "accept": c.Limits.Accept,
		"handle": c.Limits.Handle, "verify": c.Limits.Verify, "total": c.Limits.Total} {
		if v < 0 || v > maxMinutes {
			return bad("limits/"+name, "时限为 0 至 527040 分钟", "is 0 to 527040 minutes")
		}
	}
	return nil
}

// unknown makes the kernel's word for what is not there ours.
func unknown(id string, err error) error {
	if errors.Is(err, flow.ErrUnknown) {
		return fmt.Errorf("case %s: %w", id, ErrUnknown)
	}
	return err
}
