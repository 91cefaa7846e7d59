package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"onecity/gov/identity"

	"github.com/jackc/pgx/v5"
)

// account is what a sign-in must know of a person.
type account struct {
	id, login, name, state string
	org, region            string // path and code, for the log
	hash                   string // of the password; "" is none
	changed                time.Time
	first                  bool
	past                   []string
	totp                   bool
	passkeys, recovery     int
	needs                  bool // a role of the person needs a second factor
}

func (a account) subject() string { return "person:" + a.id }

func (a account) factors() int {
	n := a.passkeys
	if a.totp {
		n++
	}
	return n
}

const accountSQL = `select p.id::text, p.login, p.name, p.state, o.path, o.region,
		coalesce(w.hash, ''), coalesce(w.changed, 'epoch'), coalesce(w.first, false), coalesce(w.past, '{}'), t.secret is not null,
		(select count(*) from signin.passkey k where k.person = p.id), (select count(*) from signin.recovery r where r.person = p.id),
		exists (select from identity.binding b where b.subject = 'person:' || p.id and b.role = any($2)
			and (b."from" is null or b."from" <= $3) and (b.until is null or b.until > $3))
	from identity.person p join identity.org o on o.id = p.org
	left join signin.password w on w.person = p.id left join signin.totp t on t.person = p.id where `

// byLogin and byID find an account; identity.ErrNotFound when there is none.
func (s *Service) byLogin(ctx context.Context, q querier, login string) (account, error) {
	return s.readAccount(ctx, q, `p.login = $1`, login)
}

func (s *Service) byID(ctx context.Context, q querier, person string) (account, error) {
	return s.readAccount(ctx, q, `p.id::text = $1`, person)
}

func (s *Service) readAccount(ctx context.Context, q querier, where, arg string) (a account, err error) {
	err = q.QueryRow(ctx, accountSQL+where, arg, s.rolesThatNeed(), s.now()).Scan(&a.id, &a.login, &a.name, &a.state, &a.org, &a.region,
		&a.hash, &a.changed, &a.first, &a.past, &a.totp, &a.passkeys, &a.recovery, &a.needs)
	if errors.Is(err, pgx.ErrNoRows) {
		err = identity.ErrNotFound
	}
	if err != nil {
		return account{}, fmt.Errorf("read the account: %w", err)
	}
	return a, nil
}

// rolesThatNeed a second factor.
func (s *Service) rolesThatNeed() []string {
	if s.no2 {
		return nil
	}
	return s.policy.Load().SecondFactor
}

// next is what a session of the account still waits for.
func (s *Service) next(a account, strong bool) string {
	p := s.policy.Load()
	switch {
	case a.factors() > 0 && !strong:
		return PendingSecond
	case a.first || a.hash != "" && p.PasswordAge > 0 && s.now().Sub(a.changed) > p.PasswordAge:
		return PendingPassword
	case a.factors() == 0 && a.needs:
		return PendingEnrol
	}
	return ""
}

// mastered is the account of a person whose credentials by may take into its
// hands; a refusal is in the log under action.
func (s *Service) mastered(ctx context.Context, by identity.By, person, action string) (account, error) {
	_, may, err := s.dir.Masters(ctx, by, person)
	if err != nil {
		return account{}, err
	}
	a, err := s.byID(ctx, s.pool, person)
	if err != nil || may {
		return a, err
	}
	err = s.inTx(ctx, action, func(tx pgx.Tx) error {
		return s.record(ctx, tx, done(a, action, by).because("the rights do not reach the person"))
	})
	if err != nil {
		return account{}, err
	}
	return account{}, fmt.Errorf("%s of person %s: %w", action, person, identity.ErrRefused)
}

// mine is the account of a session that is at one of the steps.
func (s *Service) mine(ctx context.Context, at Session, steps ...string) (account, error) {
	if !slices.Contains(steps, at.Pending) {
		return account{}, ErrPending
	}
	a, err := s.byID(ctx, s.pool, at.Person)
	if err == nil && a.state != "active" {
		err = ErrEnded
	}
	return a, err
}
