package signin

import (
	"errors"
	"fmt"
	"time"

	"onecity/internal/keyfile"
)

// What can go wrong; every error of the package is one of these, an error of
// the directory (identity.ErrRefused, identity.ErrNotFound), or the database's.
var (
	// ErrRefused: login, password, code or passkey are wrong. Which, and
	// whether there is such a person, is not told.
	ErrRefused = errors.New("the login, password or code is wrong")
	// ErrEnded: the session or the token is unknown, over or revoked.
	ErrEnded = errors.New("the session or token is over")
	// ErrPending: the sign-in must be finished first, or is not at this step.
	ErrPending = errors.New("the sign-in is not at this step")
	// ErrStrong: this needs a session with a second factor.
	ErrStrong = errors.New("this needs a sign-in with a second factor")
	// ErrLastFactor: the person's role needs a second factor, and this is the
	// last.
	ErrLastFactor = errors.New("this is the last second factor, and the role needs one")
	// ErrNoFactor: the person has none of that kind, or its set-up was not
	// begun.
	ErrNoFactor = errors.New("there is no such factor")
	// ErrNoPasskeys: the options name no host for passkeys.
	ErrNoPasskeys = errors.New("passkeys are not set up here")
	// ErrKey: a secret was encrypted under another key than this node's.
	ErrKey = keyfile.ErrSealed
	// ErrPolicy: the policy makes no sense.
	ErrPolicy = errors.New("the policy makes no sense")
)

// LimitedError says that no attempt is taken now, however right.
type LimitedError struct {
	RetryAfter time.Duration
	// Why is "locked" (too many wrong attempts), "rate" (too many from this
	// address or for this login) or "busy" (too many at once).
	Why string
}

func (e *LimitedError) Error() string {
	return fmt.Sprintf("no attempt is taken now (%s), try again in %s", e.Why, e.RetryAfter.Round(time.Second))
}

// WeakError says why a new password is not taken.
type WeakError struct {
	Code    string // "short", "long", "login", "simple", "common", "reused"
	Message string // for a person, in both languages
}

func (e *WeakError) Error() string { return e.Message }
