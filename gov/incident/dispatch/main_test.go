package dispatch_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"onecity/gov/incident/dispatch"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// noon is the present of these tests: a Tuesday in Shanghai.
var noon = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// log keeps what was written into it.
type log struct {
	mu      sync.Mutex
	entries []audit.Entry
}

func (l *log) append(_ context.Context, _ pgx.Tx, e audit.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
	return nil
}

func TestMain(m *testing.M) { pgtest.Main(m) }

// book is an empty one on a database of its own.
func book(t *testing.T) (*dispatch.Book, *pgxpool.Pool, *log) {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	l := &log{}
	zone := shanghai(t)
	b, err := dispatch.Open(t.Context(), pool, dispatch.Options{Audit: l.append, Zone: func() *time.Location { return zone }, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return b, pool, l
}

var (
	root = dispatch.System("a test")
	// town may see and edit one town, village only sees a village in it.
	town    = dispatch.By{Subject: "person:town", Sees: []string{"320583100"}, Edits: []string{"320583100"}}
	village = dispatch.By{Subject: "person:village", Sees: []string{"320583100001"}}
)
