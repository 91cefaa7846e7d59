package web

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"onecity/gov/incident/exchange"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

func TestNobodyHasMoreSentToAPartnerThanTheySeeThemselves(t *testing.T) {
	w := newTown(t, townOptions{who: asRole})
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if w.server.Exchange, err = exchange.Open(t.Context(), pool, exchange.Options{
		Audit:   func(context.Context, pgx.Tx, audit.Entry) error { return nil },
		KeyFile: filepath.Join(t.TempDir(), "key"), Source: "https://city.example.cn", Log: slog.New(slog.DiscardHandler),
	}); err != nil {
		t.Fatal(err)
	}
	officer := []string{"X-Role", "officer", "X-Region", "320583"} // sees what is internal, no more
	partner := func(more string) string {
		return `{"id":"nosy","name":"某系统","kind":"webhook","url":"https://nosy.example.cn/","region":"320583",` + more + `}`
	}
	w.expect("POST", "/api/v1/partners", partner(`"grade":3,"on":true`), 403, officer...)
	w.expect("POST", "/api/v1/partners", partner(`"grade":1,"on":true`), 200, officer...)
	w.expect("PUT", "/api/v1/partners/nosy", partner(`"grade":2,"on":true,"version":1`), 403, officer...)
	w.expect("PUT", "/api/v1/partners/nosy", partner(`"grade":2,"on":true,"version":1`), 200) // somebody who sees it
	w.expect("PUT", "/api/v1/partners/nosy", partner(`"grade":2,"on":false,"version":2`), 200, officer...)
	w.expect("PUT", "/api/v1/partners/nosy", partner(`"grade":2,"on":true,"version":3`), 403, officer...)
}
