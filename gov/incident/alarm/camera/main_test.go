package camera_test

import (
	"testing"

	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// newDatabase opens an empty one.
func newDatabase(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
