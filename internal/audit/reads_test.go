package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5/pgxpool"
)

// looked is a read of a graded thing.
func looked(actor, object string) audit.Entry {
	return audit.Entry{Actor: actor, Action: "object.read", Object: object, Region: "320583", Outcome: audit.Done}
}

func TestAReadIsOnRecordWhenNoteReturnsAndEqualOnesAreToldOnce(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Window: time.Hour})
	for range 30 {
		if err := l.Note(t.Context(), looked("person:a", "camera:1")); err != nil {
			t.Fatal(err)
		}
		if n := count(t, pool, `select count(*) from audit.entry`); n != 1 {
			t.Fatalf("%d entries", n)
		}
	}
	for _, e := range []audit.Entry{looked("person:b", "camera:1"), looked("person:a", "camera:2")} {
		if err := l.Note(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, pool, `select count(*) from audit.entry`); n != 3 {
		t.Fatalf("%d entries of three reads that differ", n)
	}
	// At the end it is told how often the first was repeated.
	seal(t, l)()
	if n := count(t, pool, `select count(*) from audit.entry where detail->>'repeated' = '29' and object = 'camera:1' and actor = 'person:a'`); n != 1 {
		t.Fatalf("%d entries tell of the repetitions", n)
	}
}

func TestAReadAfterTheWindowIsToldAgain(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Window: time.Nanosecond})
	for range 3 {
		if err := l.Note(t.Context(), looked("person:a", "camera:1")); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, pool, `select count(*) from audit.entry`); n != 3 {
		t.Fatalf("%d entries", n)
	}
}

// One connection and many readers: they wait, and none of their reads is lost.
func TestManyReadersWaitForASlowDatabaseAndLoseNothing(t *testing.T) {
	pool := fresh(t)
	one := pool.Config()
	one.MaxConns = 1
	narrow, err := pgxpool.NewWithConfig(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	defer narrow.Close()
	l := openLog(t, narrow, audit.Options{Window: time.Hour})
	const readers, reads = 64, 50
	var wg sync.WaitGroup
	began := time.Now()
	for r := range readers {
		wg.Go(func() {
			for i := range reads {
				if err := l.Note(t.Context(), looked(fmt.Sprint("person:", r), fmt.Sprint("camera:", i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d reads noted in %s", readers*reads, time.Since(began).Round(time.Millisecond))
	if n := count(t, pool, `select count(*) from audit.entry`); n != readers*reads {
		t.Fatalf("%d entries of %d reads", n, readers*reads)
	}
}

func TestAReadThatCannotBeWrittenDownIsAnErrorAndIsNotCountedAsTold(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Window: time.Hour})
	bySuperuser(t, pool, `alter table audit.entry rename to hidden`)
	if err := l.Note(t.Context(), looked("person:a", "camera:1")); err == nil {
		t.Fatal("no error, and no table")
	}
	bySuperuser(t, pool, `alter table audit.hidden rename to entry`)
	if err := l.Note(t.Context(), looked("person:a", "camera:1")); err != nil {
		t.Fatal(err)
	}
	if n := count(t, pool, `select count(*) from audit.entry`); n != 1 {
		t.Fatalf("%d entries", n)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	lock, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback(context.Background()) //nolint:errcheck // nothing is in it
	if _, err := lock.Exec(t.Context(), `lock table audit.entry`); err != nil {
		t.Fatal(err)
	}
	held := make(chan error, 1)
	go func() { held <- l.Note(context.Background(), looked("person:b", "camera:1")) }()
	until(t, "a batch waits for the table", func() bool {
		return count(t, pool, `select count(*) from pg_locks where not granted`) > 0
	})
	if err := l.Note(ended, looked("person:c", "camera:1")); !errors.Is(err, context.Canceled) {
		t.Fatalf("one whose caller has gone: %v", err)
	}
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	seal(t, l)() // what nobody waits for any more is written at the end
	if n := count(t, pool, `select count(*) from audit.entry`); n != 3 {
		t.Fatalf("%d entries", n)
	}
}
