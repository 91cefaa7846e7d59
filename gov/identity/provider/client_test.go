package provider_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"onecity/gov/identity/provider"

	"golang.org/x/oauth2"
)

type jsonRaw = json.RawMessage

// client is an application that speaks the protocol by hand, so that it can
// also speak it wrongly.
type client struct {
	w        *town
	app      provider.App
	secret   string
	verifier string
}

const callback = "https://app.example.cn/callback"

// web is an application with a secret that may ask for everything.
func web(id string) provider.App {
	return provider.App{ID: id, Kind: provider.Web, Redirects: []string{callback}, Logouts: []string{"https://app.example.cn/bye"},
		Scopes: provider.Scopes, Grants: []string{"refresh_token"}}
}

func (w *town) client(a provider.App, secret string) *client {
	return &client{w: w, app: a, secret: secret, verifier: oauth2.GenerateVerifier()}
}

// authorize is the address with which a sign-in begins; change alters it.
func (c *client) authorize(change url.Values) string {
	q := url.Values{"client_id": {c.app.ID}, "redirect_uri": {c.redirect()}, "response_type": {"code"}, "state": {"st&te"}, "nonce": {"n-1"},
		"scope": {strings.Join(c.app.Scopes, " ")}, "code_challenge": {oauth2.S256ChallengeFromVerifier(c.verifier)}, "code_challenge_method": {"S256"}}
	for k, v := range change {
		q[k] = v
		if v[0] == "" {
			q.Del(k)
		}
	}
	return c.w.base + "/oidc/authorize?" + q.Encode()
}

func (c *client) redirect() string { return c.app.Redirects[0] }

// code signs whoever sits at the browser in.
func (c *client) code(t testing.TB) string {
	t.Helper()
	to, page := c.w.browse(t, c.authorize(nil))
	if to == nil {
		t.Fatalf("no way back to the application: %s", page)
	}
	if to.Query().Get("state") != "st&te" || to.Query().Get("code") == "" {
		t.Fatalf("led to %s", to)
	}
	return to.Query().Get("code")
}

// answer of the token endpoint.
type answer struct {
	Status      int
	Access      string `json:"access_token"`
	ID          string `json:"id_token"`
	Refresh     string `json:"refresh_token"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
	Active      bool   `json:"active"`
}

// post sends a form as the application, with its secret by Basic.
func (c *client) post(t testing.TB, path string, form url.Values) answer {
	t.Helper()
	if c.secret == "" {
		form.Set("client_id", c.app.ID)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.w.base+"/oidc"+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.secret != "" {
		req.SetBasicAuth(url.QueryEscape(c.app.ID), url.QueryEscape(c.secret))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Status: resp.StatusCode}
	if err := json.Unmarshal(body, &a); err != nil && len(body) > 0 {
		a.Description = string(body)
	}
	return a
}

func (c *client) exchange(t testing.TB, code string, change url.Values) answer {
	t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {c.redirect()}, "code_verifier": {c.verifier}}
	for k, v := range change {
		form[k] = v
		if v[0] == "" {
			form.Del(k)
		}
	}
	return c.post(t, "/token", form)
}

func (c *client) renew(t testing.TB, refresh string) answer {
	t.Helper()
	return c.post(t, "/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
}

// signIn is a whole sign-in.
func (c *client) signIn(t testing.TB) answer {
	t.Helper()
	a := c.exchange(t, c.code(t), nil)
	if a.Status != http.StatusOK || a.Access == "" || a.ID == "" {
		t.Fatalf("%+v", a)
	}
	return a
}

// tryOut is the test of a draft.
func (c *client) tryOut(t testing.TB) {
	t.Helper()
	if c.app.Kind == provider.Service {
		if a := c.post(t, "/token", url.Values{"grant_type": {"client_credentials"}}); a.Status != http.StatusOK {
			t.Fatalf("%+v", a)
		}
		return
	}
	c.signIn(t)
}

// userinfo asks with an access token.
func (c *client) userinfo(t testing.TB, access string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.w.base+"/oidc/userinfo", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+access)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}
