//go:build e2e

package e2e

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"testing"
)

func basic(id, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(id + ":" + password))
}

func guesserIsLockedOut(t *testing.T, p *program) {
	guesser, auditor := p.stranger(t), p.signIn(t, "city.auditor")
	worker := p.signIn(t, "village.worker").me(t)
	judged := 0
	for i := range 20 {
		r := guesser.ask(t, http.MethodPost, "/api/v1/sign-in", map[string]string{"login": "village.worker", "password": "wrong-guess-" + strconv.Itoa(i)})
		if wait, err := strconv.Atoi(r.header.Get("Retry-After")); r.status == http.StatusTooManyRequests && (err != nil || wait < 1) {
			t.Fatalf("it is not told when to come again: %q", r.header.Get("Retry-After"))
		}
		switch {
		case r.status == http.StatusUnauthorized && judged == i:
			judged++
		case r.status != http.StatusTooManyRequests:
			t.Fatalf("guess %d is answered %d %s", i, r.status, r.body)
		}
	}
	if judged == 0 || judged > 10 {
		t.Errorf("%d of 20 guesses were judged", judged)
	}
	// The right password does not help now, from there.
	r := guesser.ask(t, http.MethodPost, "/api/v1/sign-in", map[string]string{"login": "village.worker", "password": p.passwords(t)["village.worker"]})
	if r.status != http.StatusTooManyRequests {
		t.Errorf("the right password from there is answered %d", r.status)
	}
	var guesses, locks struct {
		Items []struct{ Actor, Outcome, From string }
	}
	auditor.get(t, "/api/v1/audit/entries?action=signin.refused&object="+worker.Subject, &guesses)
	auditor.get(t, "/api/v1/audit/entries?action=signin.locked&object="+worker.Subject, &locks)
	if len(guesses.Items) != judged || len(locks.Items) != 1 {
		t.Errorf("%d guesses were judged; the log has %d, and %d locks", judged, len(guesses.Items), len(locks.Items))
	}
	for _, e := range guesses.Items {
		if e.Outcome != "refused" {
			t.Errorf("%+v", e)
		}
	}
	p.signIn(t, "town.leader") // nobody else is locked out
}
