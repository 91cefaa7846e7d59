package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"

	"github.com/jackc/pgx/v5"
)

// Policy is how strictly people sign in: one row of data, the same for all
// nodes. Durations are in nanoseconds in JSON.
type Policy struct {
	Hash Hash `json:"hash"`

	PasswordLength int           `json:"password_length"` // characters at least
	PasswordReuse  int           `json:"password_reuse"`  // passwords back that may not be taken again
	PasswordAge    time.Duration `json:"password_age"`    // after which it must be changed; 0 = never
	FirstAge       time.Duration `json:"first_age"`       // after which a first password that nobody used is void; 0 = never

	Idle     time.Duration `json:"idle"`     // a session ends when nothing is heard for so long
	Absolute time.Duration `json:"absolute"` // a session ends whatever happens
	Pending  time.Duration `json:"pending"`  // a sign-in that is not finished ends
	Sessions int           `json:"sessions"` // of one person at once; the oldest end

	// Tries wrong attempts of one login from one address (of one person, for
	// codes) within Window lock that pair for Lock, twice as long each time up
	// to LockMax. A day without wrong attempts, or a right one, forgets them.
	Tries   int           `json:"tries"`
	Window  time.Duration `json:"window"`
	Lock    time.Duration `json:"lock"`
	LockMax time.Duration `json:"lock_max"`

	// Wrong attempts per login from anywhere, and per address for any login.
	PerLogin   Rate `json:"per_login"`
	PerAddress Rate `json:"per_address"`

	// SecondFactor are the codes of the roles that need one.
	SecondFactor []string `json:"second_factor"`
}

// Hash are the parameters of argon2id (RFC 9106).
type Hash struct {
	Memory  uint32 `json:"memory"` // KiB
	Time    uint32 `json:"time"`   // passes
	Threads uint8  `json:"threads"`
}

// Rate is so many a minute, and so many at once.
type Rate struct {
	PerMinute float64 `json:"per_minute"`
	Burst     int     `json:"burst"`
}

// DefaultPolicy is what a new city starts with. GB/T 22239-2019 (等级保护), level
// three, 8.1.4.1, asks for lock-outs, for two factors, and for passwords that
// are changed regularly: a city under it sets PasswordAge (90 days) and names
// all its roles in SecondFactor. The hash is OWASP's second
// choice of parameters for argon2id (Password Storage Cheat Sheet): 19 MiB,
// two passes, one thread.
func DefaultPolicy() Policy {
	return Policy{
		Hash:           Hash{Memory: 19 * 1024, Time: 2, Threads: 1},
		PasswordLength: 10,
		PasswordReuse:  5,
		FirstAge:       7 * 24 * time.Hour,
		Idle:           30 * time.Minute,
		Absolute:       12 * time.Hour,
		Pending:        15 * time.Minute,
		Sessions:       10,
		Tries:          5,
		Window:         15 * time.Minute,
		Lock:           5 * time.Minute,
		LockMax:        time.Hour,
		PerLogin:       Rate{PerMinute: 10, Burst: 30},
		PerAddress:     Rate{PerMinute: 20, Burst: 60},
		SecondFactor:   []string{"admin", "security", "auditor"},
	}
}

func (p Policy) check() error {
	bad := func(what string) error { return fmt.Errorf("%w: %s", ErrPolicy, what) }
	switch {
	case !p.Hash.sane() || p.Hash.Memory < 8*1024:
		return bad("the hash needs 8 MiB to 1 GiB, 1 to 16 passes, 1 to 8 threads")
	case p.PasswordLength < 8 || p.PasswordLength > 64:
		return bad("a password has at least 8 characters; to ask for more than 64 is too much")
	case p.PasswordReuse < 0 || p.PasswordReuse > 24:
		return bad("0 to 24 passwords may be kept from reuse")
	case p.PasswordAge < 0 || p.FirstAge < 0:
		return bad("an age is below zero")
	case p.Idle < time.Minute || p.Absolute < p.Idle || p.Pending < time.Minute:
		return bad("sessions need at least a minute, and the absolute limit is not below the idle one")
	case p.Sessions < 1:
		return bad("a person needs at least one session")
	case p.Tries < 1 || p.Window < time.Minute || p.Lock < time.Second || p.LockMax < p.Lock:
		return bad("lock-outs need at least one try, a window of a minute and a lock of a second")
	case p.PerLogin.PerMinute <= 0 || p.PerLogin.Burst < p.Tries || p.PerAddress.PerMinute <= 0 || p.PerAddress.Burst < p.Tries:
		return bad("rates are above zero, and bursts not below the tries of a lock-out")
	}
	return nil
}

// Policy is how strictly people sign in now.
func (s *Service) Policy() Policy { return *s.policy.Load() }

// SetPolicy changes it, on all nodes within a second. It takes the
// right to edit people everywhere. ErrPolicy, identity.ErrRefused.
func (s *Service) SetPolicy(ctx context.Context, by identity.By, p Policy) error {
	if err := p.check(); err != nil {
		return err
	}
	e := event{actor: by.Subject, from: by.From, session: by.Session, why: by.Why, action: "signin.policy", object: "policy:signin"}
	if by.Subject != "system" && !by.Rights.Can(access.PersonEdit, access.Object{}) {
		err := s.inTx(ctx, "refuse", func(tx pgx.Tx) error { return s.record(ctx, tx, e.because("the rights do not reach the city")) })
		if err != nil {
			return err
		}
		return fmt.Errorf("set the policy of sign-in: %w", identity.ErrRefused)
	}
	err := s.inTx(ctx, "set the policy of sign-in", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into signin.policy (body) values ($1) on conflict (one) do update set body = excluded.body, updated = now()`, p)
		if err != nil {
			return err
		}
		return s.record(ctx, tx, e.with(map[string]any{"before": s.Policy(), "after": p}))
	})
	if err != nil {
		return err
	}
	return s.readPolicy(ctx)
}

// readPolicy takes the database's row, over the defaults of what it leaves out.
func (s *Service) readPolicy(ctx context.Context) error {
	p := DefaultPolicy()
	err := s.pool.QueryRow(ctx, `select body from signin.policy`).Scan(&p)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read the policy of sign-in: %w", err)
	}
	if err := p.check(); err != nil {
		return fmt.Errorf("read the policy of sign-in: %w", err)
	}
	s.policy.Store(&p)
	return nil
}
