package provider_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/provider"
)

// upstream is a program of another city that signs its people in here.
func upstream(t *testing.T, w *town, id string) (*provider.Upstream, *provider.UpstreamOptions) {
	t.Helper()
	c := w.launch(t, web(id))
	o := provider.UpstreamOptions{Issuer: w.p.Issuer(), ClientID: id, Secret: c.secret, Redirect: callback,
		Find: w.dir.ByLogin, Audit: w.log.Append}
	return provider.NewUpstream(w.pool, o), &o
}

func TestAPersonSignsInThroughAnUpstreamProvider(t *testing.T) {
	w := theTown(t)
	u, _ := upstream(t, w, "upstream")
	w.sits("city.leader", provider.Password, provider.Multi)
	address, bind, err := u.Start(t.Context(), "/desk")
	if err != nil {
		t.Fatal(err)
	}
	q, err := url.Parse(address)
	if err != nil || q.Query().Get("code_challenge_method") != "S256" || q.Query().Get("nonce") == "" {
		t.Errorf("begins at %s, %v", address, err)
	}
	to, page := w.browse(t, address)
	if to == nil {
		t.Fatal(page)
	}
	code, state := to.Query().Get("code"), to.Query().Get("state")
	got, err := u.Finish(t.Context(), bind, code, state)
	if err != nil || got.Person.Login != "city.leader" || got.Next != "/desk" || len(got.AMR) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := u.Finish(t.Context(), bind, code, state); !errors.Is(err, provider.ErrUpstream) {
		t.Errorf("finished twice: %v", err)
	}
	if n := w.logged(t, "identity.oidc.upstream", "upstream:"+w.p.Issuer(), "done"); n != 1 {
		t.Errorf("%d in the log", n)
	}
}

func TestAnUpstreamAnswerThatIsNotOursIsRefused(t *testing.T) {
	w := theTown(t)
	u, o := upstream(t, w, "upstream-bad")
	w.sits("city.leader", provider.Password)
	begin := func() (bind, code, state string) {
		address, bind, err := u.Start(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		to, page := w.browse(t, address)
		if to == nil {
			t.Fatal(page)
		}
		return bind, to.Query().Get("code"), to.Query().Get("state")
	}
	refused := func(what string, u *provider.Upstream, bind, code, state string) {
		t.Helper()
		if got, err := u.Finish(t.Context(), bind, code, state); !errors.Is(err, provider.ErrUpstream) || got.Person.ID != "" {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	bind, code, state := begin()
	refused("another state", u, bind, code, state+"x")
	refused("another browser", u, bind+"x", code, state)

	bind, _, state = begin()
	refused("another code", u, bind, "x", state)

	bind, code, _ = begin()
	bind2, _, state2 := begin()
	refused("the code of another sign-in", u, bind2, code, state2)
	refused("its bind for another state", u, bind, code, state2)

	bind, code, state = begin()
	if _, err := w.pool.Exec(t.Context(), `update provider.upstream set nonce = 'other'`); err != nil {
		t.Fatal(err)
	}
	refused("another nonce", u, bind, code, state)

	bind, code, state = begin()
	late := *o
	late.Now = func() time.Time { return time.Now().Add(16 * time.Minute) }
	refused("too late", provider.NewUpstream(w.pool, late), bind, code, state)

	bind, code, state = begin()
	other := *o
	other.Claim = "telephone"
	refused("a claim that is not told", provider.NewUpstream(w.pool, other), bind, code, state)

	bind, code, state = begin()
	nobody := *o
	nobody.Claim = "name"
	if _, err := provider.NewUpstream(w.pool, nobody).Finish(t.Context(), bind, code, state); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("somebody we do not know: %v", err)
	}
}
