//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// Who is who, who sees what, and how it ends: one program for all, as it is
// shipped, and nobody but browsers, programs and devices from outside.
func TestOnlyThoseWhoMayGetInAndEachSeesTheirOwn(t *testing.T) {
	p := newProgram(t, "--city", "kunshan")
	p.start()
	t.Run("nobody gets in who has not signed in", func(t *testing.T) { nobodyGetsIn(t, p) })
	spots, passwords := settle(t, p)
	t.Run("each of the first people sees their region and nothing else", func(t *testing.T) { eachSeesTheirs(t, p, spots) })
	t.Run("an auditor sees the log and no city", func(t *testing.T) { auditorSeesNoCity(t, p) })
	t.Run("a town's administrator gives no more than a town", func(t *testing.T) { townAdminStaysInTown(t, p) })
	t.Run("a right that is taken back ends what it had opened", func(t *testing.T) { takenBack(t, p) })
	t.Run("who signs out is gone everywhere", func(t *testing.T) { signsOut(t, p) })
	t.Run("a device whose password is taken away is gone at once", func(t *testing.T) { deviceRevoked(t, p, spots[0].device, passwords[spots[0].device]) })
	t.Run("an application of another department is onboarded and signs people in", func(t *testing.T) { appSignsIn(t, p) })
	t.Run("after kill -9 everybody is who they were", func(t *testing.T) { sameAfterKill(t, p, spots) })
	t.Run("a guesser is locked out, and each guess is in the log", func(t *testing.T) { guesserIsLockedOut(t, p) })
	t.Run("what is altered in the log is found and named", func(t *testing.T) { alteredLogIsFound(t, p) })
}

func eachSeesTheirs(t *testing.T, p *program, spots []spot) {
	grid := spots[0].region
	under := map[string]string{"city": grid[:6], "town": grid[:9], "village": grid[:12], "grid": grid}
	people := p.passwords(t)
	if len(people) < 14 {
		t.Fatalf("%d people can sign in: %v", len(people), slices.Collect(maps.Keys(people)))
	}
	for _, login := range slices.Sorted(maps.Keys(people)) {
		x := p.signIn(t, login)
		m := x.me(t)
		if !slices.Contains(m.Actions, "city.view") {
			continue
		}
		level, _, _ := strings.Cut(login, ".")
		if m.Scope[0].Axis != "region" || m.Scope[0].Code != under[level] {
			t.Errorf("%s is told that they see %v, not %s", login, m.Scope, under[level])
		}
		x.sees(t, spots, under[level])
		delete(people, login)
	}
	if got := slices.Sorted(maps.Keys(people)); !slices.Equal(got, []string{"city.auditor", "city.security"}) {
		t.Errorf("the city is not shown to %v", got)
	}
}

func auditorSeesNoCity(t *testing.T, p *program) {
	x := p.signIn(t, "city.auditor")
	if m := x.me(t); len(m.Scope) != 0 {
		t.Errorf("an auditor is told that they see %v", m.Scope)
	}
	for _, path := range []string{"/api/v1/devices", "/api/v1/incidents", "/api/v1/units", "/api/v1/regions", "/api/v1/city", "/api/v1/widgets/city-index",
		"/tiles/buildings/14/13700/6700.mvt", "/style.json", "/open311/v2/requests.json", "/api/v1/feeds", "/metrics"} {
		x.expect(t, http.MethodGet, path, nil, http.StatusForbidden)
	}
	if conn, status, err := x.dial(); err == nil || status != http.StatusForbidden {
		t.Errorf("an auditor opens the live socket: %d %v", status, err)
		if conn != nil {
			conn.Close()
		}
	}
	var log struct{ Items []struct{ Action string } }
	x.get(t, "/api/v1/audit/entries?action=signin.ok", &log)
	if len(log.Items) == 0 {
		t.Error("an auditor finds no sign-in in the log")
	}
	p.signIn(t, "city.operator").expect(t, http.MethodGet, "/api/v1/audit/entries", nil, http.StatusForbidden)
}

func townAdminStaysInTown(t *testing.T, p *program) {
	x := p.signIn(t, "town.admin")
	m := x.me(t)
	worker, city := p.signIn(t, "village.worker").me(t), p.signIn(t, "city.operator").me(t)
	town := m.Org.Region
	on := func(code string) map[string]string { return map[string]string{"axis": "region", "code": code} }
	grant := func(subject, role string, node map[string]string) map[string]any {
		return map[string]any{"subject": subject, "role": role, "on": node, "why": "测试"}
	}
	var given struct{ ID string }
	x.expect(t, http.MethodPost, "/api/v1/bindings", grant(worker.Subject, "viewer", on(town)), http.StatusOK).into(t, &given)
	for what, body := range map[string]any{
		"a role on the city":           grant(worker.Subject, "viewer", on(town[:6])),
		"a role on everything":         grant(worker.Subject, "viewer", on("")),
		"a role on another town":       grant(worker.Subject, "viewer", on("320583101")),
		"a role above their own":       grant(worker.Subject, "security", on(town)),
		"their own role":               grant(worker.Subject, "admin", on(town)),
		"a role of the machine":        grant(worker.Subject, "steward", on(town)),
		"themselves a role above":      grant(m.Subject, "operator", on(town[:6])),
		"a role on the government":     grant(worker.Subject, "officer", map[string]string{"axis": "org", "code": city.Org.Path[:4]}),
		"themselves the auditor's log": grant(m.Subject, "auditor", on(town)),
	} {
		if r := x.ask(t, http.MethodPost, "/api/v1/bindings", body); r.status != http.StatusForbidden {
			t.Errorf("a town's administrator gives %s: %d %.200s", what, r.status, r.body)
		}
	}
	person := strings.TrimPrefix(city.Subject, "person:")
	for _, path := range []string{"/password", "/lock"} {
		if r := x.ask(t, http.MethodPost, "/api/v1/people/"+person+path, map[string]string{"why": "测试"}); r.status != http.StatusForbidden && r.status != http.StatusNotFound {
			t.Errorf("a town's administrator changes a person of the city: %s: %d %.200s", path, r.status, r.body)
		}
	}
	x.expect(t, http.MethodDelete, "/api/v1/bindings/"+given.ID+"?why=x", nil, http.StatusNoContent)
}

func takenBack(t *testing.T, p *program) {
	x, admin := p.signIn(t, "town.operator"), p.signIn(t, "city.admin")
	conn, _ := x.live(t)
	subject := x.me(t).Subject
	var held struct{ Items []struct{ ID, Role string } }
	admin.get(t, "/api/v1/bindings?subject="+url.QueryEscape(subject), &held)
	if len(held.Items) != 1 || held.Items[0].Role != "operator" {
		t.Fatalf("the operator holds %+v", held.Items)
	}
	admin.expect(t, http.MethodDelete, "/api/v1/bindings/"+held.Items[0].ID+"?why=test", nil, http.StatusNoContent)
	began := time.Now()
	if code := closed(t, conn, 2*time.Second); code != 4401 && code != 4403 {
		t.Errorf("the live socket was not ended within 2 s (%d)", code)
	}
	t.Logf("the live socket ended %s after the answer", time.Since(began).Round(time.Millisecond))
	x.expect(t, http.MethodGet, "/api/v1/devices", nil, http.StatusForbidden)
	if conn, status, err := x.dial(); err == nil || status != http.StatusForbidden {
		t.Errorf("it opens again: %d %v", status, err)
		if conn != nil {
			conn.Close()
		}
	}
	if m := x.me(t); len(m.Scope) != 0 || len(m.Actions) != 0 {
		t.Errorf("without a role one may still %v on %v", m.Actions, m.Scope)
	}
}

func signsOut(t *testing.T, p *program) {
	x, other := p.signIn(t, "city.leader"), p.signIn(t, "city.leader")
	conn, _ := x.live(t)
	cookies := x.http.Jar.Cookies(mustURL(t, x.base))
	x.expect(t, http.MethodPost, "/api/v1/sign-out", map[string]string{}, http.StatusOK)
	if code := closed(t, conn, 2*time.Second); code != 4401 {
		t.Errorf("the live socket ended with %d, want 4401", code)
	}
	refused(t, x.ask(t, http.MethodGet, "/api/v1/me", nil), "after signing out")
	// The cookie that somebody may have kept is worth nothing.
	x.http.Jar.SetCookies(mustURL(t, x.base), cookies)
	refused(t, x.ask(t, http.MethodGet, "/api/v1/me", nil), "with the cookie of before")
	other.me(t)
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func deviceRevoked(t *testing.T, p *program, device, password string) {
	admin, nobody := p.signIn(t, "city.admin"), p.stranger(t)
	send := func() reply {
		req := map[string]any{"observations": []map[string]any{{"device": device, "property": "temperature", "value": 20, "time": time.Now().Format(time.RFC3339)}}}
		return nobody.ask(t, http.MethodPost, "/api/v1/observations", req, "Authorization", "Basic "+basic(device, password))
	}
	if r := send(); r.status != http.StatusOK {
		t.Fatalf("a device sends over HTTP: %d %.200s", r.status, r.body)
	}
	if r := nobody.ask(t, http.MethodGet, "/api/v1/devices", nil, "Authorization", "Basic "+basic(device, password)); r.status != http.StatusForbidden {
		t.Errorf("a device reads the city: %d", r.status)
	}
	lost := make(chan struct{})
	options := func() *mqtt.ClientOptions {
		return mqtt.NewClientOptions().AddBroker("tcp://" + p.mqtt).SetClientID(device).SetUsername(device).SetPassword(password).
			SetAutoReconnect(false).SetConnectTimeout(5 * time.Second)
	}
	client := mqtt.NewClient(options().SetConnectionLostHandler(func(mqtt.Client, error) { close(lost) }))
	if token := client.Connect(); !token.WaitTimeout(10*time.Second) || token.Error() != nil {
		t.Fatalf("a device connects: %v", token.Error())
	}
	defer client.Disconnect(0)
	admin.expect(t, http.MethodDelete, "/api/v1/credentials/"+device+"?why=test", nil, http.StatusNoContent)
	select {
	case <-lost:
	case <-time.After(5 * time.Second):
		t.Error("its MQTT session goes on")
	}
	refused(t, send(), "a device without a password")
	if token := mqtt.NewClient(options()).Connect(); token.WaitTimeout(10*time.Second) && token.Error() == nil {
		t.Error("it connects again")
	}
}

func sameAfterKill(t *testing.T, p *program, spots []spot) {
	logins := []string{"city.operator", "town.leader", "grid.worker", "city.auditor"}
	people, before := map[string]*person{}, map[string]string{}
	for _, login := range logins {
		people[login] = p.signIn(t, login)
		before[login] = fmt.Sprint(people[login].me(t))
	}
	gone := p.signIn(t, "town.operator") // whose role was taken back
	p.kill()
	p.start()
	for _, login := range logins {
		if now := fmt.Sprint(people[login].me(t)); now != before[login] {
			t.Errorf("%s was %s and is %s", login, before[login], now)
		}
	}
	gone.expect(t, http.MethodGet, "/api/v1/devices", nil, http.StatusForbidden)
	people["town.leader"].sees(t, spots, spots[0].region[:9])
}
