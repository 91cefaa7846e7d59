package signin

import (
	"context"
	"fmt"

	"onecity/gov/identity"

	"github.com/jackc/pgx/v5"
)

// End signs out.
func (s *Service) End(ctx context.Context, at Session) error {
	err := s.inTx(ctx, "sign out", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from signin.session where id = $1::uuid`, at.ID)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		a, err := s.byID(ctx, tx, at.Person)
		if err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.out", at))
	})
	s.sessions.drop(at.hash)
	return err
}

// Sessions lists a person's, the newest first: for oneself, and for who may
// view the person. identity.ErrNotFound.
func (s *Service) Sessions(ctx context.Context, by identity.By, person string) ([]Session, error) {
	if _, err := s.dir.Person(ctx, by, person); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `select `+sessionColumns+` from signin.session s
		where s.person::text = $1 and s.until > $2 and s.seen > $3 order by s.since desc, s.id`,
		person, s.now(), s.now().Add(-s.policy.Load().Idle))
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	out, err := pgx.CollectRows(rows, scanSession)
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	return out, nil
}

// EndOne ends one session of a person: oneself may, and who masters the
// person. identity.ErrNotFound, identity.ErrRefused.
func (s *Service) EndOne(ctx context.Context, by identity.By, person, id string) error {
	return s.end(ctx, by, person, `and id::text = $2`, id)
}

// EndAll ends all sessions of a person.
func (s *Service) EndAll(ctx context.Context, by identity.By, person string) error {
	return s.end(ctx, by, person, `and $2 = ''`, "")
}

func (s *Service) end(ctx context.Context, by identity.By, person, which, id string) error {
	var a account
	var err error
	if by.Subject == "person:"+person {
		a, err = s.byID(ctx, s.pool, person)
	} else {
		a, err = s.mastered(ctx, by, person, "signin.end")
	}
	if err != nil {
		return err
	}
	var hashes [][]byte
	err = s.inTx(ctx, "end sessions", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `delete from signin.session where person = $1::uuid `+which+` returning hash`, a.id, id)
		if err != nil {
			return err
		}
		if hashes, err = pgx.CollectRows(rows, pgx.RowTo[[]byte]); err != nil {
			return err
		}
		if len(hashes) == 0 && id != "" {
			return identity.ErrNotFound
		}
		return s.record(ctx, tx, done(a, "signin.end", by).with(map[string]any{"sessions": len(hashes), "session": id}))
	})
	for _, h := range hashes {
		s.sessions.drop([32]byte(h))
	}
	return err
}
