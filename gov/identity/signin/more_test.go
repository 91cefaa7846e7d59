package signin_test

import (
	"sync/atomic"
	"testing"

	"onecity/gov/identity/access"
	"onecity/gov/identity/signin"
	"onecity/internal/audit"
)

func TestASessionMustShowMoreWhenItsPersonIsGivenARoleThatNeedsIt(t *testing.T) {
	c := fresh(t).follows()
	other := c.other().follows()
	s, token := c.begin("village.viewer", good)
	if got, err := other.Lookup(t.Context(), token); err != nil || got.Pending != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	var told atomic.Int64
	defer other.Watch(func() { told.Add(1) })()
	b, err := c.dir.Grant(t.Context(), system, access.Binding{Subject: s.Subject(), Role: "auditor", On: access.Node{Axis: access.ByRegion, Code: "320583"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := c.pool.Exec(t.Context(), `delete from identity.binding where id::text = $1`, b.ID); err != nil {
			t.Error(err)
		}
	}()
	for _, n := range []*city{c, other} {
		n.until("the session waits", func() bool {
			got, err := n.Lookup(t.Context(), token)
			return err == nil && got.Pending == signin.PendingEnrol
		})
	}
	c.until("the hub is told", func() bool { return told.Load() > 0 })
	if n := c.logged("signin.more", audit.Done); n != 1 {
		t.Errorf("it is %d times in the log", n)
	}
	at, err := c.Lookup(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.BeginTOTP(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.ConfirmTOTP(t.Context(), at, c.code(e.Secret, 0))
	if err != nil || !out.Session.Strong {
		t.Fatalf("%+v, %v", out, err)
	}
	if want := out.Session.Since.Add(c.Policy().Absolute); !out.Session.Until.Equal(want) {
		t.Errorf("it lasts until %s, want %s", out.Session.Until, want)
	}
}

func TestAllTokensOfAnApplicationAreRevokedTogether(t *testing.T) {
	c := fresh(t)
	_, one := c.issue(t, "app:exporter")
	_, two := c.issue(t, "app:exporter")
	_, kept := c.issue(t, "app:other")
	if err := c.RevokeAll(t.Context(), system, "app:exporter"); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{one, two} {
		_, err := c.Check(t.Context(), token)
		wants(t, "a revoked token", err, signin.ErrEnded)
	}
	if _, err := c.Check(t.Context(), kept); err != nil {
		t.Error(err)
	}
}
