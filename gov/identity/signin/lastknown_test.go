package signin_test

import (
	"strings"
	"testing"

	"onecity/gov/identity/signin"
)

// Facts must come in and screens must go on while the database is away.
func TestWhoWasKnownBeforeTheDatabaseWentAwayIsKnownStillAndNobodyElse(t *testing.T) {
	c := fresh(t)
	session, cookie := c.begin("city.operator", good)
	ended, endedCookie := c.begin("city.leader", good)
	out, secret := c.issue(t, "app:exporter")
	_, void := c.issue(t, "app:void")
	_, never := c.issue(t, "app:never-seen")
	for _, s := range []string{secret, void} {
		if _, err := c.Check(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []string{cookie, endedCookie} {
		if _, err := c.Lookup(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.RevokeAll(t.Context(), system, "app:void"); err != nil {
		t.Fatal(err)
	}
	if err := c.End(t.Context(), ended); err != nil {
		t.Fatal(err)
	}

	c.pool.Close() // as good as a database that does not answer
	if subject, err := c.Check(t.Context(), secret); err != nil || subject != out.Subject {
		t.Errorf("the program: %q, %v", subject, err)
	}
	if s, err := c.Lookup(t.Context(), cookie); err != nil || s.Person != session.Person {
		t.Errorf("the person: %+v, %v", s, err)
	}
	if _, err := c.Alive(t.Context(), session.ID); err != nil {
		t.Errorf("the person's open line: %v", err)
	}
	for name, s := range map[string]string{"a program whose token was revoked": void, "a program that never came": never} {
		if subject, err := c.Check(t.Context(), s); err == nil {
			t.Errorf("%s is %q", name, subject)
		}
	}
	if s, err := c.Lookup(t.Context(), endedCookie); err == nil {
		t.Errorf("who signed out is %+v", s)
	}
	if _, err := c.Alive(t.Context(), ended.ID); err == nil {
		t.Error("the open line of who signed out lives")
	}
	last := "a"
	if strings.HasSuffix(secret, last) {
		last = "b"
	}
	if _, err := c.Check(t.Context(), secret[:len(secret)-1]+last); err == nil {
		t.Error("another secret under the same id is taken")
	}
}

// What another node has ended while the database could be asked is over for
// good, also when the database goes away thereafter.
func TestWhatTheDatabaseSaidIsOverDoesNotComeBackWhenItGoesAway(t *testing.T) {
	c := fresh(t)
	other := c.other()
	session, cookie := c.begin("city.operator", good)
	out, secret := c.issue(t, "app:exporter")
	if _, err := c.Check(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Lookup(t.Context(), cookie); err != nil {
		t.Fatal(err)
	}
	if err := other.Revoke(t.Context(), system, out.ID); err != nil {
		t.Fatal(err)
	}
	if err := other.End(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := c.Check(t.Context(), secret)
		wants(t, "the revoked token", err, signin.ErrEnded)
		_, err = c.Lookup(t.Context(), cookie)
		wants(t, "the session that is over", err, signin.ErrEnded)
	}
	c.pool.Close()
	if subject, err := c.Check(t.Context(), secret); err == nil {
		t.Errorf("the revoked token is %q's", subject)
	}
	if s, err := c.Lookup(t.Context(), cookie); err == nil {
		t.Errorf("the session is back: %+v", s)
	}
}
