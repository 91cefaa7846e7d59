//go:build e2e

package e2e

import (
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onecity/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// verifies runs `onecity audit verify` on the running program's directory.
func verifies(t *testing.T, p *program) (said string, status int) {
	t.Helper()
	out, err := exec.Command(binary(t), "audit", "verify", "--data", p.dir).CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	if ended != nil {
		return string(out), ended.ExitCode()
	}
	return string(out), 0
}

// alteredLogIsFound does what only who owns the database can do.
func alteredLogIsFound(t *testing.T, p *program) {
	auditor := p.signIn(t, "city.auditor")
	type found struct {
		Items []struct {
			ID     string
			Number int64
		}
	}
	var log found
	eventually(t, 20*time.Second, "the log is sealed", func() error {
		log = found{}
		auditor.get(t, "/api/v1/audit/entries?limit=50", &log)
		for _, e := range log.Items {
			if e.Number < 0 {
				return errors.New("some entries wait")
			}
		}
		return nil
	})
	if len(log.Items) < 20 {
		t.Fatalf("%d entries", len(log.Items))
	}
	altered, deleted := log.Items[3].ID, log.Items[11].ID
	proof := auditor.expect(t, http.MethodGet, "/api/v1/audit/entries/"+altered+"/proof", nil, http.StatusOK)
	if !strings.Contains(string(proof.body), altered) {
		t.Errorf("the proof does not say of which entry: %.300s", proof.body)
	}
	said, status := verifies(t, p)
	if status != 0 || !strings.Contains(said, "完好") {
		t.Fatalf("an untouched log: %d\n%s", status, said)
	}

	dsn, err := postgres.Running(filepath.Join(p.dir, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	if _, err := db.Exec(t.Context(), `update audit.entry set actor = 'person:somebody-else' where id = $1`, altered); err == nil {
		t.Error("the database alters an entry without a word")
	}
	tamper := func(sql, id string) {
		t.Helper()
		for _, q := range []string{`alter table audit.entry disable trigger user`, sql, `alter table audit.entry enable trigger user`} {
			args := []any{}
			if strings.Contains(q, "$1") {
				args = append(args, id)
			}
			if _, err := db.Exec(t.Context(), q, args...); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
		}
	}
	tamper(`update audit.entry set actor = 'person:somebody-else' where id = $1`, altered)
	if said, status := verifies(t, p); status == 0 || !strings.Contains(said, altered) || strings.Contains(said, deleted) {
		t.Errorf("one entry was altered: %d\n%s", status, said)
	}
	tamper(`delete from audit.entry where id = $1`, deleted)
	if said, status := verifies(t, p); status == 0 || !strings.Contains(said, altered) || !strings.Contains(said, deleted) {
		t.Errorf("one was altered and another deleted: %d\n%s", status, said)
	}
}
