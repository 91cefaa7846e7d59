package exchange

import (
	"context"
	"errors"
	"fmt"

	"onecity/internal/audit"
	"onecity/internal/flow"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

func system() flow.Actor { return flow.System() }

const deliveryColumns = `d.id::text, d.partner, d.type, d.object, d.version, d.made, d.state, d.attempts, d.next, d.tried, d.sent, d.status, d.millis, d.error,
	coalesce(h.remote, ''), coalesce(h.status, '')`

const deliveryFrom = ` from exchange.delivery d left join exchange.handed h on h.delivery = d.id `

// Deliveries are what went to a partner, or is to, the newest first.
func (s *Service) Deliveries(ctx context.Context, by flow.Actor, partner string, f DeliveryFilter) ([]Delivery, error) {
	if _, err := s.Partner(ctx, by, partner); err != nil {
		return nil, err
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	var before *uuid.UUID
	if f.Before != "" {
		id, err := uuid.Parse(f.Before)
		if err != nil {
			return []Delivery{}, nil
		}
		before = &id
	}
	// Ids are UUIDv7: their order is that of their making.
	rows, err := s.pool.Query(ctx, `select `+deliveryColumns+deliveryFrom+`
		where d.partner = $1 and ($2 = '' or d.state = $2) and ($3 = '' or d.object = $3) and ($4::uuid is null or d.id < $4)
		order by d.made desc, d.id desc limit $5`, partner, f.State, f.Object, before, min(f.Limit, 200))
	if err != nil {
		return nil, fmt.Errorf("list the deliveries to %s: %w", partner, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Delivery])
	if err != nil {
		return nil, fmt.Errorf("list the deliveries to %s: %w", partner, err)
	}
	return out, nil
}

// Again has a delivery sent again at once, as if for the first time, under the
// same id: one that is dead, waits, or was sent and lost at the other side.
func (s *Service) Again(ctx context.Context, by flow.Actor, partner, delivery, why string) (out Delivery, err error) {
	p, err := s.Partner(ctx, by, partner)
	if err != nil {
		return Delivery{}, err
	}
	id, err := uuid.Parse(delivery)
	if err != nil {
		return Delivery{}, fmt.Errorf("find the delivery %.40q: %w", delivery, ErrNotFound)
	}
	if !p.On {
		return Delivery{}, &FieldError{"on", "off", "该系统已停用，请先启用 / the partner is off: switch it on first"}
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update exchange.delivery d set state = 'waiting', attempts = 0, first = null, next = $3, error = ''
			where id = $1 and partner = $2 and not exists (select from exchange.handed h where h.delivery = d.id)`, id, partner, s.now())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		if out, err = s.delivery(ctx, tx, id.String()); err != nil {
			return err
		}
		return s.write(ctx, tx, audit.Entry{Actor: by.Subject, From: by.From, Session: by.Session, Why: why, Action: "incident.partner.again",
			Object: object(p), Region: p.Region, Outcome: audit.Done, After: delivery})
	})
	if err != nil {
		return Delivery{}, fmt.Errorf("send the delivery %s again: %w", delivery, err)
	}
	s.poke()
	return out, nil
}

// Test sends a partner a message that says only that the line works.
func (s *Service) Test(ctx context.Context, by flow.Actor, partner string) (out Delivery, err error) {
	p, err := s.Partner(ctx, by, partner)
	if err != nil {
		return Delivery{}, err
	}
	switch {
	case p.Kind != Webhook || p.URL == "":
		return Delivery{}, &FieldError{"kind", "test", "该系统不接收事件 / this partner gets no events"}
	case !p.On:
		return Delivery{}, &FieldError{"on", "off", "该系统已停用，请先启用 / the partner is off: switch it on first"}
	}
	now := s.now()
	data, err := s.test(now)
	if err != nil {
		return Delivery{}, fmt.Errorf("write a test: %w", err)
	}
	object := "test-" + uuid.Must(uuid.NewV7()).String()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := s.queue(ctx, tx, p, queued{TypeTest, object, 1, nil, now, data}); err != nil {
			return err
		}
		var id string
		if err := tx.QueryRow(ctx, `select id::text from exchange.delivery where partner = $1 and object = $2`, partner, object).Scan(&id); err != nil {
			return err
		}
		out, err = s.delivery(ctx, tx, id)
		return err
	})
	if err != nil {
		return Delivery{}, fmt.Errorf("queue a test to %s: %w", partner, err)
	}
	s.poke()
	return out, nil
}

func (s *Service) delivery(ctx context.Context, q querier, id string) (Delivery, error) {
	rows, err := q.Query(ctx, `select `+deliveryColumns+deliveryFrom+` where d.id = $1`, id)
	if err != nil {
		return Delivery{}, err
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Delivery])
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return d, err
}
