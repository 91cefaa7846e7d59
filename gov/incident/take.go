package incident

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onecity/internal/calendar"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// Take opens the case of a report; the same report again changes nothing and
// is answered with the case as it is. ErrInvalid is for what no retry mends.
func (s *Service) Take(ctx context.Context, r Report) (Case, error) {
	if bad := r.check(); bad != nil {
		return Case{}, bad
	}
	var out Case
	err := s.engine.Tx(ctx, func(tx pgx.Tx) error {
		var err error
		if out, err = s.take(ctx, tx, r); err != nil {
			return fmt.Errorf("open the case of report %s: %w", r.ID, err)
		}
		return nil
	})
	if errors.Is(err, flow.ErrExists) || errors.Is(err, errThere) {
		out, _, err = load(ctx, s.pool, r.ID)
	}
	if err != nil {
		return Case{}, err
	}
	return out, nil
}

// errThere: the case was opened before.
var errThere = errors.New("the case is there")

// The most characters of a report's words.
const (
	maxTitle = 200
	maxText  = 4000
)

// check finds what keeps a report from being a case.
func (r *Report) check() error {
	bad := func(field, zh, en string) error { return &Invalid{Field: field, Why: words(zh, en)} }
	switch {
	case r.ID == "" || len(r.ID) > maxID || strings.ContainsFunc(r.ID, func(c rune) bool { return c <= ' ' }):
		return bad("id", "编号无效", "is no id")
	case r.Class == "":
		return bad("class", "缺少类别", "is missing")
	case !(r.Lon >= -180 && r.Lon <= 180 && r.Lat >= -90 && r.Lat <= 90):
		return bad("lon", "坐标无效", "is not on the globe")
	case r.Reported.Year() < 1 || r.Reported.Year() > 9999:
		return bad("reported", "时间无效", "is no time")
	}
	for _, f := range []*string{&r.Title, &r.Description, &r.Address, &r.Channel, &r.Reporter, &r.Object} {
		*f = clean(*f)
	}
	r.Title, r.Description, r.Address = cut(r.Title, maxTitle), cut(r.Description, maxText), cut(r.Address, maxTitle)
	return nil
}

// clean is a text as it can be kept and shown: no control characters but line
// ends, no bytes that are no character.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, s))
}

// cut is at most n characters of s.
func cut(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

func (s *Service) take(ctx context.Context, tx pgx.Tx, r Report) (Case, error) {
	now := micro(s.opt.Now())
	class := s.classAt(r.Class, now)
	if r.Severity < 1 || r.Severity > 4 {
		r.Severity = class.Severity
	}
	r.Title, r.Reported = orElse(r.Title, orElse(class.Name, r.Class)), micro(r.Reported)
	c := Case{Report: r, State: Reported, Version: opened, Updated: now}
	// the number is given out last to be held shortest, but names the item:
	// whether the case is there is looked for first
	var there bool
	if err := tx.QueryRow(ctx, `select exists (select from incident.record where id = $1)`, r.ID).Scan(&there); err != nil {
		return Case{}, err
	}
	if there {
		return Case{}, errThere
	}
	var err error
	if c.No, err = s.number(ctx, tx, now); err != nil {
		return Case{}, err
	}
	w := work{Class: class.Code, Severity: r.Severity, NeedsPhoto: class.NeedsPhoto, Limits: class.Limits, Working: class.Working}
	if class.Limits.Total > 0 {
		c.Final = at(micro(w.end(s.opt.Calendar(), began(r.Reported, now), class.Limits.Total)))
	}
	item, err := s.engine.StartTx(ctx, tx, flow.System(), flow.Item{
		Machine: MachineName, ID: r.ID, Title: strings.ReplaceAll(c.No+" "+c.Title, "\n", " "), Region: r.Region, Data: w.data(),
	}, "")
	if err != nil {
		return Case{}, err
	}
	c.clocked(item)
	ok, err := insert(ctx, tx, &c)
	if err != nil {
		return Case{}, err
	}
	if !ok {
		return Case{}, errThere
	}
	by := orElse(r.Reporter, r.Channel)
	err = remember(ctx, tx, c.ID, Entry{At: now, Kind: kindEvent, Event: flow.Started, State: Reported, By: by, ByName: s.opt.Name(ctx, by),
		Text: r.Description, Version: c.Version, DoneAt: differs(r.Reported, now)})
	if err != nil {
		return Case{}, err
	}
	return c, emit(ctx, s.engine, tx, &c)
}

// opened is the version of a case just opened; the report was version 1.
const opened = 2

// began is when the clock of the whole begins: when it was reported, but not
// in the future, whatever the reporter's clock says.
func began(reported, now time.Time) time.Time {
	if reported.After(now) {
		return now
	}
	return reported
}

// differs is a sender's time where it is not ours.
func differs(t, ours time.Time) *time.Time {
	if t.Sub(ours).Abs() <= apart {
		return nil
	}
	return &t
}

// number gives out the next number of the day; it stays given out only if the
// transaction commits, so that there is no gap.
func (s *Service) number(ctx context.Context, tx pgx.Tx, now time.Time) (string, error) {
	day := calendar.DateOf(now)
	var n int
	if err := tx.QueryRow(ctx, `insert into incident.number (day, last) values ($1, 1)
		on conflict (day) do update set last = number.last + 1 returning last`, day.String()).Scan(&n); err != nil {
		return "", fmt.Errorf("give out a number: %w", err)
	}
	return fmt.Sprintf("%s-%04d%02d%02d-%05d", s.opt.Prefix(), day.Year, int(day.Month), day.Day, n), nil
}
