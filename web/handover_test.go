package web

import (
	"context"
	"testing"

	"onecity/gov/incident/handover"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

func TestAShiftIsHandedOverOverHTTP(t *testing.T) {
	w := newTown(t, townOptions{who: asRole})
	w.settle()
	wang := []string{"X-Role", "operator", "X-Region", "320583", "X-Person", "-wang"}
	li := []string{"X-Role", "operator", "X-Region", "320583", "X-Person", "-li"}
	zhao := []string{"X-Role", "operator", "X-Region", "320583", "X-Person", "-zhao"}
	east := []string{"X-Role", "operator", "X-Region", atEast, "X-Person", "-east"}
	w.expect("GET", "/api/v1/handovers", "", 503, wang...) // while the database is away

	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	var log []string
	if w.server.Handovers, err = handover.Open(t.Context(), pool, func(_ context.Context, _ pgx.Tx, e audit.Entry) error {
		log = append(log, e.Actor+" "+e.Action)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	note := `{"id":"n1","text":"暴雨，盯住下穿通道","items":[{"case":"c-1","title":"井盖缺失","why":"late"}]}`
	w.expect("POST", "/api/v1/handovers", note, 403, "X-Role", "grid", "X-Region", "320583")
	w.expect("POST", "/api/v1/handovers", `{"id":"n1","text":" "}`, 422, wang...)
	w.expect("POST", "/api/v1/handovers", `{"id":"n0","region":"320583","text":"全市"}`, 403, east...)
	first := w.expect("POST", "/api/v1/handovers", note, 200, wang...).json(t)
	if first["region"] != "320583" || first["by"] != "person:operator-wang" {
		t.Errorf("it is kept as %v", first)
	}
	if again := w.expect("POST", "/api/v1/handovers", note, 200, wang...).json(t); again["at"] != first["at"] {
		t.Errorf("sent again it is another: %v", again)
	}
	waiting := func(who []string) int {
		t.Helper()
		return len(w.expect("GET", "/api/v1/handovers?waiting=true", "", 200, who...).json(t)["items"].([]any))
	}
	if waiting(li) != 1 || waiting(east) != 0 {
		t.Errorf("%d wait for the city's operator, %d for a town's", waiting(li), waiting(east))
	}
	w.expect("POST", "/api/v1/handovers/n1/take", "", 409, wang...) // who wrote it
	w.expect("POST", "/api/v1/handovers/none/take", "", 404, li...)
	for _, who := range [][]string{east, {"X-Role", "grid", "X-Region", "320583"}} {
		if a := w.ask("POST", "/api/v1/handovers/n1/take", "", who...); a.status != 403 && a.status != 404 {
			t.Errorf("%v signs it off: %d", who, a.status)
		}
	}
	if taken := w.expect("POST", "/api/v1/handovers/n1/take", "", 200, li...).json(t); taken["takenBy"] != "person:operator-li" {
		t.Errorf("it is taken as %v", taken)
	}
	w.expect("POST", "/api/v1/handovers/n1/take", "", 409, zhao...)
	if waiting(li) != 0 || len(log) != 2 {
		t.Errorf("%d wait; the log has %v", waiting(li), log)
	}
}
