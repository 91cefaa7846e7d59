//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// landing is the application's own page; nothing listens there.
const landing = "http://127.0.0.1:9/landing"

// appSignsIn takes an application of a department from its draft to people who
// use it, with an OpenID client that is not ours.
func appSignsIn(t *testing.T, p *program) {
	drafter, approver := p.signIn(t, "city.admin"), p.signIn(t, "city.security")
	var app struct{ Secret string }
	drafter.expect(t, http.MethodPost, "/api/v1/apps", map[string]any{
		"id": "water-desk", "zh": "水务调度", "en": "Water desk", "org": drafter.me(t).Org.ID, "kind": "web", "contact": "王工 0512-57300000",
		"redirects": []string{landing}, "scopes": []string{"openid", "profile"}, "why": "测试",
	}, http.StatusOK).into(t, &app)
	if app.Secret == "" {
		t.Fatal("the application has no secret")
	}
	found, err := oidc.NewProvider(t.Context(), drafter.base+"/oidc")
	if err != nil {
		t.Fatal(err)
	}
	client := oauth2.Config{ClientID: "water-desk", ClientSecret: app.Secret, Endpoint: found.Endpoint(), RedirectURL: landing, Scopes: []string{"openid", "profile"}}
	move := func(by *person, event string, status int) {
		t.Helper()
		var item struct{ Version int64 }
		by.get(t, "/api/v1/apps/water-desk/item", &item)
		by.expect(t, http.MethodPost, "/api/v1/apps/water-desk/events", map[string]any{"event": event, "version": item.Version, "why": "测试"}, status)
	}
	uses := func(x *person, login string, signsIn bool) string {
		t.Helper()
		verifier := oauth2.GenerateVerifier()
		code, signedIn := x.consents(t, p, login, client.AuthCodeURL("state-1", oidc.Nonce("nonce-1"), oauth2.S256ChallengeOption(verifier)))
		if signedIn != signsIn {
			t.Errorf("%s is asked for a password on the way: %v", login, signedIn)
		}
		tokens, err := client.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatalf("%s: %v", login, err)
		}
		raw, _ := tokens.Extra("id_token").(string)
		id, err := found.Verifier(&oidc.Config{ClientID: "water-desk"}).Verify(t.Context(), raw)
		if err != nil || id.Nonce != "nonce-1" {
			t.Fatalf("%s: %v", login, err)
		}
		info, err := found.UserInfo(t.Context(), oauth2.StaticTokenSource(tokens))
		if err != nil || info.Subject != id.Subject {
			t.Fatalf("%s: %v", login, err)
		}
		if _, err := client.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
			t.Error("a code is taken twice")
		}
		return id.Subject
	}
	move(drafter, "test", http.StatusUnprocessableEntity) // nobody has tried it
	if got, want := uses(drafter, "city.admin", false), drafter.me(t).Subject; got != want {
		t.Errorf("the drafter's trial signs %s in, want %s", got, want)
	}
	move(drafter, "test", http.StatusOK)
	move(drafter, "approve", http.StatusForbidden)
	move(approver, "approve", http.StatusOK)
	move(approver, "go-live", http.StatusOK)
	// Somebody who has not signed in yet does so on the way; once is enough.
	leader := p.stranger(t)
	subject := uses(leader, "village.viewer", true)
	if me := leader.me(t); me.Subject != subject {
		t.Errorf("the application sees %s, we see %s", subject, me.Subject)
	}
	uses(leader, "village.viewer", false)
}

// consents goes where a browser goes from the application's link, until it is
// led back there with a code; it signs in when it is asked to.
func (x *person) consents(t *testing.T, p *program, login, at string) (code string, signedIn bool) {
	t.Helper()
	x.login = login
	for range 12 {
		r := x.ask(t, http.MethodGet, at, nil, "Accept", "text/html")
		if r.status == http.StatusOK { // our sign-in page; what it does is this
			here := mustURL(t, at)
			if here.Path != "/sign-in" || here.Query().Get("request") == "" {
				t.Fatalf("%s was led to the page %s", login, at)
			}
			var asked map[string]any
			if r := x.ask(t, http.MethodGet, "/api/v1/sign-in/requests/"+url.PathEscape(here.Query().Get("request")), nil); json.Unmarshal(r.body, &asked) != nil || r.status != http.StatusOK {
				t.Fatalf("which application asks: %d %s", r.status, r.body)
			}
			x.enter(t, login, p.passwords(t)[login])
			signedIn = true
			continue // as the page does: to itself, for the server to lead on
		}
		to, err := mustURL(t, at).Parse(r.header.Get("Location"))
		if err != nil || r.header.Get("Location") == "" {
			t.Fatalf("%s is answered %d %.300s", at, r.status, r.body)
		}
		if strings.HasPrefix(to.String(), landing) {
			if to.Query().Get("state") != "state-1" || to.Query().Get("code") == "" {
				t.Fatalf("led back with %s", to)
			}
			return to.Query().Get("code"), signedIn
		}
		at = to.String()
	}
	t.Fatalf("led in a circle: %s", at)
	return "", false
}
