//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// awayReports are reports that come in while the database is away.
type awayReports struct {
	p      *program
	spots  []spot
	ids    []string // that the reports were answered with
	before int      // cases that there were
}

// send reports once more; some are sent again. Each is accepted and in the model.
func (a *awayReports) send(t *testing.T) {
	t.Helper()
	i := len(a.ids)
	s := a.spots[i%len(a.spots)]
	for again := range 1 + i%3 {
		status, answer, err := a.p.post("/api/v1/cases", map[string]any{"id": fmt.Sprintf("away-%d", i), "class": "C0105",
			"description": "路灯不亮", "lon": s.at[0], "lat": s.at[1], "channel": "grid"})
		if err != nil || status/100 != 2 {
			t.Fatalf("a report while the database is away is answered %d %v: %s", status, err, answer)
		}
		var told struct{ ID string }
		reply{body: answer}.into(t, &told)
		if again == 0 {
			a.ids = append(a.ids, told.ID)
		} else if a.ids[i] != told.ID {
			t.Fatalf("the same report is %s and %s", a.ids[i], told.ID)
		}
	}
	a.p.shows(t, a.ids[i], "reported")
}

// areCases: once the database is back each is a case, once.
func (a *awayReports) areCases(t *testing.T) {
	t.Helper()
	for _, id := range a.ids {
		a.p.opened(t, id)
	}
	var list struct {
		Items []struct{ ID string }
		Next  string
	}
	if status, err := a.p.get("/api/v1/cases?limit=500&order=newest", &list); err != nil || status != http.StatusOK {
		t.Fatalf("list the cases: %d %v", status, err)
	}
	var all []string
	for _, c := range list.Items {
		all = append(all, c.ID)
	}
	slices.Sort(all)
	if n := len(slices.Compact(slices.Clone(all))); len(all) != a.before+len(a.ids) || n != len(all) || list.Next != "" {
		t.Errorf("%d cases, %d of them different, of %d reports; more: %q", len(all), n, a.before+len(a.ids), list.Next)
	}
}
