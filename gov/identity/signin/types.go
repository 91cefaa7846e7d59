package signin

import (
	"time"
)

// What a session still waits for before it serves for anything else.
const (
	PendingSecond   = "totp"     // a code, a recovery code or a passkey
	PendingPassword = "password" // a new password
	PendingEnrol    = "enrol"    // setting up a second factor
)

// Session is one sign-in of one person on one browser.
type Session struct {
	ID     string    `json:"id"` // UUID; stays when the token is renewed
	Person string    `json:"person"`
	From   string    `json:"from"`  // address of the sign-in
	Agent  string    `json:"agent"` // of the browser, at most 200 bytes
	Since  time.Time `json:"since"`
	// Seen is the last request, at most a minute late on other nodes.
	Seen time.Time `json:"seen"`
	// Until is when it ends whatever happens; it ends before when nothing is
	// heard for Policy.Idle.
	Until time.Time `json:"until"`
	// Strong: signed in with a second factor, or with a passkey that knew its owner.
	Strong bool `json:"strong"`
	// Pending is "", PendingSecond, PendingPassword or PendingEnrol.
	Pending string `json:"pending"`

	hash [32]byte // of its token
}

// Subject is the person as an actor.
func (s Session) Subject() string { return "person:" + s.Person }

// Factors are what a person has beside the password.
type Factors struct {
	TOTP     bool      `json:"totp"`
	Passkeys []Passkey `json:"passkeys"`
	Recovery int       `json:"recovery"` // codes left
	// Needed: a role of the person needs a second factor.
	Needed bool `json:"needed"`
	// Changed is when the password was set; zero when there is none.
	Changed time.Time `json:"password_changed"`
}

// Any reports whether there is a second factor.
func (f Factors) Any() bool { return f.TOTP || len(f.Passkeys) > 0 }

// Passkey 通行密钥 is one WebAuthn credential.
type Passkey struct {
	ID    string     `json:"id"` // UUID
	Name  string     `json:"name"`
	Added time.Time  `json:"added"`
	Used  *time.Time `json:"used,omitempty"`
}

// Enrolment is a TOTP secret that waits for its first code.
type Enrolment struct {
	Secret string `json:"secret"` // base32
	URI    string `json:"uri"`    // otpauth://totp/…
	QR     string `json:"qr_svg"` // the URI as a picture, a whole SVG document
}

// Enrolled is a second factor newly set up. The token replaces the session's;
// Recovery has codes to be shown once, when there were none before.
type Enrolled struct {
	Session  Session
	Token    string
	Recovery []string
	Passkey  Passkey // zero for TOTP
}

// Token is what a program shows to say which application it is.
type Token struct {
	ID      string     `json:"id"`
	Subject string     `json:"subject"` // "app:…"
	Name    string     `json:"name"`    // which program has it, for people
	By      string     `json:"by"`      // subject that issued it
	Made    time.Time  `json:"made"`
	Used    *time.Time `json:"used,omitempty"` // at most a minute late
	Expires *time.Time `json:"expires,omitempty"`
	Revoked *time.Time `json:"revoked,omitempty"`
}
