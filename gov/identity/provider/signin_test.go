package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/gov/identity/provider"

	oidcclient "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func TestAGoClientSignsAPersonIn(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("go-client"))
	w.sits("city.leader", provider.Password, provider.OTP, provider.Multi)

	found, err := oidcclient.NewProvider(t.Context(), w.p.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	config := oauth2.Config{ClientID: c.app.ID, ClientSecret: c.secret, Endpoint: found.Endpoint(), RedirectURL: callback,
		Scopes: []string{"openid", "profile", "offline_access", "city"}}
	verifier := oauth2.GenerateVerifier()
	to, page := w.browse(t, config.AuthCodeURL("state-1", oidcclient.Nonce("nonce-1"), oauth2.S256ChallengeOption(verifier)))
	if to == nil || to.Query().Get("state") != "state-1" {
		t.Fatalf("led to %v %s", to, page)
	}
	tokens, err := config.Exchange(t.Context(), to.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := found.Verifier(&oidcclient.Config{ClientID: c.app.ID}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := id.VerifyAccessToken(tokens.AccessToken); err != nil {
		t.Error(err)
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if id.Nonce != "nonce-1" || id.Subject != w.subject("city.leader") || claims["acr"] != provider.TwoFactors || claims["sid"] == "" {
		t.Errorf("%v", claims)
	}
	if left := time.Until(id.Expiry); left > 5*time.Minute {
		t.Errorf("an id token of %v", left)
	}
	for _, name := range []string{"roles", "actions", "name", "org"} {
		if v, there := claims[name]; there {
			t.Errorf("an id token tells %s: %v", name, v)
		}
	}

	info, err := found.UserInfo(t.Context(), oauth2.StaticTokenSource(tokens))
	if err != nil {
		t.Fatal(err)
	}
	var told map[string]any
	if err := info.Claims(&told); err != nil {
		t.Fatal(err)
	}
	p := w.people["city.leader"]
	for name, want := range map[string]any{"sub": p.Subject(), "name": p.Name, "preferred_username": p.Login, "org": p.OrgIs, "org_path": p.Path,
		"region": "320583", "acr": provider.TwoFactors} {
		if told[name] != want {
			t.Errorf("userinfo tells %s = %v, want %v", name, told[name], want)
		}
	}

	subject, err := w.p.Verify(t.Context(), tokens.AccessToken)
	if err != nil || subject != p.Subject() {
		t.Errorf("our own API sees %q, %v", subject, err)
	}
	access, err := w.p.Token(t.Context(), tokens.AccessToken)
	if err != nil || !access.Strong() || access.App != "go-client" || access.Session != "session-of-city.leader" {
		t.Errorf("%+v, %v", access, err)
	}
	// A client that renews by itself.
	tokens.Expiry = time.Now().Add(-time.Minute)
	next, err := config.TokenSource(t.Context(), tokens).Token()
	if err != nil || next.AccessToken == tokens.AccessToken || next.RefreshToken == tokens.RefreshToken {
		t.Errorf("renewing: %v", err)
	}
	if n := w.logged(t, "identity.oidc.signin", "app:go-client", "done"); n != 2 {
		t.Errorf("%d sign-ins in the log", n)
	}
	var from string
	err = w.pool.QueryRow(t.Context(), `select source from audit.entry where action = 'identity.oidc.signin' and object = 'app:go-client' limit 1`).Scan(&from)
	if err != nil || from != "192.0.2.7" {
		t.Errorf("signed in from %q, %v", from, err)
	}
	if n := w.logged(t, "identity.oidc.refresh", "app:go-client", "done"); n != 1 {
		t.Errorf("%d renewals in the log", n)
	}
}

func TestAPublicPageSignsInWithoutASecret(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, provider.App{ID: "public-page", Kind: provider.SPA, Redirects: []string{callback + "?from=onecity"}, Scopes: []string{"profile"}})
	if c.secret != "" {
		t.Error("a page was given a secret")
	}
	to, _ := w.browse(t, c.authorize(nil))
	if to == nil || to.Query().Get("from") != "onecity" {
		t.Fatalf("led to %v", to)
	}
	a := c.exchange(t, to.Query().Get("code"), nil)
	if a.Status != http.StatusOK || a.Refresh != "" {
		t.Fatalf("%+v", a)
	}
	// It was not given for our API.
	if _, err := w.p.Verify(t.Context(), a.Access); err == nil || !strings.Contains(err.Error(), provider.ScopeAPI) {
		t.Errorf("our API: %v", err)
	}
}

// wants is the answer of the authorization endpoint: an OAuth error by way of
// the application, or a page of ours.
func wants(t *testing.T, c *client, change url.Values, want string) {
	t.Helper()
	to, page := c.w.browse(t, c.authorize(change))
	got := page
	if to != nil {
		got = to.Query().Get("error")
		if got == "" && to.Query().Get("code") != "" {
			got = "code"
		}
	}
	if !strings.Contains(got, want) || want == "" && got != "" {
		t.Errorf("%v: got %q, want %q (%v)", change, got, want, to)
	}
}

func TestABadBeginningIsRefused(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("beginning"))
	for name, x := range map[string]struct {
		change url.Values
		want   string
	}{
		"no PKCE":               {url.Values{"code_challenge": {""}, "code_challenge_method": {""}}, "invalid_request"},
		"plain PKCE":            {url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		"PKCE without a method": {url.Values{"code_challenge_method": {""}}, "invalid_request"},
		"a short challenge":     {url.Values{"code_challenge": {"short"}}, "invalid_request"},
		"another redirect":      {url.Values{"redirect_uri": {callback + "/evil"}}, "400"},
		"a redirect's query":    {url.Values{"redirect_uri": {callback + "?x=1"}}, "400"},
		"no redirect":           {url.Values{"redirect_uri": {""}}, "400"},
		"an unknown client":     {url.Values{"client_id": {"nobody"}}, "400"},
		"the implicit flow":     {url.Values{"response_type": {"id_token token"}}, ""},
		"a fragment":            {url.Values{"response_mode": {"fragment"}}, ""},
		"no openid":             {url.Values{"scope": {"profile"}}, "invalid_scope"},
		"a NUL in the state":    {url.Values{"state": {"a\x00b"}}, "invalid_request"},
		"none and login":        {url.Values{"prompt": {"none login"}}, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) { wants(t, c, x.change, x.want) })
	}
	// The library's own way back is not served: a request's id alone is worth nothing.
	resp, err := http.Get(w.base + "/oidc/authorize/callback?id=1")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("the library's callback: %s", resp.Status)
	}
}

func TestPromptsAndAgesAreObeyed(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("prompts"))
	wants(t, c, url.Values{"prompt": {"none"}}, "code")
	wants(t, c, url.Values{"prompt": {"login"}}, "请重新登录")
	wants(t, c, url.Values{"max_age": {"30"}}, "请重新登录")
	wants(t, c, url.Values{"max_age": {"300"}}, "code")
	wants(t, c, url.Values{"max_age": {"30"}, "prompt": {"none"}}, "login_required")
	wants(t, c, url.Values{"acr_values": {provider.TwoFactors}}, "请重新登录")
	id := c.signIn(t).ID
	wants(t, c, url.Values{"id_token_hint": {id}}, "code")
	wants(t, c, url.Values{"id_token_hint": {id + "x"}}, "login_required")

	w.sits("city.leader", provider.Password, provider.Multi)
	wants(t, c, url.Values{"acr_values": {provider.TwoFactors}}, "code")
	wants(t, c, url.Values{"id_token_hint": {id}, "prompt": {"none"}}, "login_required")
	who := *w.page.Load()
	who.since = time.Now().Add(time.Second)
	w.page.Store(&who)
	wants(t, c, url.Values{"prompt": {"login"}}, "code")
	who.deny = true
	w.page.Store(&who)
	wants(t, c, nil, "access_denied")

	w.page.Store(nil)
	wants(t, c, nil, "请登录")
	wants(t, c, url.Values{"prompt": {"none"}}, "login_required")
}

func TestARequestIsAnsweredOnceAndInTime(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("answered"))
	who := w.page.Load()
	ask := func() string {
		w.page.Store(nil)
		defer w.page.Store(who)
		r, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(c.authorize(nil))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		to, err := r.Location()
		if err != nil || to.Path != "/sign-in" || to.Query().Get("app") != c.app.ZH {
			t.Fatalf("led to %v, %v", to, err)
		}
		return to.Query().Get("request")
	}
	approve := func(id string) error {
		_, err := w.p.Approve(t.Context(), id, w.subject("city.officer"), "s", who.since, who.amr)
		return err
	}
	id := ask()
	q, err := w.p.AuthRequest(t.Context(), id)
	if err != nil || q.App != "answered" || q.Org == "" || !slices.Contains(q.Scopes, "city") || q.Silent {
		t.Errorf("%+v, %v", q, err)
	}
	if err := approve(id); err != nil {
		t.Fatal(err)
	}
	if err := approve(id); err == nil {
		t.Error("approved twice")
	}
	late := ask()
	w.hurry.Store(int64(16 * time.Minute))
	if err := approve(late); err == nil {
		t.Error("approved after its time")
	}
}
