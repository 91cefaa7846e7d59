package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"onecity/cim"
	"onecity/gov/incident"
	"onecity/gov/incident/duty"
	"onecity/ingest"
	"onecity/internal/calendar"
	"onecity/internal/flow"
	"onecity/streams"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// joined are the parts that the cases ask, which are opened after them.
type joined struct {
	gate *ingest.Gate
	duty *duty.Service
}

// caseOptions join the loop with the rest of the city.
func (o *office) caseOptions() incident.Options {
	return incident.Options{
		OnDuty: func(ctx context.Context, tx pgx.Tx, subject string) ([]string, error) {
			if o.joined.duty == nil {
				return nil, nil
			}
			return o.joined.duty.OnDutyTx(ctx, tx, subject)
		},
		KnowsUnit: func(id string) bool { return o.joined.gate == nil || o.joined.gate.KnowsUnit(id) },
		Kept: func(ctx context.Context, tx pgx.Tx, c incident.Case, p incident.Proof) error {
			return o.chain.Append(ctx, tx, c, p)
		},
		Name:    o.nameOf,
		Classes: classes(),
		Prefix: func() string {
			if o.joined.gate == nil {
				return "案"
			}
			r, n := utf8.DecodeRuneInString(o.joined.gate.City().Profile().Name)
			if n == 0 || r == utf8.RuneError {
				return "案"
			}
			return string(r)
		},
	}
}

// ownNames are those of subjects that are no person's.
var ownNames = map[string]string{
	"system": "系统", toolsSubject: "本机工具", workersSubject: "模拟处置队",
}

// nameOf is a subject's name for people.
func (o *office) nameOf(ctx context.Context, subject string) string {
	if name, ours := ownNames[subject]; ours || subject == "" {
		return name
	}
	if name := o.directory.SubjectName(ctx, subject); name != "" {
		return name
	}
	return subject
}

// classes are the city's register with the limits of each step. The register
// has one limit, from the report to the end of the handling; what of it the
// steps before have, and how long a verification may take, are operational
// defaults by severity, which a city changes in its own register.
func classes() []incident.Class {
	var out []incident.Class
	for _, c := range cim.Classes() {
		s := int(c.Severity)
		if s < 1 || s > 4 {
			s = 4
		}
		l := incident.Limits{
			Establish: []int{5, 15, 30, 60}[s-1], Dispatch: []int{5, 15, 30, 60}[s-1], Accept: []int{5, 10, 15, 30}[s-1],
			Handle: c.LimitMinutes, Verify: []int{60, 120, 240, 480}[s-1],
		}
		l.Total = l.Establish + l.Dispatch + l.Accept + l.Handle + l.Verify
		out = append(out, incident.Class{
			Code: c.Code, Name: c.Name, NameEn: c.NameEn, Group: c.Group, GroupEn: c.GroupEn, Component: c.Component, Severity: s,
			NeedsPhoto: c.Component, Limits: l, ValidFrom: calendar.Date{Year: 2020, Month: time.January, Day: 1},
			Source: "按 GB/T 30428.2 的大类小类结构；代码数字与时限为缺省值，未与标准原文核对 / major and minor classes after GB/T 30428.2; " +
				"digits of the codes and limits are defaults, not compared with the standard's text",
		})
	}
	return out
}

// intake opens a case for each report of the city's stream, and takes senders'
// words about theirs, until ctx ends. While the database is away it waits: the
// reports are safe in the stream.
func (o *office) intake(ctx context.Context, broker *streams.Broker) error {
	for ctx.Err() == nil {
		from, err := retried(ctx, "ask how far reports have been taken", func() (uint64, error) { return o.cases.Position(ctx, broker.Epoch()) })
		if err != nil {
			return err
		}
		t := taker{office: o, broker: broker, kept: time.Now()}
		err = broker.Consume(ctx, from, func(e streams.Received) error { return t.take(ctx, e) })
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, streams.ErrGone):
			first, firstErr := broker.First(ctx)
			if firstErr != nil {
				return errors.Join(err, firstErr)
			}
			slog.Error("reports have aged out of the stream before they became cases", "position", from, "first", first)
			if _, err := retried(ctx, "keep how far reports have been taken", func() (struct{}, error) {
				return struct{}{}, o.cases.Reached(ctx, broker.Epoch(), max(first, 1)-1)
			}); err != nil {
				return err
			}
		case err != nil:
			slog.Warn("the stream of reports broke, going on", "error", err)
			sleep(ctx, time.Second)
		}
	}
	return ctx.Err()
}

// taker takes one event after the other.
type taker struct {
	*office
	broker *streams.Broker
	kept   time.Time // when the position was kept last
}

// keepEvery is how often the position is kept while nothing is taken.
const keepEvery = 5 * time.Second

func (t *taker) take(ctx context.Context, e streams.Received) error {
	taken, err := t.event(ctx, e)
	if err != nil {
		return err
	}
	if !taken && time.Since(t.kept) < keepEvery {
		return nil
	}
	t.kept = time.Now()
	_, err = retried(ctx, "keep how far reports have been taken", func() (struct{}, error) {
		return struct{}{}, t.cases.Reached(ctx, t.broker.Epoch(), e.Seq)
	})
	return err
}

// event takes one event, if it is for the cases.
func (t *taker) event(ctx context.Context, e streams.Received) (taken bool, err error) {
	var do func() error
	switch {
	case e.Type == ingest.TypeTold:
		var w incident.Word
		if err := json.Unmarshal(e.Data, &w); err != nil {
			return true, t.bury(ctx, e, err)
		}
		do = func() error { return t.cases.Told(ctx, w) }
	case e.Type == cim.TypeOf(cim.IncidentPut{}) && e.Source != officeSource:
		f, err := cim.Decode(e.Type, e.Data)
		put, ok := f.(cim.IncidentPut)
		if err != nil || !ok {
			return true, t.bury(ctx, e, err)
		}
		if put.Incident.Version != 1 {
			return false, nil
		}
		r := t.reportOf(put)
		do = func() error {
			_, err := t.cases.Take(ctx, r)
			return err
		}
	default:
		return false, nil
	}
	_, err = retried(ctx, "take a report", func() (struct{}, error) { return struct{}{}, do() })
	if err != nil && ctx.Err() == nil {
		err = t.bury(ctx, e, err)
	}
	return true, err
}

// reportOf is what a fact of the model says to those who handle it.
func (t *taker) reportOf(put cim.IncidentPut) incident.Report {
	in := put.Incident
	r := incident.Report{
		ID: in.ID, Class: in.Class, Title: in.Title, Description: in.Description, Severity: int(in.Severity), Lon: in.Lon, Lat: in.Lat,
		Address: in.Address, Reported: in.Reported, Channel: in.Channel, Reporter: put.Reporter, Object: put.Object, Photos: in.Photos,
		Grade: int(in.Grade), Simulated: in.Simulated,
	}
	r.Region = t.joined.gate.RegionAt(in.Lon, in.Lat)
	return r
}

// bury puts what cannot be a case where people look at what was refused.
func (t *taker) bury(ctx context.Context, e streams.Received, why error) error {
	if why == nil {
		why = errors.New("not an incident")
	}
	slog.Error("a report cannot be a case", "id", e.ID, "source", e.Source, "error", why)
	problems, err := json.Marshal([]ingest.Problem{{Field: "/", Code: ingest.CodeMalformed, Message: why.Error()}})
	if err != nil {
		return fmt.Errorf("bury a report: %w", err)
	}
	if err := t.broker.Bury(ctx, streams.DeadLetter{At: e.At, Way: "cases", Source: e.Source, Body: e.Data, Why: problems}); err != nil {
		return fmt.Errorf("bury a report: %w", err)
	}
	return nil
}

// retried does something again and again until it goes, or fails in a way that
// waiting does not mend.
func retried[T any](ctx context.Context, doing string, do func() (T, error)) (T, error) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		v, err := do()
		if err == nil || lasting(err) || ctx.Err() != nil {
			return v, err
		}
		slog.Warn("the database is away, trying again", "doing", doing, "error", err)
		sleep(ctx, pause)
	}
}

// lasting reports whether an error says that what was asked is wrong, and not
// that the database is away.
func lasting(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// data exceptions and violated constraints
		return len(pg.Code) == 5 && (pg.Code[:2] == "22" || pg.Code[:2] == "23")
	}
	return errors.Is(err, incident.ErrInvalid) || errors.Is(err, incident.ErrUnknown) || errors.Is(err, flow.ErrIncomplete) || errors.Is(err, incident.ErrReused)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
