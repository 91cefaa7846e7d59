package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"onecity/gov/identity"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// BeginPasskeySecond gives the options of navigator.credentials.get, as
// {"publicKey": …}, for a session that waits for its second factor.
// ErrNoPasskeys, ErrPending, ErrNoFactor.
func (s *Service) BeginPasskeySecond(ctx context.Context, at Session) (json.RawMessage, error) {
	if s.webauthn == nil {
		return nil, ErrNoPasskeys
	}
	a, err := s.mine(ctx, at, PendingSecond)
	if err != nil {
		return nil, err
	}
	h, err := s.holder(ctx, a)
	if err != nil {
		return nil, err
	}
	if len(h.keys) == 0 {
		return nil, ErrNoFactor
	}
	options, asked, err := s.webauthn.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return nil, fmt.Errorf("begin to sign in with a passkey: %w", err)
	}
	return s.ask(ctx, second, at.ID, asked, options)
}

// FinishPasskeySecond finishes a sign-in with what navigator.credentials.get
// has answered. ErrRefused, *LimitedError.
func (s *Service) FinishPasskeySecond(ctx context.Context, at Session, answer []byte) (Session, string, error) {
	if s.webauthn == nil {
		return Session{}, "", ErrNoPasskeys
	}
	a, err := s.mine(ctx, at, PendingSecond)
	if err != nil {
		return Session{}, "", err
	}
	try := s.attemptOfPerson(at)
	if err := s.free(ctx, try); err != nil {
		return Session{}, "", err
	}
	h, err := s.holder(ctx, a)
	if err != nil {
		return Session{}, "", err
	}
	key, err := s.signed(ctx, second, at.ID, answer, func(asked webauthn.SessionData, given *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
		return s.webauthn.ValidateLogin(h, asked, given)
	})
	if errors.Is(err, ErrRefused) {
		return Session{}, "", s.refuse(ctx, try, does(a, "signin.refused", at).because(err.Error()))
	}
	if err != nil {
		return Session{}, "", err
	}
	var out Session
	var token string
	err = s.inTx(ctx, "finish the sign-in", func(tx pgx.Tx) error {
		if err := s.passed(ctx, tx, try); err != nil {
			return err
		}
		if err := s.used(ctx, tx, key); err != nil {
			return err
		}
		if out, token, err = s.step(ctx, tx, at, a, true); err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.second", out).with(map[string]any{"method": "passkey", "next": out.Pending}))
	})
	s.sessions.drop(at.hash)
	return out, token, err
}

// BeginPasskeySignIn gives the options of navigator.credentials.get for
// somebody who is not known yet: a sign-in without login and password.
// ErrNoPasskeys, *LimitedError.
func (s *Service) BeginPasskeySignIn(ctx context.Context, from string) (json.RawMessage, error) {
	if s.webauthn == nil {
		return nil, ErrNoPasskeys
	}
	if err := s.free(ctx, attempt{address: "address " + place(from)}); err != nil {
		return nil, err
	}
	options, asked, err := s.webauthn.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, fmt.Errorf("begin to sign in with a passkey: %w", err)
	}
	return s.ask(ctx, signing, "", asked, options)
}

// FinishPasskeySignIn signs in whoever's passkey has answered. The
// authenticator must have known its owner (by a PIN or a finger), so that the
// session is strong. ErrRefused, *LimitedError.
func (s *Service) FinishPasskeySignIn(ctx context.Context, answer []byte, from, agent string) (Session, string, error) {
	if s.webauthn == nil {
		return Session{}, "", ErrNoPasskeys
	}
	try := attempt{address: "address " + place(from)}
	if err := s.free(ctx, try); err != nil {
		return Session{}, "", err
	}
	var h *holder
	var lost error // the database's
	key, err := s.signed(ctx, signing, "", answer, func(asked webauthn.SessionData, given *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
		_, key, err := s.webauthn.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			var err error
			if h, err = s.byHandle(ctx, handle); err != nil && !errors.Is(err, identity.ErrNotFound) {
				lost = err
			}
			return h, err
		}, asked, given)
		return key, err
	})
	if lost != nil {
		return Session{}, "", lost
	}
	if err == nil && h.state != "active" {
		err = fmt.Errorf("the person is %s: %w", h.state, ErrRefused)
	}
	if errors.Is(err, ErrRefused) {
		a := account{}
		if h != nil {
			a = h.account
		}
		e := about(a, "signin.refused", from).because(err.Error())
		if h == nil {
			e.object = "passkey:unknown"
		}
		return Session{}, "", s.refuse(ctx, try, e)
	}
	if err != nil {
		return Session{}, "", err
	}
	var out Session
	var token string
	err = s.inTx(ctx, "sign in", func(tx pgx.Tx) error {
		if err := s.used(ctx, tx, key); err != nil {
			return err
		}
		a, err := s.byID(ctx, tx, h.id)
		if err != nil {
			return err
		}
		if out, token, err = s.open(ctx, tx, a, from, agent, true); err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.ok", out).with(map[string]any{"method": "passkey", "next": out.Pending}))
	})
	return out, token, err
}

// byHandle finds the holder of a passkey by what the authenticator keeps.
func (s *Service) byHandle(ctx context.Context, handle []byte) (*holder, error) {
	id, err := uuid.FromBytes(handle)
	if err != nil {
		return nil, identity.ErrNotFound
	}
	a, err := s.byID(ctx, s.pool, id.String())
	if err != nil {
		return nil, err
	}
	return s.holder(ctx, a)
}

// signed is the passkey that has answered what was asked. ErrRefused when it
// has not, or when its counter has gone back: there may be two of it (W3C
// Web Authentication Level 3, 7.2, step 22).
func (s *Service) signed(ctx context.Context, kind, session string, answer []byte,
	check func(webauthn.SessionData, *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error)) (*webauthn.Credential, error) {
	given, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, refused("read the authenticator's answer", err)
	}
	asked, err := s.asked(ctx, kind, session, given.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, err
	}
	key, err := check(asked, given)
	if err != nil {
		return nil, refused("check the passkey's signature", err)
	}
	if key.Authenticator.CloneWarning {
		return nil, fmt.Errorf("the passkey's counter has gone back: %w", ErrRefused)
	}
	return key, nil
}
