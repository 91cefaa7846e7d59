package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// tries are the wrong attempts of one key, as the database keeps them.
type tries struct {
	failures int
	since    *time.Time // the first of them
	last     *time.Time
	locks    int // in a row
	until    *time.Time
}

// forget is how long wrong attempts and lock-outs are remembered.
const forget = 24 * time.Hour

// fail counts one more wrong attempt; locked says that it was one too many.
func (t tries) fail(now time.Time, p Policy) (after tries, locked bool) {
	if t.last != nil && now.Sub(*t.last) > forget {
		t = tries{}
	}
	if t.failures == 0 || t.since == nil || now.Sub(*t.since) > p.Window {
		t.failures, t.since = 0, &now
	}
	t.failures++
	t.last = &now
	if t.failures < p.Tries {
		return t, false
	}
	lock := p.LockMax
	if t.locks < 30 { // beyond, the shift would overflow
		if l := p.Lock << t.locks; l > 0 {
			lock = min(l, p.LockMax)
		}
	}
	until := now.Add(lock)
	t.failures, t.since, t.locks, t.until = 0, nil, t.locks+1, &until
	return t, true
}

// wait is how long the lock still lasts.
func (t tries) wait(now time.Time) time.Duration {
	if t.until == nil {
		return 0
	}
	return max(0, t.until.Sub(now))
}

// attempt is one try to show who one is: what it is counted under.
type attempt struct {
	strict  []byte // digest of login and address, or of the person
	login   string // key of the loose limit; "" has none
	address string
}

func (s *Service) attemptOf(login, from string) attempt {
	at := place(from)
	return attempt{strict: s.key.Digest("attempt", at, login), login: "login " + login, address: "address " + at}
}

// attemptOfPerson counts codes under the person, wherever they come from: who
// tries them has the password already.
func (s *Service) attemptOfPerson(at Session) attempt {
	return attempt{strict: s.key.Digest("second", "", at.Person), address: "address " + place(at.From)}
}

// free is a *LimitedError when no attempt may be made now.
func (s *Service) free(ctx context.Context, a attempt) error {
	now, p := s.now(), s.policy.Load()
	wait := s.limits.wait(a.address, p.PerAddress, now)
	if a.login != "" {
		wait = max(wait, s.limits.wait(a.login, p.PerLogin, now))
	}
	if wait > 0 {
		return &LimitedError{Why: "rate", RetryAfter: wait}
	}
	if a.strict == nil {
		return nil
	}
	t, err := readTries(ctx, s.pool, a.strict, "")
	if err != nil {
		return err
	}
	if wait := t.wait(now); wait > 0 {
		return &LimitedError{Why: "locked", RetryAfter: wait}
	}
	return nil
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func readTries(ctx context.Context, q querier, key []byte, lock string) (t tries, err error) {
	err = q.QueryRow(ctx, `select failures, since, last, locks, until from signin.attempt where key = $1 `+lock, key).
		Scan(&t.failures, &t.since, &t.last, &t.locks, &t.until)
	if errors.Is(err, pgx.ErrNoRows) {
		return tries{}, nil
	}
	if err != nil {
		return tries{}, fmt.Errorf("read the wrong attempts: %w", err)
	}
	return t, nil
}

// failed counts a wrong attempt, and writes the refusal and the lock-out it
// may lead to into the log. It does so also when the caller has gone: nobody
// may escape the count by hanging up.
func (s *Service) failed(ctx context.Context, a attempt, e event) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	now, p := s.now(), *s.policy.Load()
	s.limits.spend(a.address, p.PerAddress, now)
	if a.login != "" {
		s.limits.spend(a.login, p.PerLogin, now)
	}
	return s.inTx(ctx, "count a wrong attempt", func(tx pgx.Tx) error {
		if a.strict != nil {
			if _, err := tx.Exec(ctx, `insert into signin.attempt (key) values ($1) on conflict do nothing`, a.strict); err != nil {
				return err
			}
			t, err := readTries(ctx, tx, a.strict, "for update")
			if err != nil {
				return err
			}
			t, locked := t.fail(now, p)
			if _, err := tx.Exec(ctx, `update signin.attempt set failures = $2, since = $3, last = $4, locks = $5, until = $6 where key = $1`,
				a.strict, t.failures, t.since, t.last, t.locks, t.until); err != nil {
				return err
			}
			if locked {
				lock := e
				lock.action, lock.detail = "signin.locked", map[string]any{"seconds": int(t.wait(now).Seconds()), "time_in_a_row": t.locks}
				if err := s.record(ctx, tx, lock); err != nil {
					return err
				}
			}
		}
		return s.record(ctx, tx, e)
	})
}

// passed forgets the wrong attempts. An attempt that was right is refused when
// others at the same time have led to a lock.
func (s *Service) passed(ctx context.Context, tx pgx.Tx, a attempt) error {
	t, err := readTries(ctx, tx, a.strict, "for update")
	if err != nil {
		return err
	}
	if wait := t.wait(s.now()); wait > 0 {
		return &LimitedError{Why: "locked", RetryAfter: wait}
	}
	if _, err := tx.Exec(ctx, `delete from signin.attempt where key = $1`, a.strict); err != nil {
		return fmt.Errorf("forget the wrong attempts: %w", err)
	}
	return nil
}
