package exchange

import (
	"context"
	"errors"
	"fmt"

	"onecity/internal/flow"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// read reads all partners, or the one of that id; lock is SQL.
func (s *Service) read(ctx context.Context, q querier, id, lock string) ([]Partner, error) {
	rows, err := q.Query(ctx, `
		select p.id, p.name, p.kind, p.url, p.region, p.classes, p.events, p.grade, p.reports, p.jurisdiction, p.services, p.key is not null,
			p.is_on, p.off,
			(select coalesce(jsonb_agg(jsonb_build_object('made', s.made, 'until', s.until) order by s.made), '[]')
				from exchange.secret s where s.partner = p.id and (s.until is null or s.until > $1)),
			p.version, p.made, p.updated,
			(select count(*) from exchange.delivery d where d.partner = p.id and d.state = 'waiting'),
			(select count(*) from exchange.delivery d where d.partner = p.id and d.state = 'dead'),
			(select max(d.sent) from exchange.delivery d where d.partner = p.id)
		from exchange.partner p where $2 = '' or p.id = $2 order by p.id `+lock, s.now(), id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Partner, err error) {
		err = row.Scan(&p.ID, &p.Name, &p.Kind, &p.URL, &p.Region, &p.Classes, &p.Events, &p.Grade, &p.Reports, &p.Jurisdiction, &p.Services, &p.Keyed,
			&p.On, &p.Off, &p.Secrets, &p.Version, &p.Made, &p.Updated, &p.Waiting, &p.Dead, &p.LastSent)
		return p, err
	})
}

func may(a flow.Actor, p Partner) bool { return a.Allow != nil && a.Allow(Action, p.item()) }

// Partners are those that the caller may edit, by id.
func (s *Service) Partners(ctx context.Context, by flow.Actor) ([]Partner, error) {
	all, err := s.read(ctx, s.pool, "", "")
	if err != nil {
		return nil, fmt.Errorf("list the partners: %w", err)
	}
	out := []Partner{}
	for _, p := range all {
		if may(by, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

// Partner is one that the caller may edit; ErrNotFound.
func (s *Service) Partner(ctx context.Context, by flow.Actor, id string) (Partner, error) {
	p, err := s.one(ctx, s.pool, id, "")
	if err == nil && !may(by, p) {
		err = ErrNotFound
	}
	if err != nil {
		return Partner{}, fmt.Errorf("find the partner %.40q: %w", id, err)
	}
	return p, nil
}

func (s *Service) one(ctx context.Context, q querier, id, lock string) (Partner, error) {
	if !partnerID.MatchString(id) { // nothing that the database would choke on
		return Partner{}, ErrNotFound
	}
	list, err := s.read(ctx, q, id, lock)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Partner{}, err
	}
	return list[0], nil
}

// Choices are the partners that a case in region may be handed to: those that
// are on and answer for the place. Who may hand over is the caller's to ask.
func (s *Service) Choices(region string) []Partner {
	var out []Partner
	for _, k := range s.known.all() {
		if k.On && k.URL != "" && within(region, k.Region) {
			out = append(out, Partner{ID: k.ID, Name: k.Name, Kind: k.Kind, Region: k.Region})
		}
	}
	sortByID(out)
	return out
}

// Add makes a partner. A webhook partner's first secret is answered, this once;
// key is an Open311 partner's api_key, or "".
func (s *Service) Add(ctx context.Context, by flow.Actor, p Partner, key, why string) (out Partner, secret string, err error) {
	if err := p.check(); err != nil {
		return Partner{}, "", err
	}
	if !may(by, p) {
		return Partner{}, "", s.refuse(ctx, by, "incident.partner", p)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into exchange.partner
			(id, name, kind, url, region, classes, events, grade, reports, jurisdiction, services, key, is_on, made, updated)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)`,
			p.ID, p.Name, p.Kind, p.URL, p.Region, p.Classes, p.Events, p.Grade, p.Reports, p.Jurisdiction, p.Services, s.sealed(key, p.ID), p.On, s.now())
		if err != nil {
			return err
		}
		if p.Kind == Webhook {
			if secret, err = s.addSecret(ctx, tx, p.ID); err != nil {
				return err
			}
		}
		if out, err = s.one(ctx, tx, p.ID, ""); err != nil {
			return err
		}
		return s.changed(ctx, tx, by, why, "incident.partner", nil, &out)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "partner_pkey" {
		return Partner{}, "", &FieldError{"id", "taken", "该标识已被使用 / this id is taken"}
	}
	if err != nil {
		return Partner{}, "", fmt.Errorf("add the partner %s: %w", p.ID, err)
	}
	return out, secret, s.reload(ctx)
}

// Edit changes a partner, but for its id and kind; Version must be the one that
// was read. key replaces an Open311 partner's api_key where it is not "".
func (s *Service) Edit(ctx context.Context, by flow.Actor, p Partner, key, why string) (out Partner, err error) {
	var was Partner
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if was, err = s.one(ctx, tx, p.ID, "for update of p"); err != nil {
			return err
		}
		p.Kind = was.Kind
		if err := p.check(); err != nil {
			return err
		}
		switch {
		case !may(by, was) || !may(by, p):
			return ErrRefused
		case was.Version != p.Version:
			return ErrConflict
		}
		_, err = tx.Exec(ctx, `update exchange.partner set name = $2, url = $3, region = $4, classes = $5, events = $6, grade = $7, reports = $8,
			jurisdiction = $9, services = $10, key = coalesce($11, key), is_on = $12, off = case when $12 then '' else off end,
			version = version + 1, updated = $13 where id = $1`,
			p.ID, p.Name, p.URL, p.Region, p.Classes, p.Events, p.Grade, p.Reports, p.Jurisdiction, p.Services, s.sealed(key, p.ID), p.On, s.now())
		if err != nil {
			return err
		}
		if out, err = s.one(ctx, tx, p.ID, ""); err != nil {
			return err
		}
		return s.changed(ctx, tx, by, why, "incident.partner", &was, &out)
	})
	if errors.Is(err, ErrRefused) {
		return Partner{}, s.refuse(ctx, by, "incident.partner", was)
	}
	if err != nil {
		return Partner{}, fmt.Errorf("change the partner %.40q: %w", p.ID, err)
	}
	s.poke() // it may have been switched on
	return out, s.reload(ctx)
}

// Remove forgets a partner with all that was sent to it; the log remembers it.
func (s *Service) Remove(ctx context.Context, by flow.Actor, id string, version int64, why string) error {
	var was Partner
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if was, err = s.one(ctx, tx, id, "for update of p"); err != nil {
			return err
		}
		switch {
		case !may(by, was):
			return ErrRefused
		case was.Version != version:
			return ErrConflict
		}
		if _, err := tx.Exec(ctx, `delete from exchange.partner where id = $1`, id); err != nil {
			return err
		}
		return s.changed(ctx, tx, by, why, "incident.partner", &was, nil)
	})
	if errors.Is(err, ErrRefused) {
		return s.refuse(ctx, by, "incident.partner", was)
	}
	if err != nil {
		return fmt.Errorf("remove the partner %.40q: %w", id, err)
	}
	return s.reload(ctx)
}

// NewSecret gives a webhook partner a new secret, answered this once. The one
// before is good for Options.SecretFor more, or not at all when cut is set.
func (s *Service) NewSecret(ctx context.Context, by flow.Actor, id string, cut bool, why string) (secret string, err error) {
	var p Partner
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if p, err = s.one(ctx, tx, id, "for update of p"); err != nil {
			return err
		}
		if !may(by, p) {
			return ErrRefused
		}
		if p.Kind != Webhook {
			return &FieldError{"kind", "secret", "该系统没有签名密钥 / this partner has no signing secret"}
		}
		until := s.now()
		if !cut {
			until = until.Add(s.o.SecretFor)
		}
		// Two are good at once, not three; and renewing again makes none last longer.
		if _, err := tx.Exec(ctx, `delete from exchange.secret where partner = $1
			and id not in (select id from exchange.secret where partner = $1 order by made desc limit 1)`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update exchange.secret set until = least(coalesce(until, $2), $2) where partner = $1`, id, until); err != nil {
			return err
		}
		if secret, err = s.addSecret(ctx, tx, id); err != nil {
			return err
		}
		return s.changed(ctx, tx, by, why, "incident.partner.secret", &p, &p)
	})
	if errors.Is(err, ErrRefused) {
		return "", s.refuse(ctx, by, "incident.partner.secret", p)
	}
	if err != nil {
		return "", fmt.Errorf("give the partner %.40q a secret: %w", id, err)
	}
	return secret, s.reload(ctx)
}

func (s *Service) addSecret(ctx context.Context, tx pgx.Tx, partner string) (string, error) {
	secret := newSecret()
	_, err := tx.Exec(ctx, `insert into exchange.secret (id, partner, sealed, made) values ($1, $2, $3, $4)`,
		uuid.Must(uuid.NewV7()), partner, s.sealed(secret, partner), s.now())
	return secret, err
}

// sealed is nil for "".
func (s *Service) sealed(text, partner string) []byte {
	if text == "" {
		return nil
	}
	return s.seal.Seal([]byte(text), partner)
}
