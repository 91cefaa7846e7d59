package signin

import (
	"context"
	"encoding/json"
	"errors"

	"onecity/gov/identity"
)

var errSoon = errors.New("the sign-in is being built")

type (
	key      struct{}
	hasher   struct{}
	limits   struct{}
	live     struct{}
	pass     struct{}
	follower struct{}

	cache[K comparable, V any] struct{ of map[K]V }
)

func newHasher(int, int) *hasher   { return nil }
func newLimits() *limits           { return nil }
func openKey(string) (*key, error) { return nil, nil }
func (h Hash) sane() bool          { return h.Memory > 0 }
func (s *Service) readPolicy(context.Context) error {
	p := DefaultPolicy()
	s.policy.Store(&p)
	return p.check()
}

// Run follows what other nodes change, until ctx ends.
func (s *Service) Run(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// Watch calls fn soon after some sessions have ended, on whatever node, in
// Run's goroutine, until stop is called.
func (s *Service) Watch(fn func()) (stop func()) { return func() {} }

// Policy is the policy as it is now; SetPolicy changes it on all nodes.
func (s *Service) Policy() Policy { return *s.policy.Load() }

func (s *Service) SetPolicy(ctx context.Context, by identity.By, p Policy) error { return errSoon }

// Begin signs in with a password. ErrRefused, or a *LimitedError.
func (s *Service) Begin(ctx context.Context, login, password, from, agent string) (Session, string, error) {
	return Session{}, "", errSoon
}

// Second finishes with a code of the authenticator app or a recovery code. ErrRefused, *LimitedError, ErrPending.
func (s *Service) Second(ctx context.Context, at Session, code string) (Session, string, error) {
	return Session{}, "", errSoon
}

// Lookup finds the session of a token and counts as activity. ErrEnded.
func (s *Service) Lookup(ctx context.Context, token string) (Session, error) {
	return Session{}, errSoon
}

// Alive finds a session by its ID, which does not count as activity: for open sockets. ErrEnded.
func (s *Service) Alive(ctx context.Context, id string) (Session, error) { return Session{}, errSoon }

// End signs out.
func (s *Service) End(ctx context.Context, at Session) error { return errSoon }

// Sessions lists a person's, the newest first; oneself may, and who may view the person.
func (s *Service) Sessions(ctx context.Context, by identity.By, person string) ([]Session, error) {
	return nil, errSoon
}

// EndOne ends one session of a person, EndAll all of them.
func (s *Service) EndOne(ctx context.Context, by identity.By, person, id string) error {
	return errSoon
}
func (s *Service) EndAll(ctx context.Context, by identity.By, person string) error { return errSoon }

// ChangePassword sets one's own; old is not asked for when the session is PendingPassword. *WeakError, ErrRefused, *LimitedError.
func (s *Service) ChangePassword(ctx context.Context, at Session, old, fresh string) (Session, string, error) {
	return Session{}, "", errSoon
}

// ResetPassword makes a first password that must be changed, and ends the person's sessions. identity.ErrRefused, identity.ErrNotFound.
func (s *Service) ResetPassword(ctx context.Context, by identity.By, person string) (password string, err error) {
	return "", errSoon
}

// SetPassword sets a given first password without rules; only the program itself may (seeding). change: must be changed at the first sign-in.
func (s *Service) SetPassword(ctx context.Context, by identity.By, person, password string, change bool) error {
	return errSoon
}

// Factors of a person; for oneself, or who may view the person.
func (s *Service) Factors(ctx context.Context, by identity.By, person string) (Factors, error) {
	return Factors{}, errSoon
}

// BeginTOTP makes a secret; ConfirmTOTP takes it into use with its first code. RemoveTOTP takes it away.
func (s *Service) BeginTOTP(ctx context.Context, at Session) (Enrolment, error) {
	return Enrolment{}, errSoon
}
func (s *Service) ConfirmTOTP(ctx context.Context, at Session, code string) (Enrolled, error) {
	return Enrolled{}, errSoon
}
func (s *Service) RemoveTOTP(ctx context.Context, at Session) error { return errSoon }

// RecoveryCodes makes ten new ones, to be shown once; those before are void.
func (s *Service) RecoveryCodes(ctx context.Context, at Session) ([]string, error) {
	return nil, errSoon
}

// ResetFactors takes all second factors of a person away and ends their sessions (by.Why says why).
func (s *Service) ResetFactors(ctx context.Context, by identity.By, person string) error {
	return errSoon
}

// BeginPasskey gives the options of navigator.credentials.create, {"publicKey":…}; FinishPasskey takes its answer as JSON.
func (s *Service) BeginPasskey(ctx context.Context, at Session) (json.RawMessage, error) {
	return nil, errSoon
}
func (s *Service) FinishPasskey(ctx context.Context, at Session, name string, answer []byte) (Enrolled, error) {
	return Enrolled{}, errSoon
}
func (s *Service) RenamePasskey(ctx context.Context, at Session, id, name string) error {
	return errSoon
}
func (s *Service) RemovePasskey(ctx context.Context, at Session, id string) error { return errSoon }

// BeginPasskeySecond gives the options of navigator.credentials.get for a session that is PendingSecond.
func (s *Service) BeginPasskeySecond(ctx context.Context, at Session) (json.RawMessage, error) {
	return nil, errSoon
}
func (s *Service) FinishPasskeySecond(ctx context.Context, at Session, answer []byte) (Session, string, error) {
	return Session{}, "", errSoon
}

// BeginPasskeySignIn gives the options of navigator.credentials.get for somebody unknown: without login and password.
func (s *Service) BeginPasskeySignIn(ctx context.Context, from string) (json.RawMessage, error) {
	return nil, errSoon
}
func (s *Service) FinishPasskeySignIn(ctx context.Context, answer []byte, from, agent string) (Session, string, error) {
	return Session{}, "", errSoon
}

// Issue makes a token for t.Subject (t.Name, t.Expires are taken too); secret is shown once.
func (s *Service) Issue(ctx context.Context, by identity.By, t Token) (out Token, secret string, err error) {
	return Token{}, "", errSoon
}

// Check says whose a token is. ErrEnded.
func (s *Service) Check(ctx context.Context, token string) (subject string, err error) {
	return "", errSoon
}

// Revoke makes a token void; Tokens lists those of a subject ("" = all).
func (s *Service) Revoke(ctx context.Context, by identity.By, id string) error { return errSoon }
func (s *Service) Tokens(ctx context.Context, by identity.By, subject string) ([]Token, error) {
	return nil, errSoon
}

// Keep sees to it that file has a good token of subject.
func (s *Service) Keep(ctx context.Context, subject, file string) error { return errSoon }
