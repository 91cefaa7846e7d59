package provider

import (
	"errors"

	"onecity/internal/keyfile"
)

// Errors that a caller can do something about.
var (
	// ErrNoRequest: there is no such sign-in under way, or its time (15
	// minutes) is over, or it has been answered.
	ErrNoRequest = errors.New("there is no such sign-in request, or it is over")
	// ErrAgain: the person must sign in once more, now: the application asked
	// for that, for a fresher sign-in, for a second factor or for another person.
	ErrAgain = errors.New("the application asks for a new sign-in")
	// ErrToken: the access token is not ours, over, revoked, or its
	// application or session is no longer live.
	ErrToken = errors.New("the access token is not valid")
	// ErrScope: the access token is good, but does not reach our API.
	ErrScope = errors.New("the access token lacks the scope " + ScopeAPI)
	// ErrKey: signing keys were encrypted under another key than this node's.
	ErrKey = keyfile.ErrSealed
	// ErrUpstream: the upstream provider's answer is refused.
	ErrUpstream = errors.New("the upstream sign-in is refused")
)
