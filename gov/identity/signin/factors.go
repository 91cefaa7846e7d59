package signin

import (
	"context"
	"fmt"
	"strings"

	"onecity/gov/identity"

	"github.com/jackc/pgx/v5"
)

// Factors are what a person has beside the password: for oneself, and for who
// may view the person. identity.ErrNotFound.
func (s *Service) Factors(ctx context.Context, by identity.By, person string) (Factors, error) {
	if _, err := s.dir.Person(ctx, by, person); err != nil {
		return Factors{}, err
	}
	a, err := s.byID(ctx, s.pool, person)
	if err != nil {
		return Factors{}, err
	}
	out := Factors{TOTP: a.totp, Recovery: a.recovery, Needed: a.needs}
	if a.hash != "" {
		out.Changed = a.changed
	}
	rows, err := s.pool.Query(ctx, `select id::text, name, added, used from signin.passkey where person = $1::uuid order by added, id`, a.id)
	if err != nil {
		return Factors{}, fmt.Errorf("list the passkeys: %w", err)
	}
	out.Passkeys, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Passkey])
	if err != nil {
		return Factors{}, fmt.Errorf("list the passkeys: %w", err)
	}
	return out, nil
}

// ResetFactors takes all second factors of a person away and ends their
// sessions; by.Why says why. identity.ErrNotFound, identity.ErrRefused.
func (s *Service) ResetFactors(ctx context.Context, by identity.By, person string) error {
	a, err := s.mastered(ctx, by, person, "signin.factors.reset")
	if err != nil {
		return err
	}
	return s.inTx(ctx, "take the second factors away", func(tx pgx.Tx) error {
		for _, table := range []string{"totp", "passkey", "recovery"} {
			if _, err := tx.Exec(ctx, `delete from signin.`+table+` where person = $1::uuid`, a.id); err != nil {
				return err
			}
		}
		if err := endOthers(ctx, tx, a.id, ""); err != nil {
			return err
		}
		return s.record(ctx, tx, done(a, "signin.factors.reset", by).with(map[string]any{"totp": a.totp, "passkeys": a.passkeys}))
	})
}

// RecoveryCodes makes ten new ones, to be shown once; those before are void.
// ErrStrong, ErrNoFactor.
func (s *Service) RecoveryCodes(ctx context.Context, at Session) ([]string, error) {
	a, err := s.mine(ctx, at, "")
	switch {
	case err != nil:
		return nil, err
	case !at.Strong:
		return nil, ErrStrong
	case a.factors() == 0:
		return nil, ErrNoFactor
	}
	var codes []string
	err = s.inTx(ctx, "make recovery codes", func(tx pgx.Tx) error {
		if codes, err = s.newRecovery(ctx, tx, a); err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.recovery.make", at))
	})
	return codes, err
}

const recoveryCodes = 10

func (s *Service) newRecovery(ctx context.Context, tx pgx.Tx, a account) ([]string, error) {
	if _, err := tx.Exec(ctx, `delete from signin.recovery where person = $1::uuid`, a.id); err != nil {
		return nil, err
	}
	codes, hashes := make([]string, recoveryCodes), make([][]byte, recoveryCodes)
	for i := range codes {
		codes[i] = random(3) // 59 bits, and hashed with a key
		hashes[i] = s.recoveryHash(a, codes[i])
	}
	_, err := tx.Exec(ctx, `insert into signin.recovery (person, hash) select $1::uuid, unnest($2::bytea[])`, a.id, hashes)
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// recoveryHash of a code, however it was typed.
func (s *Service) recoveryHash(a account, code string) []byte {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(readable, r) {
			return r
		}
		return -1
	}, strings.ToLower(code))
	return s.key.Digest("recovery", a.id, plain)
}

// takeRecovery takes a recovery code, each once.
func (s *Service) takeRecovery(ctx context.Context, tx pgx.Tx, a account, code string) (bool, error) {
	if len(code) > 100 {
		return false, nil
	}
	tag, err := tx.Exec(ctx, `delete from signin.recovery where person = $1::uuid and hash = $2`, a.id, s.recoveryHash(a, code))
	return tag.RowsAffected() > 0, err
}

// enrols is the account of a session that may set a factor up: one that has
// shown the second factor, if there is one.
func (s *Service) enrols(ctx context.Context, at Session) (account, error) {
	a, err := s.mine(ctx, at, "", PendingEnrol)
	if err == nil && a.factors() > 0 && !at.Strong {
		err = ErrStrong
	}
	return a, err
}

// enrolled makes the session strong, ends the others and gives recovery codes
// when there are none. a has the new factor already.
func (s *Service) enrolled(ctx context.Context, tx pgx.Tx, at Session, a account) (out Enrolled, err error) {
	if a.recovery == 0 {
		if out.Recovery, err = s.newRecovery(ctx, tx, a); err != nil {
			return Enrolled{}, err
		}
	}
	if err := endOthers(ctx, tx, a.id, at.ID); err != nil {
		return Enrolled{}, err
	}
	out.Session, out.Token, err = s.step(ctx, tx, at, a, true)
	return out, err
}

// remove takes a factor out of use with del, which says whether there was one.
func (s *Service) remove(ctx context.Context, at Session, action, id string, del func(pgx.Tx, account) (bool, error)) error {
	a, err := s.mine(ctx, at, "")
	if err != nil {
		return err
	}
	if !at.Strong {
		return ErrStrong
	}
	return s.inTx(ctx, "remove a second factor", func(tx pgx.Tx) error {
		// One at a time of a person: two at once must not remove the last two.
		if _, err := tx.Exec(ctx, `select from identity.person where id = $1::uuid for no key update`, a.id); err != nil {
			return err
		}
		had, err := del(tx, a)
		if err != nil {
			return err
		}
		if !had {
			return ErrNoFactor
		}
		if a, err = s.byID(ctx, tx, a.id); err != nil {
			return err
		}
		if a.factors() == 0 {
			if a.needs {
				return ErrLastFactor
			}
			if _, err := tx.Exec(ctx, `delete from signin.recovery where person = $1::uuid`, a.id); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, does(a, action, at).with(map[string]any{"id": id, "left": a.factors()}))
	})
}
