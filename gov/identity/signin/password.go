package signin

import (
	"context"
	"slices"
	"time"

	"onecity/gov/identity"

	"github.com/jackc/pgx/v5"
)

// ChangePassword sets one's own password, and ends one's other sessions. old
// is not looked at when the session is PendingPassword. A *WeakError says why
// the new one is not taken; ErrRefused that old is wrong.
func (s *Service) ChangePassword(ctx context.Context, at Session, old, fresh string) (Session, string, error) {
	a, err := s.mine(ctx, at, "", PendingPassword)
	if err != nil {
		return Session{}, "", err
	}
	try := s.attemptOf(a.login, at.From)
	if at.Pending == "" {
		_, err := s.verify(ctx, try, a.hash, old, func(right bool) error {
			if right {
				return nil
			}
			return s.refuse(ctx, try, does(a, "signin.password.change", at).because("wrong password"))
		})
		if err != nil {
			return Session{}, "", err
		}
	}
	p := s.policy.Load()
	if err := weak(fresh, a.login, p.PasswordLength); err != nil {
		return Session{}, "", err
	}
	hash, err := s.hashNew(ctx, a, normal(fresh), p)
	if err != nil {
		return Session{}, "", err
	}
	now := s.now().Truncate(time.Microsecond)
	var out Session
	var token string
	err = s.inTx(ctx, "change the password", func(tx pgx.Tx) error {
		if at.Pending == "" {
			if err := s.passed(ctx, tx, try); err != nil {
				return err
			}
		}
		past := append([]string{a.hash}, a.past...)
		past = past[:min(len(past), max(p.PasswordReuse-1, 0))]
		tag, err := tx.Exec(ctx, `update signin.password set hash = $3, changed = $4, first = false, past = $5 where person = $1::uuid and changed = $2`,
			a.id, a.changed, hash, now, past)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 { // somebody else set it in between
			return ErrEnded
		}
		if err := endOthers(ctx, tx, a.id, at.ID); err != nil {
			return err
		}
		a.first, a.changed = false, now
		if out, token, err = s.step(ctx, tx, at, a, false); err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.password.change", at))
	})
	s.sessions.drop(at.hash)
	return out, token, err
}

// hashNew hashes a new password that is none of the last ones.
func (s *Service) hashNew(ctx context.Context, a account, fresh string, p *Policy) (string, error) {
	leave, err := s.hasher.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	used := append([]string{a.hash}, a.past...)
	used = slices.DeleteFunc(used[:min(len(used), p.PasswordReuse)], func(h string) bool { return h == "" })
	for _, h := range used {
		was, err := parsePHC(h)
		if err != nil {
			continue // it cannot be compared, and nobody can sign in with it
		}
		if was.matches(fresh) {
			return "", &WeakError{"reused", "不能使用最近用过的密码 / this password was used before"}
		}
	}
	return p.Hash.hash(fresh).String(), nil
}

// ResetPassword makes a first password for somebody, to be shown once: it must
// be changed at the first sign-in, and ends the person's sessions. The second
// factors stay. identity.ErrNotFound, identity.ErrRefused.
func (s *Service) ResetPassword(ctx context.Context, by identity.By, person string) (string, error) {
	a, err := s.mastered(ctx, by, person, "signin.password.reset")
	if err != nil {
		return "", err
	}
	password := random(4) // 79 bits
	return password, s.setFirst(ctx, a, by, password, true)
}

// SetPassword gives somebody a password that is known already, whatever the
// rules; only the program itself may (to seed a demo city). change: it must be
// changed at the first sign-in.
func (s *Service) SetPassword(ctx context.Context, by identity.By, person, password string, change bool) error {
	if by.Subject != "system" {
		return identity.ErrRefused
	}
	a, err := s.byID(ctx, s.pool, person)
	if err != nil {
		return err
	}
	return s.setFirst(ctx, a, by, password, change)
}

func (s *Service) setFirst(ctx context.Context, a account, by identity.By, password string, change bool) error {
	leave, err := s.hasher.enter(ctx)
	if err != nil {
		return err
	}
	hash := s.policy.Load().Hash.hash(normal(password)).String()
	leave()
	return s.inTx(ctx, "set the password", func(tx pgx.Tx) error {
		// The passwords before stay those that may not be taken again.
		_, err := tx.Exec(ctx, `insert into signin.password as w (person, hash, changed, first) values ($1::uuid, $2, $3, $4)
			on conflict (person) do update set hash = excluded.hash, changed = excluded.changed, first = excluded.first,
				past = (array_prepend(w.hash, w.past))[1:24]`, a.id, hash, s.now().Truncate(time.Microsecond), change)
		if err != nil {
			return err
		}
		if err := endOthers(ctx, tx, a.id, ""); err != nil {
			return err
		}
		return s.record(ctx, tx, done(a, "signin.password.reset", by).with(map[string]any{"must_change": change}))
	})
}
