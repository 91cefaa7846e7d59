package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"onecity/gov/identity"

	"github.com/jackc/pgx/v5"
)

// Begin signs in with login and password. The session says in Pending what is
// still to do. ErrRefused for whatever is wrong, in the same time and words;
// a *LimitedError when no attempt is taken.
func (s *Service) Begin(ctx context.Context, login, password, from, agent string) (Session, string, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	try := s.attemptOf(login, from)
	if err := s.free(ctx, try); err != nil {
		return Session{}, "", err
	}
	a, err := s.byLogin(ctx, s.pool, text(login, 64))
	known := err == nil
	if err != nil && !errors.Is(err, identity.ErrNotFound) {
		return Session{}, "", err
	}
	fresh, err := s.verify(ctx, try, a.hash, password, func(right bool) error {
		why := s.unfit(a, known, right)
		if why == "" {
			return nil
		}
		e := about(a, "signin.refused", from).because(why)
		if !known {
			// Not in clear: people type their password there.
			e.object = "login:" + hex.EncodeToString(s.key.Digest("login", "", login)[:8])
		}
		return s.refuse(ctx, try, e)
	})
	if err != nil {
		return Session{}, "", err
	}
	var out Session
	var token string
	err = s.inTx(ctx, "sign in", func(tx pgx.Tx) error {
		if err := s.passed(ctx, tx, try); err != nil {
			return err
		}
		if fresh != "" {
			if _, err := tx.Exec(ctx, `update signin.password set hash = $3 where person = $1::uuid and hash = $2`, a.id, a.hash, fresh); err != nil {
				return err
			}
		}
		// A password that was reset, or a person who was locked, in between.
		if err := still(ctx, tx, a); err != nil {
			return err
		}
		if out, token, err = s.open(ctx, tx, a, from, agent, false); err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.ok", out).with(map[string]any{"method": "password", "next": out.Pending}))
	})
	return out, token, err
}

// unfit is why an account may not sign in with the password it has shown.
func (s *Service) unfit(a account, known, right bool) string {
	p := s.policy.Load()
	switch {
	case !known:
		return "unknown login"
	case a.hash == "":
		return "no password"
	case !right:
		return "wrong password"
	case a.state != "active":
		return "the person is " + a.state
	case a.first && p.FirstAge > 0 && s.now().Sub(a.changed) > p.FirstAge:
		return "the first password is too old"
	}
	return ""
}

// still fails with ErrRefused when the password was set anew or the person
// locked after a was read.
func still(ctx context.Context, tx pgx.Tx, a account) error {
	var same bool
	err := tx.QueryRow(ctx, `select p.state = 'active' and w.changed = $2 from identity.person p
		join signin.password w on w.person = p.id where p.id = $1::uuid for no key update of p`, a.id, a.changed).Scan(&same)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read the account again: %w", err)
	}
	if !same {
		return ErrRefused
	}
	return nil
}

// verify compares a password with the hash of one, and does the same work when
// there is none. judge says what follows; it counts what is wrong before the
// next is let in, so that many at once are not many tries. fresh is a new hash
// for a right password when the policy's parameters have changed.
func (s *Service) verify(ctx context.Context, try attempt, hash, password string, judge func(right bool) error) (fresh string, err error) {
	leave, err := s.hasher.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	// Again: others may have led to a lock while this one waited.
	if err := s.free(ctx, try); err != nil {
		return "", err
	}
	params := s.policy.Load().Hash
	p := phc{Hash: params, salt: make([]byte, saltSize), sum: make([]byte, hashSize)}
	if hash != "" {
		if p, err = parsePHC(hash); err != nil {
			return "", fmt.Errorf("read the password's hash: %w", err)
		}
	}
	if len(password) > longest {
		password, hash = password[:longest], ""
	}
	password = normal(password)
	right := p.matches(password) && hash != ""
	if err := judge(right); err != nil {
		return "", err
	}
	if p.Hash != params {
		fresh = params.hash(password).String()
	}
	return fresh, nil
}
