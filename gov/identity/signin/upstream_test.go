package signin_test

import (
	"testing"

	"onecity/gov/identity/signin"
)

func TestWhoSignedInElsewhereIsSignedInHereAsStronglyAsThere(t *testing.T) {
	c := fresh(t)
	for _, w := range []struct {
		login   string
		amr     []string
		strong  bool
		pending string
	}{
		{"city.operator", []string{"pwd"}, false, ""},
		{"city.admin", []string{"pwd"}, false, signin.PendingEnrol}, // the role needs a second factor
		{"city.admin", []string{"pwd", "otp", "mfa"}, true, ""},
	} {
		s, token, err := c.Arrive(t.Context(), c.person(w.login), w.amr, "127.0.0.1", "a browser")
		if err != nil || s.Strong != w.strong || s.Pending != w.pending {
			t.Fatalf("%s by %v: %+v, %v", w.login, w.amr, s, err)
		}
		if at, err := c.Lookup(t.Context(), token); err != nil || at.ID != s.ID {
			t.Errorf("%s is not known by the token: %v", w.login, err)
		}
	}
	if _, err := c.pool.Exec(t.Context(), `update identity.person set state = 'locked' where login = 'city.operator'`); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Arrive(t.Context(), c.person("city.operator"), []string{"pwd"}, "127.0.0.1", "a browser")
	wants(t, "a locked person arrives", err, signin.ErrRefused)
	if n := c.logged("signin.ok", "done"); n != 3 {
		t.Errorf("%d entries of three sign-ins", n)
	}
}
