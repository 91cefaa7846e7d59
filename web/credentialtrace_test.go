package web

import (
	"fmt"
	"strings"
	"testing"

	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

func TestEveryChangeOfACredentialLeavesATraceAndNoneIsMadeWithout(t *testing.T) {
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := audit.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(t.Context(), pool, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var w *town
	w = newTown(t, townOptions{who: localOr(&w)})
	w.settle()
	w.server.Audit = log
	password := w.expect("POST", "/api/v1/credentials/west", `{"why":"换新"}`, 200).json(t)["password"].(string)
	w.expect("DELETE", "/api/v1/credentials/car-1?why=lost", "", 204)
	w.expect("DELETE", "/api/v1/credentials/east", "", 404, "X-District", "320583100")
	rows, err := pool.Query(t.Context(), `select concat_ws(' ', actor, action, object, region, nullif(why, ''), outcome) from audit.entry order by at, id`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"person:tester device.credential.issue device:west 320583100 换新 done",
		"person:tester device.credential.revoke unit:car-1  lost done",
		"person:district device.credential.revoke device:east 320583101 refused",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the log has\n%s", strings.Join(got, "\n"))
	}
	// When nothing can be written down, the password stays.
	pool.Close()
	w.expect("DELETE", "/api/v1/credentials/west", "", 503)
	if err := w.signIn("west", password); err != nil {
		t.Errorf("the password was taken away without a trace: %v", err)
	}
}
