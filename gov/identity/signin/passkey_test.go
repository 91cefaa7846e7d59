package signin_test

import (
	"encoding/json"
	"testing"

	"onecity/gov/identity/signin"

	"github.com/descope/virtualwebauthn"
	"github.com/google/uuid"
)

var ours = virtualwebauthn.RelyingParty{Name: "昆山市", ID: "city.example", Origin: "https://city.example"}

// stick is an authenticator with one passkey.
type stick struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

func newStick(person string) *stick {
	id := uuid.MustParse(person)
	return &stick{virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: id[:]}), newKey()}
}

// newKey makes a passkey. One of 128 that the library makes has a coordinate
// without its leading zero, which RFC 9053, 7.1.1, does not allow: a COSE key on
// P-256 has 77 bytes.
func newKey() virtualwebauthn.Credential {
	for {
		if k := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(k.Key.AttestationData()) == 77 {
			return k
		}
	}
}

func (k *stick) create(t *testing.T, rp virtualwebauthn.RelyingParty, options json.RawMessage) []byte {
	t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(rp, k.Authenticator, k.key, *o))
}

// sign answers as the authenticator would, its counter one higher each time.
func (k *stick) sign(t *testing.T, rp virtualwebauthn.RelyingParty, options json.RawMessage) []byte {
	t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	k.key.Counter++
	return []byte(virtualwebauthn.CreateAssertionResponse(rp, k.Authenticator, k.key, *o))
}

// register gives a person a passkey, and a strong session.
func (c *city) register(t *testing.T, login, name string) (*stick, signin.Enrolled) {
	t.Helper()
	s, _ := c.begin(login, good)
	k := newStick(s.Person)
	options, err := c.BeginPasskey(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.FinishPasskey(t.Context(), s, name, k.create(t, ours, options))
	if err != nil {
		t.Fatal(err)
	}
	return k, out
}

func TestAPasskeyIsASecondFactor(t *testing.T) {
	c := fresh(t)
	k, out := c.register(t, "city.admin", "蓝色的钥匙")
	if !out.Session.Strong || out.Session.Pending != "" || len(out.Recovery) != 10 || out.Passkey.Name != "蓝色的钥匙" {
		t.Errorf("after registering: %+v", out)
	}
	s, token := c.begin("city.admin", good)
	if s.Pending != signin.PendingSecond {
		t.Fatalf("the session is %+v", s)
	}
	options, err := c.BeginPasskeySecond(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	answer := k.sign(t, ours, options)
	after, fresh, err := c.FinishPasskeySecond(t.Context(), s, answer)
	if err != nil {
		t.Fatal(err)
	}
	if !after.Strong || after.Pending != "" || fresh == token {
		t.Errorf("after the passkey: %+v", after)
	}
	s, _ = c.begin("city.admin", good)
	_, _, err = c.FinishPasskeySecond(t.Context(), s, answer)
	wants(t, "the same answer again", err, signin.ErrRefused)
}

func TestAPasskeySignsInWithoutLoginAndPassword(t *testing.T) {
	c := fresh(t)
	k, _ := c.register(t, "city.admin", "")
	options, err := c.BeginPasskeySignIn(t.Context(), desk)
	if err != nil {
		t.Fatal(err)
	}
	s, token, err := c.FinishPasskeySignIn(t.Context(), k.sign(t, ours, options), desk, "a browser")
	if err != nil {
		t.Fatal(err)
	}
	if s.Person != c.person("city.admin") || !s.Strong || s.Pending != "" {
		t.Errorf("the session is %+v", s)
	}
	if _, err := c.Lookup(t.Context(), token); err != nil {
		t.Error(err)
	}
	f, err := c.Factors(t.Context(), c.as("city.admin"), s.Person)
	if err != nil || len(f.Passkeys) != 1 || f.Passkeys[0].Used == nil {
		t.Errorf("the factors are %+v, %v", f, err)
	}
}

func TestPasskeysThatShouldNotSignInDoNot(t *testing.T) {
	c := fresh(t)
	k, _ := c.register(t, "city.admin", "")
	begin := func() json.RawMessage {
		options, err := c.BeginPasskeySignIn(t.Context(), desk)
		if err != nil {
			t.Fatal(err)
		}
		return options
	}
	refused := func(what string, answer []byte) {
		t.Helper()
		_, _, err := c.FinishPasskeySignIn(t.Context(), answer, desk, "")
		wants(t, what, err, signin.ErrRefused)
	}
	elsewhere := ours
	elsewhere.Origin = "https://city.example.evil.example"
	refused("another page's answer", k.sign(t, elsewhere, begin()))

	unknown := *k
	unknown.key = newKey()
	refused("a passkey that nobody registered", unknown.sign(t, ours, begin()))

	stranger := newStick("00000000-0000-0000-0000-000000000000")
	refused("nobody's passkey", stranger.sign(t, ours, begin()))

	touched := *k
	touched.Options.UserNotVerified = true
	refused("one that does not know its owner", touched.sign(t, ours, begin()))

	k.key.Counter = 10
	if _, _, err := c.FinishPasskeySignIn(t.Context(), k.sign(t, ours, begin()), desk, ""); err != nil {
		t.Fatal(err)
	}
	k.key.Counter = 5
	refused("a copy, whose counter is behind", k.sign(t, ours, begin()))

	refused("no answer", []byte(`{"id":"x"}`))

	s, _ := c.begin("city.admin", good)
	options, err := c.BeginPasskeySecond(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	k.key.Counter = 20
	refused("what was asked of somebody who had shown a password", k.sign(t, ours, options))

	if _, err := c.pool.Exec(t.Context(), `update identity.person set state = 'locked' where login = 'city.admin'`); err != nil {
		t.Fatal(err)
	}
	refused("somebody who is locked", k.sign(t, ours, begin()))
}

func TestOnesPasskeysAreNamedAndRemoved(t *testing.T) {
	c := fresh(t)
	_, first := c.register(t, "city.admin", "one")
	second := newStick(first.Session.Person)
	options, err := c.BeginPasskey(t.Context(), first.Session)
	if err != nil {
		t.Fatal(err)
	}
	answer := second.create(t, ours, options)
	out, err := c.FinishPasskey(t.Context(), first.Session, "two", answer)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Recovery) != 0 {
		t.Error("the recovery codes were made anew")
	}
	_, err = c.FinishPasskey(t.Context(), out.Session, "two", answer)
	wants(t, "the same answer again", err, signin.ErrRefused)
	if err := c.RenamePasskey(t.Context(), out.Session, out.Passkey.ID, "第二把"); err != nil {
		t.Fatal(err)
	}
	if err := c.RemovePasskey(t.Context(), out.Session, first.Passkey.ID); err != nil {
		t.Fatal(err)
	}
	wants(t, "the last", c.RemovePasskey(t.Context(), out.Session, out.Passkey.ID), signin.ErrLastFactor)
	f, err := c.Factors(t.Context(), c.as("city.admin"), out.Session.Person)
	if err != nil || len(f.Passkeys) != 1 || f.Passkeys[0].Name != "第二把" {
		t.Errorf("the factors are %+v, %v", f, err)
	}

	_, others := c.register(t, "city.leader", "")
	wants(t, "to rename another's", c.RenamePasskey(t.Context(), others.Session, out.Passkey.ID, "mine"), signin.ErrNoFactor)
	wants(t, "to remove another's", c.RemovePasskey(t.Context(), others.Session, out.Passkey.ID), signin.ErrNoFactor)
}

func TestWithoutAHostThereAreNoPasskeys(t *testing.T) {
	c := fresh(t)
	o := c.options
	o.RPID = ""
	_, err := node(t, c.clock, o).BeginPasskeySignIn(t.Context(), desk)
	wants(t, "a sign-in", err, signin.ErrNoPasskeys)
}
