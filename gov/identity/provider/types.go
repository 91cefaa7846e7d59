package provider

import "time"

// Request is what an application asks of the person at the sign-in page.
type Request struct {
	ID    string `json:"id"`
	App   string `json:"app"` // id
	ZH    string `json:"zh"`  // the application's name
	EN    string `json:"en"`
	Org   string `json:"org"` // name of the organisation that owns it
	State string `json:"state"`
	// Scopes are what it asks for.
	Scopes []string `json:"scopes"`
	// Login is the application's guess who signs in; may be empty.
	Login string `json:"login,omitempty"`
	// Silent (prompt=none): no page may be shown. Where nobody is signed in,
	// or Approve says ErrAgain, Deny with LoginRequired.
	Silent bool `json:"silent"`
	// After: only a sign-in of this time or later will do; zero: any.
	After time.Time `json:"after,omitzero"`
	// Strong: only a sign-in with a second factor will do.
	Strong bool `json:"strong"`
	// Subject: only this person will do; empty: anybody.
	Subject string    `json:"subject,omitempty"`
	Until   time.Time `json:"until"`
}

// Denial is why a request is not approved, as OAuth says it.
type Denial string

// Denials.
const (
	AccessDenied  Denial = "access_denied"  // the person does not want to
	LoginRequired Denial = "login_required" // nobody is signed in, and the request is Silent
)

// How somebody signed in, for the claim amr (RFC 8176).
const (
	Password = "pwd"
	OTP      = "otp"
	Passkey  = "hwk"
	Multi    = "mfa" // with a second factor, whatever it was
)

// Authentication context classes, for the claims acr and acr_values.
const (
	OneFactor  = "urn:onecity:acr:one-factor"
	TwoFactors = "urn:onecity:acr:two-factors"
)

// Access is what an access token stands for.
type Access struct {
	Subject string // "person:…"; of a service "app:…"
	App     string // id of the application that shows it
	Session string // of the person; empty for a service
	Scopes  []string
	AMR     []string
	Until   time.Time
}

// Strong reports whether the person signed in with a second factor.
func (a Access) Strong() bool { return acrOf(a.AMR) == TwoFactors }
