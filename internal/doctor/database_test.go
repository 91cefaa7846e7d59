package doctor

import (
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/signin"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

func TestARealDatabaseIsLookedIntoAndLeftAsItIs(t *testing.T) {
	ctx := t.Context()
	pool, err := database.Open(ctx, pgtest.Start(t).DSN(), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	var empty Facts
	LookInto(ctx, pool, &empty)
	if len(empty.Errors) > 0 || empty.Database.Version < 150000 || empty.Database.Unsealed != 0 ||
		len(empty.Database.DurableOff) != 1 { // tests have no need of fsync
		t.Errorf("an empty database: %+v, %v", *empty.Database, empty.Errors)
	}

	if err := audit.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(ctx, pool, audit.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	directory, err := identity.Open(ctx, pool, log.Append, nil)
	if err != nil {
		t.Fatal(err)
	}
	people, err := signin.Open(ctx, pool, directory, signin.Options{Audit: log.Append, KeyFile: t.TempDir() + "/signin.key", Issuer: "test",
		RPID: "localhost", Origins: []string{"http://localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	seeded, err := directory.Seed(ctx, identity.Place{Code: "320583", Name: "昆山市"})
	if err != nil || len(seeded) < 2 {
		t.Fatalf("%d people: %v", len(seeded), err)
	}
	for _, p := range seeded {
		if err := people.SetPassword(ctx, identity.System("test"), p.ID, "abcd-efgh-ijkl-mnop-"+p.Login, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := people.SetPassword(ctx, identity.System("test"), seeded[0].ID, "another-efgh-ijkl-mnop", false); err != nil {
		t.Fatal(err)
	}
	old := audit.Entry{Actor: "system", Action: "test", Outcome: audit.Done, At: time.Now().Add(-2 * time.Minute)}
	if err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return log.Append(ctx, tx, old) }); err != nil {
		t.Fatal(err)
	}
	var f Facts
	LookInto(ctx, pool, &f)
	d := f.Database
	if len(f.Errors) > 0 {
		t.Error(f.Errors)
	}
	if d.Made != len(seeded) || d.Unchanged != len(seeded)-1 {
		t.Errorf("%d people of the demo, %d with their first password, of %d", d.Made, d.Unchanged, len(seeded))
	}
	if d.Unsealed < 2*time.Minute || d.Unsealed > time.Hour {
		t.Errorf("unsealed for %v", d.Unsealed)
	}
	if d.Wall == "" || len(d.Open) > 0 || d.Skew != 0 {
		t.Errorf("%+v", *d)
	}
}
