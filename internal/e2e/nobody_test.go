//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// open are the operations that serve who has not signed in: what health checks
// need, and what signing in takes.
var open = []string{"healthz", "readyz", "getAuthority", "signInWays", "signIn", "signInSecond", "beginPasskey", "finishPasskey",
	"firstPassword", "signOut", "getSignInRequest", "beginUpstream", "finishUpstream"}

// keyed are the operations that know who asks by something else than a session
// or a token: a partner's or a camera's signature, the key of one report.
var keyed = []string{"receivePartnerEvent", "cameraEvent", "open311Rate"}

// nobodyGetsIn asks for everything in the program's own document of its API,
// without credentials and with wrong ones.
func nobodyGetsIn(t *testing.T, p *program) {
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			RequestBody *struct{ Content map[string]any }
		}
	}
	if status, err := p.get("/openapi.json", &document); err != nil || status != http.StatusOK || len(document.Paths) < 60 {
		t.Fatalf("the API's document: %d %v, %d paths", status, err, len(document.Paths))
	}
	fill := strings.NewReplacer("{layers}", "buildings", "{z}", "14", "{x}", "13700", "{y}", "6700.mvt", "{h3}", "8a3094000007fff",
		"{seq}", "1", "{name}", "city-index")
	nobody := p.stranger(t)
	asked := 0
	for path, methods := range document.Paths {
		path = fill.Replace(path)
		for strings.Contains(path, "{") {
			before, rest, _ := strings.Cut(path, "{")
			_, after, _ := strings.Cut(rest, "}")
			path = before + "1" + after
		}
		for method, o := range methods {
			if slices.Contains(open, o.OperationID) || strings.HasPrefix(path, "/sign-in") {
				continue
			}
			asked++
			var body any
			if method == "post" || method == "put" {
				body = map[string]string{"code": "000000"}
			}
			r := nobody.ask(t, strings.ToUpper(method), path, body)
			switch {
			case slices.Contains(keyed, o.OperationID):
				if r.status/100 != 4 {
					t.Errorf("%s: nobody is answered %d: %.200s", o.OperationID, r.status, r.body)
				}
				continue
			case method == "head": // its answer has no body
				if r.status != http.StatusUnauthorized || r.header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s: nobody is answered %d", o.OperationID, r.status)
				}
				continue
			}
			refused(t, r, o.OperationID+" "+path)
			if strings.HasPrefix(path, "/api/") && method == "get" {
				refused(t, nobody.ask(t, http.MethodGet, path, nil, "Authorization", "Bearer oc_nonsense"), o.OperationID+" with a wrong token")
				refused(t, nobody.ask(t, http.MethodGet, path, nil, "Authorization", "Basic dC0wMDE6d3Jvbmc="), o.OperationID+" with a wrong password")
				refused(t, nobody.ask(t, http.MethodGet, path, nil, "Cookie", "onecity="+strings.Repeat("A", 43)), o.OperationID+" with a wrong cookie")
			}
		}
	}
	t.Logf("%d operations were refused", asked)
	for _, path := range []string{"/openapi.json", "/openapi.yaml", "/style.json", "/metrics", "/tiles/buildings.json", "/media/x.jpg",
		"/open311/v2/requests.json", "/open311/v2/services.xml", "/ws"} {
		refused(t, nobody.ask(t, http.MethodGet, path, nil), path)
	}
	if conn, status, err := nobody.dial(); err == nil || status != http.StatusUnauthorized {
		t.Errorf("the live socket answers nobody with %d, %v", status, err)
		if conn != nil {
			conn.Close()
		}
	}
	for _, page := range []string{"/", "/screen", "/desk", "/orgs", "/people", "/roles", "/apps", "/credentials", "/audit", "/account", "/feeds", "/docs", "/embed/city-index", "/orgs?gaps=true"} {
		r := nobody.ask(t, http.MethodGet, page, nil, "Accept", "text/html")
		if want := "/sign-in?next=" + url.QueryEscape(page); r.status != http.StatusSeeOther || r.header.Get("Location") != want {
			t.Errorf("%s leads nobody to %d %q, want %q", page, r.status, r.header.Get("Location"), want)
		}
	}
	for _, path := range []string{"/sign-in", "/healthz", "/readyz"} {
		nobody.expect(t, http.MethodGet, path, nil, http.StatusOK)
	}
}

// refused: 401, a problem (RFC 9457), and how to show who one is (RFC 9110,
// section 15.5.2).
func refused(t *testing.T, r reply, what string) {
	t.Helper()
	var problem struct{ Status int }
	if r.status != http.StatusUnauthorized || r.header.Get("Content-Type") != "application/problem+json" ||
		r.header.Get("WWW-Authenticate") == "" || json.Unmarshal(r.body, &problem) != nil || problem.Status != http.StatusUnauthorized {
		t.Errorf("%s: nobody is answered %d %q (WWW-Authenticate %q): %.200s", what, r.status, r.header.Get("Content-Type"), r.header.Get("WWW-Authenticate"), r.body)
	}
}
