package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// Slots are the parts of a day that somebody can be on duty in, in order.
func (b *Book) Slots(ctx context.Context) ([]Slot, error) {
	return slots(ctx, b.pool)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func slots(ctx context.Context, q querier) ([]Slot, error) {
	rows, err := q.Query(ctx, `select code, zh, en, to_char(begins, 'HH24:MI'), minutes from dispatch.slot order by begins, code`)
	if err != nil {
		return nil, fmt.Errorf("read the shifts: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Slot])
	if err != nil {
		return nil, fmt.Errorf("read the shifts: %w", err)
	}
	return list, nil
}

const turnColumns = `t.id::text, t.region, to_char(t.date, 'YYYY-MM-DD'), t.slot, t.unit, t.unit_name, t.person, t.person_name, t.note, lower(t.during), upper(t.during), t.made`

// OnDuty are all turns at that time. It is read for the program.
func (b *Book) OnDuty(ctx context.Context, at time.Time) ([]Turn, error) {
	rows, err := b.pool.Query(ctx, `select `+turnColumns+` from dispatch.turn t where t.during @> $1::timestamptz order by t.region, t.unit, t.person_name, t.id`, at)
	if err != nil {
		return nil, fmt.Errorf("read who is on duty: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Turn])
	if err != nil {
		return nil, fmt.Errorf("read who is on duty: %w", err)
	}
	return list, nil
}

// maxDays bounds a question.
const maxDays = 31

// Roster is the roster of a region for some days from date on ("2006-01-02"; ""
// is today), as by may see it: each day once, also the empty ones.
func (b *Book) Roster(ctx context.Context, by By, region, date string, days int) ([]RosterDay, error) {
	if !by.sees(region) {
		return nil, fmt.Errorf("the roster of %q: %w", region, ErrRefused)
	}
	first, err := b.day(date)
	if err != nil {
		return nil, err
	}
	days = min(max(days, 1), maxDays)
	list := make([]RosterDay, days)
	at := map[string]*RosterDay{}
	for i := range list {
		list[i] = RosterDay{Region: region, Date: first.AddDate(0, 0, i).Format(time.DateOnly), Turns: []Turn{}}
		at[list[i].Date] = &list[i]
	}
	err = b.wall.In(ctx, by.scope(), func(tx pgx.Tx) error {
		var day string
		var version int64
		rows, err := tx.Query(ctx, `select to_char(date, 'YYYY-MM-DD'), version from dispatch.day where region = $1 and date between $2 and $3`,
			region, list[0].Date, list[days-1].Date)
		if err != nil {
			return err
		}
		if _, err := pgx.ForEachRow(rows, []any{&day, &version}, func() error { at[day].Version = version; return nil }); err != nil {
			return err
		}
		rows, err = tx.Query(ctx, `select `+turnColumns+` from dispatch.turn t where t.region = $1 and t.date between $2 and $3
			order by lower(t.during), t.unit, t.person_name, t.id`, region, list[0].Date, list[days-1].Date)
		if err != nil {
			return err
		}
		turns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Turn])
		for _, t := range turns {
			at[t.Date].Turns = append(at[t.Date].Turns, t)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the roster of %q: %w", region, err)
	}
	return list, nil
}

// day reads a date of the city's calendar; "" is today.
func (b *Book) day(date string) (time.Time, error) {
	if date == "" {
		now := b.opt.Now().In(b.opt.Zone())
		return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, b.opt.Zone()), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, date, b.opt.Zone())
	if err != nil {
		return time.Time{}, &FieldError{"query/date", date, "form", "日期无法读取 / cannot be read as a date", "2026-11-24"}
	}
	return day, nil
}

// during is when a slot of a day begins and ends, by the city's clock.
func (s Slot) during(day time.Time) (from, until time.Time, err error) {
	at, err := time.Parse("15:04", s.Begins)
	if err != nil {
		return from, until, fmt.Errorf("the shift %s begins at %q: %w", s.Code, s.Begins, err)
	}
	// On a day on which the clock is put forward or back a shift ends when the
	// clock says so, so that the next begins where it ends.
	from = time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, day.Location())
	until = time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute()+s.Minutes, 0, 0, day.Location())
	return from.UTC(), until.UTC(), nil
}

// SetRoster writes who is on duty for a region on one day, in place of what was
// there. day.Version is the one that was read: ErrConflict when it is another
// by now. Of each turn Shift and who it is are taken. A *FieldError names the
// turn whose unit or person is on duty elsewhere in that time.
func (b *Book) SetRoster(ctx context.Context, by By, day RosterDay) (RosterDay, error) {
	date, err := b.day(day.Date)
	if err != nil {
		return RosterDay{}, err
	}
	if !placeForm.MatchString(day.Region) {
		return RosterDay{}, &FieldError{"query/region", day.Region, "form", "区域代码只含大写字母和数字 / a region is capital letters and digits", "320583"}
	}
	day.Date = date.Format(time.DateOnly)
	object := "roster:" + day.Region + "@" + day.Date
	if !by.edits(day.Region) {
		return RosterDay{}, b.refuse(ctx, by, "incident.roster", object, day.Region)
	}
	err = pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		before, err := take(ctx, tx, day)
		if err != nil {
			return err
		}
		day.Version++
		keepMade(day.Turns, before.Turns)
		if day.Turns, err = b.write(ctx, tx, day, date); err != nil {
			return err
		}
		return b.record(ctx, tx, by, "incident.roster", object, day.Region, "", audit.Done, before, day)
	})
	if err != nil {
		return RosterDay{}, fmt.Errorf("write the roster of %q on %s: %w", day.Region, day.Date, err)
	}
	return day, nil
}

// keepMade marks the turns that are as they were before as made up, where they
// were: who changes one of a day does not vouch for the others.
func keepMade(turns, before []Turn) {
	type row struct{ shift, unit, person, name, note string }
	made := map[row]bool{}
	for _, t := range before {
		made[row{t.Shift, t.Unit, t.Person, t.PersonName, t.Note}] = t.Made
	}
	for i, t := range turns {
		turns[i].Made = t.Made || made[row{t.Shift, t.Unit, t.Person, t.PersonName, t.Note}]
	}
}

// take locks the day, checks that it is as it was read, and takes out what it
// held.
func take(ctx context.Context, tx pgx.Tx, day RosterDay) (before RosterDay, err error) {
	before = RosterDay{Region: day.Region, Date: day.Date}
	if _, err := tx.Exec(ctx, `insert into dispatch.day (region, date, version) values ($1, $2, 0) on conflict do nothing`, day.Region, day.Date); err != nil {
		return before, err
	}
	err = tx.QueryRow(ctx, `update dispatch.day set version = version + 1, updated = now() where region = $1 and date = $2 returning version - 1`,
		day.Region, day.Date).Scan(&before.Version)
	if err != nil {
		return before, err
	}
	if before.Version != day.Version {
		return before, ErrConflict
	}
	rows, err := tx.Query(ctx, `delete from dispatch.turn t where t.region = $1 and t.date = $2 returning `+turnColumns, day.Region, day.Date)
	if err != nil {
		return before, err
	}
	before.Turns, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Turn])
	return before, err
}

// write puts the turns of a day in.
func (b *Book) write(ctx context.Context, tx pgx.Tx, day RosterDay, date time.Time) ([]Turn, error) {
	list, err := slots(ctx, tx)
	if err != nil {
		return nil, err
	}
	known := map[string]Slot{}
	var codes []string
	for _, s := range list {
		known[s.Code], codes = s, append(codes, s.Code)
	}
	out := make([]Turn, 0, len(day.Turns))
	for i, t := range day.Turns {
		field := fmt.Sprintf("/turns/%d/", i)
		s, ok := known[t.Shift]
		if !ok {
			return nil, &FieldError{field + "shift", t.Shift, "unknown", "没有这个班次 / there is no such shift", strings.Join(codes, ", ")}
		}
		t.Region, t.Date = day.Region, day.Date
		t.PersonName = strings.TrimSpace(t.PersonName)
		if t.Unit == "" && t.Person == "" && t.PersonName == "" {
			return nil, &FieldError{field + "unit", "", "missing", "请指定力量或人员 / a unit or a person is needed", ""}
		}
		if t.Person != "" && !strings.HasPrefix(t.Person, "person:") {
			return nil, &FieldError{field + "person", t.Person, "form", "不是人员 / not a person", "person:…"}
		}
		if t.From, t.Until, err = s.during(date); err != nil {
			return nil, err
		}
		err = tx.QueryRow(ctx, `insert into dispatch.turn (region, date, slot, unit, unit_name, person, person_name, note, during, made)
			values ($1, $2, $3, $4, $5, $6, $7, $8, tstzrange($9, $10), $11) returning id::text`,
			t.Region, t.Date, t.Shift, t.Unit, t.UnitName, t.Person, t.PersonName, t.Note, t.From, t.Until, t.Made).Scan(&t.ID)
		switch violated(err) {
		case "":
		case "turn_unit_once":
			return nil, &FieldError{field + "unit", t.Unit, "overlap", "该力量此时已在别处或同班值班 / the unit is on duty in that time already", "a unit that is free then"}
		case "turn_person_once":
			return nil, &FieldError{field + "person", t.Person, "overlap", "该人员此时已在别处或同班值班 / the person is on duty in that time already", "a person who is free then"}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}
