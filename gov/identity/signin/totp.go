package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// TOTP (RFC 6238) as every authenticator app has it: SHA-1, six digits, 30 s.
const (
	period = 30
	digits = 6
	skew   = 1 // steps that a clock may be wrong
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// BeginTOTP makes a secret for an authenticator app. It serves for nothing
// until ConfirmTOTP has seen its first code; one that is there before serves
// until then.
func (s *Service) BeginTOTP(ctx context.Context, at Session) (Enrolment, error) {
	a, err := s.enrols(ctx, at)
	if err != nil {
		return Enrolment{}, err
	}
	secret := make([]byte, 20) // RFC 4226, 4, R6
	_, _ = rand.Read(secret)   // never fails, by its contract
	k, err := totp.Generate(totp.GenerateOpts{Issuer: s.issuer, AccountName: a.login, Secret: secret, Period: period, Digits: otp.DigitsSix})
	if err != nil {
		return Enrolment{}, fmt.Errorf("make the secret's address: %w", err)
	}
	picture, err := drawQR(k.String())
	if err != nil {
		return Enrolment{}, err
	}
	_, err = s.pool.Exec(ctx, `insert into signin.totp (person, fresh) values ($1::uuid, $2)
		on conflict (person) do update set fresh = excluded.fresh`, a.id, s.key.Seal(secret, a.id))
	if err != nil {
		return Enrolment{}, fmt.Errorf("keep the new secret: %w", err)
	}
	return Enrolment{Secret: k.Secret(), URI: k.String(), QR: picture}, nil
}

// ConfirmTOTP takes the secret into use, with the first code made from it. The
// session is then strong, and the person's other sessions end. ErrRefused,
// ErrNoFactor, *LimitedError.
func (s *Service) ConfirmTOTP(ctx context.Context, at Session, code string) (Enrolled, error) {
	a, err := s.enrols(ctx, at)
	if err != nil {
		return Enrolled{}, err
	}
	try := s.attemptOfPerson(at)
	if err := s.free(ctx, try); err != nil {
		return Enrolled{}, err
	}
	var sealed []byte
	err = s.pool.QueryRow(ctx, `select fresh from signin.totp where person = $1::uuid`, a.id).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && sealed == nil {
		return Enrolled{}, ErrNoFactor
	}
	if err != nil {
		return Enrolled{}, fmt.Errorf("read the new secret: %w", err)
	}
	step, err := s.stepOf(sealed, a.id, code, 0)
	if err != nil {
		return Enrolled{}, err
	}
	if step == 0 {
		return Enrolled{}, s.refuse(ctx, try, does(a, "signin.totp.add", at).because("wrong code"))
	}
	var out Enrolled
	err = s.inTx(ctx, "take the authenticator app into use", func(tx pgx.Tx) error {
		if err := s.passed(ctx, tx, try); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update signin.totp set secret = fresh, fresh = null, added = $3, step = $4 where person = $1::uuid and fresh = $2`,
			a.id, sealed, s.now(), step)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNoFactor
		}
		a.totp = true
		if out, err = s.enrolled(ctx, tx, at, a); err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.totp.add", at))
	})
	s.sessions.drop(at.hash)
	return out, err
}

// RemoveTOTP takes the authenticator app out of use. ErrStrong, ErrLastFactor,
// ErrNoFactor.
func (s *Service) RemoveTOTP(ctx context.Context, at Session) error {
	return s.remove(ctx, at, "signin.totp.remove", "", func(tx pgx.Tx, a account) (bool, error) {
		tag, err := tx.Exec(ctx, `delete from signin.totp where person = $1::uuid and secret is not null`, a.id)
		return tag.RowsAffected() > 0, err
	})
}

// Second finishes a sign-in with a code of the authenticator app, or with a
// recovery code. ErrRefused, *LimitedError, ErrPending.
func (s *Service) Second(ctx context.Context, at Session, code string) (Session, string, error) {
	a, err := s.mine(ctx, at, PendingSecond)
	if err != nil {
		return Session{}, "", err
	}
	try := s.attemptOfPerson(at)
	if err := s.free(ctx, try); err != nil {
		return Session{}, "", err
	}
	var out Session
	var token string
	var right bool
	method := "recovery"
	if isCode(code) {
		method = "totp"
	}
	err = s.inTx(ctx, "finish the sign-in", func(tx pgx.Tx) error {
		if method == "totp" {
			right, err = s.takeCode(ctx, tx, a, code)
		} else if right, err = s.takeRecovery(ctx, tx, a, code); right {
			a.recovery--
		}
		if err != nil || !right {
			return err
		}
		if err := s.passed(ctx, tx, try); err != nil {
			return err
		}
		if out, token, err = s.step(ctx, tx, at, a, true); err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.second", out).with(map[string]any{"method": method, "recovery_left": a.recovery, "next": out.Pending}))
	})
	if err != nil {
		return Session{}, "", err
	}
	if !right {
		return Session{}, "", s.refuse(ctx, try, does(a, "signin.refused", at).because("wrong code: "+method))
	}
	s.sessions.drop(at.hash)
	return out, token, nil
}

// refuse counts a wrong attempt and is ErrRefused.
func (s *Service) refuse(ctx context.Context, try attempt, e event) error {
	if err := s.failed(ctx, try, e); err != nil {
		return err
	}
	return ErrRefused
}

// takeCode takes a code of the authenticator app, each once.
func (s *Service) takeCode(ctx context.Context, tx pgx.Tx, a account, code string) (bool, error) {
	var sealed []byte
	var last int64
	err := tx.QueryRow(ctx, `select secret, step from signin.totp where person = $1::uuid and secret is not null for update`, a.id).Scan(&sealed, &last)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	step, err := s.stepOf(sealed, a.id, code, last)
	if err != nil || step == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `update signin.totp set step = $2 where person = $1::uuid`, a.id, step)
	return err == nil, err
}

// stepOf is the time step that code belongs to, after the last that was taken
// (RFC 6238, 5.2: a code is taken once); 0 when it is of none.
func (s *Service) stepOf(sealed []byte, owner, code string, last int64) (int64, error) {
	secret, err := s.key.Open(sealed, owner)
	if err != nil {
		return 0, err
	}
	code = strings.TrimSpace(code)
	now := s.now().Unix() / period
	var found int64
	for step := now - skew; step <= now+skew; step++ {
		want, err := hotp.GenerateCodeCustom(base32Plain.EncodeToString(secret), uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix}) //nolint:gosec // after 1970
		if err != nil {
			return 0, fmt.Errorf("make the code to compare with: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found = step
		}
	}
	return found, nil
}

func isCode(code string) bool {
	code = strings.TrimSpace(code)
	return len(code) == digits && strings.Trim(code, "0123456789") == ""
}
