package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/gov/identity/provider"

	jose "github.com/go-jose/go-jose/v4"
)

func TestACodeServesOnceForItsOwner(t *testing.T) {
	w := theTown(t)
	c, other := w.launch(t, web("code-owner")), w.launch(t, web("code-thief"))
	for name, x := range map[string]struct {
		by     *client
		change url.Values
		want   string
	}{
		"a wrong verifier":         {c, url.Values{"code_verifier": {other.verifier}}, "invalid_grant"},
		"no verifier":              {c, url.Values{"code_verifier": {""}}, "invalid_request"},
		"another redirect":         {c, url.Values{"redirect_uri": {callback + "2"}}, "invalid_grant"},
		"another application":      {other, url.Values{"code_verifier": {c.verifier}}, "invalid_grant"},
		"an unknown code":          {c, url.Values{"code": {"x"}}, "invalid_grant"},
		"an unknown grant":         {c, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}}, "unsupported_grant_type"},
		"a grant that it lacks":    {c, url.Values{"grant_type": {"client_credentials"}}, "unauthorized_client"},
		"no grant type":            {c, url.Values{"grant_type": {""}}, "invalid_request"},
		"the secret of another":    {&client{w: w, app: c.app, secret: other.secret, verifier: c.verifier}, nil, "invalid_client"},
		"no secret":                {&client{w: w, app: c.app, verifier: c.verifier}, nil, "invalid_client"},
		"two ways to prove itself": {c, url.Values{"client_id": {c.app.ID}, "client_secret": {c.secret}}, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.logged(t, "identity.oidc.token", "app:"+x.by.app.ID, "refused")
			a := x.by.exchange(t, c.code(t), x.change)
			if a.Error != x.want || a.Access != "" {
				t.Errorf("%+v, want %s", a, x.want)
			}
			if want := http.StatusBadRequest; a.Status != want && x.want != "invalid_client" || x.want == "invalid_client" && a.Status != http.StatusUnauthorized {
				t.Errorf("status %d", a.Status)
			}
			if n := w.logged(t, "identity.oidc.token", "app:"+x.by.app.ID, "refused"); n != before+1 {
				t.Errorf("%d refusals in the log, had %d", n, before)
			}
		})
	}
}

func TestACodeIsOverAfterAMinute(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("late-code"))
	code := c.code(t)
	w.hurry.Store(int64(61 * time.Second))
	if a := c.exchange(t, code, nil); a.Error != "invalid_grant" {
		t.Errorf("%+v", a)
	}
}

func TestACodeThatComesTwiceEndsWhatItGave(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("replayed"))
	code := c.code(t)
	first := c.exchange(t, code, nil)
	if _, err := w.p.Verify(t.Context(), first.Access); err != nil {
		t.Fatal(err)
	}
	if a := c.exchange(t, code, nil); a.Error != "invalid_grant" {
		t.Errorf("%+v", a)
	}
	if _, err := w.p.Verify(t.Context(), first.Access); !errors.Is(err, provider.ErrToken) {
		t.Errorf("the first access token: %v", err)
	}
	if status, _ := c.userinfo(t, first.Access); status != http.StatusUnauthorized {
		t.Errorf("userinfo: %d", status)
	}
	if a := c.renew(t, first.Refresh); a.Error != "invalid_grant" {
		t.Errorf("the first refresh token: %+v", a)
	}
	if n := w.logged(t, "identity.oidc.replay", "app:replayed", "refused"); n != 1 {
		t.Errorf("%d replays in the log", n)
	}
}

func TestOfManyWhoBringACodeAtOnceOneIsServedAndAllEnds(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("race"))
	code := c.code(t)
	answers := make([]answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = c.exchange(t, code, nil) })
	}
	all.Wait()
	served := 0
	for _, a := range answers {
		if a.Access == "" {
			continue
		}
		served++
		if _, err := w.p.Verify(t.Context(), a.Access); !errors.Is(err, provider.ErrToken) {
			t.Errorf("a token of a code that came eight times: %v", err)
		}
	}
	if served != 1 {
		t.Errorf("%d were served", served)
	}
}

func TestARefreshTokenThatComesTwiceEndsItsFamily(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("family"))
	first := c.signIn(t)
	second := c.renew(t, first.Refresh)
	third := c.renew(t, second.Refresh)
	if third.Access == "" || third.Refresh == "" || third.ID == "" {
		t.Fatalf("%+v", third)
	}
	if _, err := w.p.Verify(t.Context(), third.Access); err != nil {
		t.Fatal(err)
	}
	if a := c.renew(t, first.Refresh); a.Error != "invalid_grant" {
		t.Errorf("reused: %+v", a)
	}
	if a := c.renew(t, third.Refresh); a.Error != "invalid_grant" {
		t.Errorf("the newest of the family: %+v", a)
	}
	for _, a := range []answer{first, second, third} {
		if _, err := w.p.Verify(t.Context(), a.Access); !errors.Is(err, provider.ErrToken) {
			t.Errorf("an access token of the family: %v", err)
		}
	}
	narrow := c.signIn(t)
	less := c.post(t, "/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {narrow.Refresh}, "scope": {"openid"}})
	if _, err := w.p.Verify(t.Context(), less.Access); !errors.Is(err, provider.ErrScope) {
		t.Errorf("a token that was asked for without the API: %v", err)
	}
	if a := c.post(t, "/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {less.Refresh}, "scope": {"openid root"}}); a.Error != "invalid_scope" {
		t.Errorf("more than was given: %+v", a)
	}
	if n := w.logged(t, "identity.oidc.reuse", "app:family", "refused"); n != 1 {
		t.Errorf("%d reuses in the log", n)
	}
	again := c.signIn(t)
	if a := w.launch(t, web("family-thief")).renew(t, again.Refresh); a.Error != "invalid_grant" {
		t.Errorf("another application: %+v", a)
	}
	w.hurry.Store(int64(31 * 24 * time.Hour))
	if a := c.renew(t, again.Refresh); a.Error != "invalid_grant" {
		t.Errorf("after a month: %+v", a)
	}
}

func TestAccessTokensThatWeDidNotSignAreRefused(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("forged"))
	a := c.signIn(t)
	parts := strings.Split(a.Access, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	foreign := map[string]any{}
	for k, v := range claims {
		foreign[k] = v
	}
	foreign["iss"] = "https://evil.example.cn/oidc"
	foreignPayload, _ := json.Marshal(foreign)
	none := func(header string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + parts[1] + "."
	}
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid, published := publishedKey(t, w)
	der, err := x509.MarshalPKIXPublicKey(published)
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"alg none":                  none(`{"alg":"none","typ":"JWT"}`),
		"alg NONE with our kid":     none(`{"alg":"NONE","kid":"` + kid + `"}`),
		"HS256 with the public key": sign(t, jose.HS256, der, kid, payload),
		"HS256 with the public PEM": sign(t, jose.HS256, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), kid, payload),
		"another key":               sign(t, jose.ES256, stranger, kid, payload),
		"another issuer":            sign(t, jose.ES256, stranger, "theirs", foreignPayload),
		"an id token":               a.ID,
		"a refresh token":           a.Refresh,
		"the signature of another":  parts[0] + "." + base64.RawURLEncoding.EncodeToString(foreignPayload) + "." + parts[2],
		"nothing":                   "",
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := w.p.Verify(t.Context(), token); !errors.Is(err, provider.ErrToken) || s != "" {
				t.Errorf("%q, %v", s, err)
			}
			if status, _ := c.userinfo(t, token); status != http.StatusUnauthorized {
				t.Errorf("userinfo: %d", status)
			}
			if x := c.post(t, "/introspect", url.Values{"token": {token}}); x.Active {
				t.Error("introspection says active")
			}
		})
	}
	if _, err := w.p.Verify(t.Context(), a.Access); err != nil {
		t.Errorf("the true one: %v", err)
	}
}

func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, kid string, payload []byte) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	out, err := o.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// keySet is what the provider publishes.
func keySet(t *testing.T, w *town) jose.JSONWebKeySet {
	t.Helper()
	resp, err := http.Get(w.base + "/oidc/keys")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var set jose.JSONWebKeySet
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	return set
}

func publishedKey(t *testing.T, w *town) (kid string, key *ecdsa.PublicKey) {
	t.Helper()
	set := keySet(t, w)
	key, ok := set.Keys[0].Key.(*ecdsa.PublicKey)
	if !ok || set.Keys[0].Algorithm != "ES256" {
		t.Fatalf("%+v", set)
	}
	return set.Keys[0].KeyID, key
}

func TestOddRequestsAreRefusedWithoutAFault(t *testing.T) {
	w := theTown(t)
	c := w.launch(t, web("odd"))
	native := w.launch(t, provider.App{ID: "odd-native", Kind: provider.Native, Redirects: []string{"http://127.0.0.1/cb", "cn.example.odd:/cb"}})
	for _, bad := range []string{"\x00", "\xff\xfe", strings.Repeat("界", 3000), "%zz", "' or 1=1 --", "\r\nSet-Cookie: x=1"} {
		for _, name := range []string{"client_id", "redirect_uri", "state", "nonce", "scope", "prompt", "max_age", "login_hint", "acr_values",
			"id_token_hint", "request", "response_mode", "ui_locales", "code_challenge"} {
			resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(c.authorize(url.Values{name: {bad}}))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode >= 500 || strings.Contains(resp.Header.Get("Location"), "server_error") || resp.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s = %.20q: %s %s", name, bad, resp.Status, resp.Header.Get("Location"))
			}
		}
		if _, err := w.p.AuthRequest(t.Context(), bad); !errors.Is(err, provider.ErrNoRequest) {
			t.Errorf("a request %.20q: %v", bad, err)
		}
		for _, form := range []url.Values{
			{"grant_type": {"authorization_code"}, "code": {bad}, "code_verifier": {bad}, "redirect_uri": {bad}},
			{"grant_type": {"refresh_token"}, "refresh_token": {bad}, "scope": {bad}}, {"grant_type": {bad}},
		} {
			if a := c.post(t, "/token", form); a.Status >= 500 || a.Access != "" {
				t.Errorf("%v: %+v", form, a)
			}
		}
		stranger := &client{w: w, app: provider.App{ID: bad}, secret: bad}
		for _, path := range []string{"/token", "/revoke", "/introspect"} {
			if a := stranger.post(t, path, url.Values{"token": {bad}, "grant_type": {"client_credentials"}}); a.Status < 400 || a.Status >= 500 {
				t.Errorf("%s: %+v", path, a)
			}
		}
	}
	// Any port of loopback, and nothing else of an address.
	for address, want := range map[string]string{"http://127.0.0.1:5/cb": "code", "cn.example.odd:/cb": "code", "http://user@127.0.0.1:5/cb": "400",
		"http://127.0.0.1:5/cb#x": "400", "http://127.0.0.1.evil.cn/cb": "400", "http://127.0.0.1:5/other": "400"} {
		wants(t, native, url.Values{"redirect_uri": {address}}, want)
	}
	for _, path := range []string{"/token", "/revoke", "/introspect"} {
		resp, err := http.Get(w.base + "/oidc" + path + "?client_id=odd&client_secret=" + c.secret)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("GET %s: %s", path, resp.Status)
		}
	}
	for _, action := range []string{"identity.oidc.authorize", "identity.oidc.token"} {
		if w.logged(t, action, "app:odd", "refused") == 0 {
			t.Errorf("%s: no refusal in the log", action)
		}
	}
}
