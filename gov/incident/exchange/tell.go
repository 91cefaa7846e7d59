package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"onecity/gov/incident"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Tell queues what a case has become for the partners that hear of it, each
// version of the case once for each, however often it is told. When it returns,
// it is in the database.
//
// A partner hears "onecity.case.<state>.v1" when it was not told of this stay in
// the state yet, and "onecity.case.updated.v1" of what changes within it.
func (s *Service) Tell(ctx context.Context, c incident.Case) error {
	list := s.known.all()
	if len(list) == 0 {
		return nil
	}
	queued := false
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, k := range list {
			did, err := s.tellOne(ctx, tx, k.Partner, c)
			if err != nil {
				return fmt.Errorf("to %s: %w", k.ID, err)
			}
			queued = queued || did
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("queue case %s, version %d: %w", c.ID, c.Version, err)
	}
	if queued {
		s.poke()
	}
	return nil
}

func (s *Service) tellOne(ctx context.Context, tx pgx.Tx, p Partner, c incident.Case) (bool, error) {
	event := string(c.State)
	if !p.hears(event, c) && !p.hears(Updated, c) {
		return false, nil
	}
	var told bool // of this stay in the state, by an earlier version
	err := tx.QueryRow(ctx, `select exists (select from exchange.delivery where partner = $1 and object = $2 and since = $3 and version < $4)`,
		p.ID, c.ID, c.Since.UTC().Truncate(time.Microsecond), c.Version).Scan(&told)
	if err != nil {
		return false, err
	}
	if told {
		event = Updated
	}
	if !p.hears(event, c) {
		return false, nil
	}
	kind := typeCase + event + ".v1"
	if p.Kind == Open311 {
		if event == Updated {
			return false, nil // it was handed the case when that came into the state
		}
		kind = Open311
	}
	body, err := p.seen(c)
	if err != nil {
		return false, err
	}
	since := c.Since.UTC().Truncate(time.Microsecond)
	return s.queue(ctx, tx, p, queued{kind, c.ID, c.Version, &since, c.Updated, body})
}

// Notice is something beside the cases that partners hear of, such as a warning.
type Notice struct {
	Type    string // typeWarning
	Event   string // what Partner.Events calls it
	Object  string
	Version int64
	At      time.Time
	Regions []string // where it holds
	Data    json.RawMessage
}

// TellWarning queues a warning for the partners whose region it touches.
func (s *Service) TellWarning(ctx context.Context, id string, version int64, at time.Time, regions []string, data json.RawMessage) error {
	return s.notice(ctx, Notice{Type: typeWarning, Event: "warning", Object: id, Version: version, At: at, Regions: regions, Data: data})
}

func (s *Service) notice(ctx context.Context, n Notice) error {
	var list []Partner
	for _, k := range s.known.all() {
		if k.On && k.Kind == Webhook && k.URL != "" && k.wants(n.Event) && touches(n.Regions, k.Region) {
			list = append(list, k.Partner)
		}
	}
	if len(list) == 0 {
		return nil
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, p := range list {
			if _, err := s.queue(ctx, tx, p, queued{n.Type, n.Object, n.Version, nil, n.At, n.Data}); err != nil {
				return fmt.Errorf("to %s: %w", p.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("queue %s of %s: %w", n.Type, n.Object, err)
	}
	s.poke()
	return nil
}

// touches reports whether one of the regions is around's, in it, or around it.
func touches(regions []string, around string) bool {
	for _, r := range regions {
		if within(r, around) || within(around, r) {
			return true
		}
	}
	return len(regions) == 0
}

// queued is a message before it is one.
type queued struct {
	kind    string
	object  string
	version int64
	since   *time.Time
	at      time.Time
	data    json.RawMessage
}

// queue puts a delivery into the database; false when it is there already.
func (s *Service) queue(ctx context.Context, tx pgx.Tx, p Partner, q queued) (bool, error) {
	id := uuid.Must(uuid.NewV7())
	body := []byte(q.data)
	if q.kind != Open311 {
		at := q.at.UTC()
		var err error
		if body, err = json.Marshal(Event{SpecVersion: "1.0", ID: id.String(), Source: s.o.Source, Type: q.kind, Subject: q.object, Time: &at,
			DataContentType: "application/json", Data: q.data}); err != nil {
			return false, fmt.Errorf("write the event: %w", err)
		}
	}
	now := s.now()
	tag, err := tx.Exec(ctx, `insert into exchange.delivery (id, partner, type, object, version, since, body, made, state, next)
		select $1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $8 where exists (select from exchange.partner where id = $2)
		on conflict (partner, object, version, type) do nothing`, id, p.ID, q.kind, q.object, q.version, q.since, body, now)
	if err != nil {
		return false, err
	}
	return tag.RowsAffected() > 0, nil
}
