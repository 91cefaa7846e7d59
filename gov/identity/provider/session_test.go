package provider_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/gov/identity/access/accesstest"
	"onecity/gov/identity/provider"

	jose "github.com/go-jose/go-jose/v4"
)

func everything(subject string) *access.Subject { return accesstest.Everything(subject) }

// waitFor waits until ok; a test that waits in vain fails with what it waited for.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestTokensEndWithTheSessionAndThePerson(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("ends"))
	a := c.signIn(t)
	if _, err := w.p.Verify(t.Context(), a.Access); err != nil {
		t.Fatal(err)
	}
	w.dead.Store("session-of-city.officer")
	waitFor(t, "the token of a dead session is refused", func() bool {
		_, err := w.p.Verify(t.Context(), a.Access)
		return errors.Is(err, provider.ErrToken)
	})
	if x := c.renew(t, a.Refresh); x.Error != "invalid_grant" {
		t.Errorf("%+v", x)
	}
	w.dead.Store("")
	if err := w.p.EndGrants(t.Context(), "session-of-city.officer", "a test"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.p.Verify(t.Context(), a.Access); !errors.Is(err, provider.ErrToken) {
		t.Errorf("after the session's end: %v", err)
	}

	// An administrator locks the person.
	w.sits("city.enforcer", provider.Password)
	b := c.signIn(t)
	p, err := w.dir.Person(t.Context(), identity.System("a test"), w.people["city.enforcer"].ID)
	if err != nil {
		t.Fatal(err)
	}
	code := c.code(t)
	p.State = "locked"
	if _, err := w.dir.EditPerson(t.Context(), identity.System("a test"), p); err != nil {
		t.Fatal(err)
	}
	if x := c.renew(t, b.Refresh); x.Error != "invalid_grant" {
		t.Errorf("a locked person's refresh token: %+v", x)
	}
	wants(t, c, nil, "access_denied")
	if x := c.exchange(t, code, nil); x.Error != "invalid_grant" {
		t.Errorf("a code of before: %+v", x)
	}
}

func TestOneNodeSeesWhatAnotherEndsByNotice(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("two-nodes"))
	// Its clock stands still: it asks the database again only when it is told.
	o, now := w.o, time.Now().Add(time.Second)
	o.Now = func() time.Time { return now }
	other, err := provider.Open(t.Context(), w.pool, w.engine, o)
	if err != nil {
		t.Fatal(err)
	}
	var told atomic.Int64
	defer other.Watch(func() { told.Add(1) })()
	done := make(chan error, 1)
	go func() { done <- other.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	waitFor(t, "the other node listens", func() bool { return told.Load() > 0 })
	heard := told.Load()
	a := c.signIn(t)
	b := c.signIn(t)
	if _, err := other.Verify(t.Context(), a.Access); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Verify(t.Context(), b.Access); err != nil {
		t.Fatal(err)
	}
	if x := c.post(t, "/revoke", url.Values{"token": {a.Refresh}}); x.Status != http.StatusOK {
		t.Fatalf("%+v", x)
	}
	waitFor(t, "the other node refuses the token", func() bool {
		_, err := other.Verify(t.Context(), a.Access)
		return errors.Is(err, provider.ErrToken)
	})
	if err := w.fire(t, w.as("city.security"), c.app, "suspend"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the other node knows of the suspension", func() bool {
		_, err := other.Verify(t.Context(), b.Access)
		return errors.Is(err, provider.ErrToken)
	})
	waitFor(t, "sockets are told of both", func() bool { return told.Load() >= heard+2 })
	// A suspension tells of the application and of what it was given; sign-ins tell of nothing.
	if n := told.Load() - heard; n > 3 {
		t.Errorf("told %d times", n)
	}
}

func TestALogoutNeedsAnIDTokenAndEndsOurSession(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("logout"))
	a := c.signIn(t)
	out := func(q url.Values) (*url.URL, string) { return w.browse(t, w.base+"/oidc/end_session?"+q.Encode()) }

	_, page := out(url.Values{"client_id": {"logout"}, "post_logout_redirect_uri": {"https://app.example.cn/bye"}})
	if w.ended.Load() != "" || !strings.HasPrefix(page, "404") { // our page, without a request
		t.Errorf("a mere link ended %v and showed %q", w.ended.Load(), page)
	}
	_, page = out(url.Values{"id_token_hint": {a.ID}, "post_logout_redirect_uri": {"https://evil.example.cn/"}})
	if w.ended.Load() != "" || !strings.HasPrefix(page, "400") {
		t.Errorf("led elsewhere: %v, %q", w.ended.Load(), page)
	}
	to, page := out(url.Values{"id_token_hint": {a.ID}, "post_logout_redirect_uri": {"https://app.example.cn/bye"}, "state": {"s"}})
	if to == nil || to.String() != "https://app.example.cn/bye?state=s" {
		t.Errorf("led to %v %s", to, page)
	}
	if w.ended.Load() != "session-of-city.officer" {
		t.Errorf("ended %v", w.ended.Load())
	}
	if _, err := w.p.Verify(t.Context(), a.Access); !errors.Is(err, provider.ErrToken) {
		t.Errorf("after the logout: %v", err)
	}
	if x := c.renew(t, a.Refresh); x.Error != "invalid_grant" {
		t.Errorf("%+v", x)
	}
	if n := w.logged(t, "identity.oidc.signout", "app:logout", "done"); n != 1 {
		t.Errorf("%d logouts in the log", n)
	}
}

func TestKeysAreRenewedAndTheOldOnesPublishedUntilTheirTokensAreOver(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("keys"))
	old := keySet(t, w)
	before := c.signIn(t)

	w.hurry.Store(int64(30*24*time.Hour - 30*time.Minute))
	soon := keySet(t, w) // the next is published before it signs
	if len(soon.Keys) != len(old.Keys)+1 {
		t.Fatalf("%d keys, had %d", len(soon.Keys), len(old.Keys))
	}
	w.hurry.Store(int64(30*24*time.Hour + 5*time.Minute))
	if set := keySet(t, w); len(set.Keys) != 2 || set.Keys[0].KeyID != old.Keys[0].KeyID {
		t.Errorf("%d keys", len(set.Keys))
	}
	// By the wall clock the old token is young: its key is still known.
	if _, err := w.p.Verify(t.Context(), before.Access); err != nil && !errors.Is(err, provider.ErrToken) {
		t.Error(err)
	}
	who := *w.page.Load()
	who.session = "s2"
	w.page.Store(&who)
	after := c.signIn(t)
	if kidOf(t, after.Access) == kidOf(t, before.Access) {
		t.Error("signed with the old key")
	}
	w.hurry.Store(int64(30*24*time.Hour + 16*time.Minute))
	if set := keySet(t, w); len(set.Keys) != 1 || set.Keys[0].KeyID == old.Keys[0].KeyID {
		t.Errorf("the old key is published for ever: %d", len(set.Keys))
	}
	// Whoever has signed in with it can still sign out.
	to, page := w.browse(t, w.base+"/oidc/end_session?"+url.Values{"id_token_hint": {before.ID}, "post_logout_redirect_uri": {"https://app.example.cn/bye"}}.Encode())
	if to == nil || w.ended.Load() != "session-of-city.officer" {
		t.Errorf("led to %v %s, ended %v", to, page, w.ended.Load())
	}

	info, err := os.Stat(w.o.KeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	other := w.o
	other.KeyFile = t.TempDir() + "/other.key"
	if _, err := provider.Open(t.Context(), w.pool, w.engine, other); !errors.Is(err, provider.ErrKey) {
		t.Errorf("opened with another key: %v", err)
	}
	if err := os.Chmod(other.KeyFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Open(t.Context(), w.pool, w.engine, other); err == nil || !strings.Contains(err.Error(), "0644") {
		t.Errorf("opened with a key that all can read: %v", err)
	}
}

func kidOf(t *testing.T, token string) string {
	t.Helper()
	s, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	return s.Signatures[0].Header.KeyID
}
