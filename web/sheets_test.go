package web

import (
	"bytes"
	"context"
	"log/slog"
	"mime/multipart"
	"net/http"
	"testing"

	"onecity/gov/identity"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// aDirectory is an empty directory on a database of its own.
func aDirectory(t *testing.T) (*identity.Directory, *pgxpool.Pool) {
	t.Helper()
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
	d, err := identity.Open(t.Context(), pool, func(ctx context.Context, tx pgx.Tx, e audit.Entry) error { return log.Append(ctx, tx, e) }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d, pool
}

// asSubject lets the header X-As say who sends a request: a person of d with
// the rights that it holds.
func asSubject(i *Identity) Who {
	return func(r *http.Request) (Caller, error) {
		if s := r.Header.Get("X-As"); s != "" {
			return i.Subject(s), nil
		}
		return everybody(r)
	}
}

func TestAWorkbookGoesOutAndComesInByTheAPI(t *testing.T) {
	d, _ := aDirectory(t)
	i := &Identity{Directory: d}
	seed, err := d.Seed(t.Context(), identity.Place{Code: "320583", Name: "昆山市"})
	if err != nil {
		t.Fatal(err)
	}
	who := map[string]string{}
	for _, p := range seed {
		who[p.Login] = p.Subject()
	}
	w := newTown(t, townOptions{identity: i, who: asSubject(i)})
	admin := []string{"X-As", who["city.admin"]}

	template := w.expect("GET", "/api/v1/orgs/template.xlsx", "", 200, admin...)
	book := w.expect("GET", "/api/v1/orgs/export.xlsx", "", 200, admin...)
	if book.header.Get("Content-Type") != xlsxType || book.header.Get("Cache-Control") != "no-store" || len(template.body) < 1000 {
		t.Errorf("%v", book.header)
	}
	report := w.expect("POST", "/api/v1/orgs/import?dry=true", string(book.body), 200, admin...).json(t)
	sheets := report["sheets"].([]any)
	if report["done"] != false || len(sheets) != 2 || sheets[0].(map[string]any)["rows"] != sheets[0].(map[string]any)["same"] || len(report["problems"].([]any)) != 0 {
		t.Errorf("%v", report)
	}
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "book.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(template.body); err != nil || m.Close() != nil {
		t.Fatal(err)
	}
	if r := w.expect("POST", "/api/v1/orgs/import", form.String(), 200, append(admin, "Content-Type", m.FormDataContentType())...).json(t); r["done"] != true {
		t.Errorf("the template as a form: %v", r)
	}
	if r := w.expect("POST", "/api/v1/orgs/import", "no workbook", 422, admin...).json(t); r["errors"].([]any)[0].(map[string]any)["field"] != "/file" {
		t.Errorf("%v", r)
	}
	w.expect("POST", "/api/v1/orgs/import?dry=maybe", string(book.body), 400, admin...)
	w.expect("POST", "/api/v1/orgs/import", string(make([]byte, identity.MaxWorkbook+65<<10)), 413, admin...)
	w.expect("POST", "/api/v1/orgs/import", string(book.body), 403, "X-As", who["city.operator"])
	w.expect("GET", "/api/v1/orgs/export.xlsx", "", 403, "X-As", who["city.enforcer"])
	w.expect("GET", "/api/v1/orgs/export.xlsx", "", 403, "X-As", "person:nobody")
}
