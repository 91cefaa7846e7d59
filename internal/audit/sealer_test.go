package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const quick = 5 * time.Millisecond

// seal runs the sealer until the test, or stop, ends it.
func seal(t testing.TB, l *audit.Log) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("the sealer ended with %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(quick)
	}
}

func untilSealed(t testing.TB, l *audit.Log, n int64) {
	t.Helper()
	until(t, fmt.Sprintf("%d entries are sealed", n), func() bool {
		c, err := l.Checkpoint(t.Context())
		return err == nil && c.Size >= n
	})
}

// naive seals as one would at first: everything that is newer than the newest
// it has seen. It says what it has seen.
func naive(ctx context.Context, pool *pgxpool.Pool) (seen map[string]bool, err error) {
	seen = map[string]bool{}
	last := uint64(0)
	for ctx.Err() == nil {
		rows, err := pool.Query(context.WithoutCancel(ctx), `select id::text, xid from audit.entry where xid > $1 order by xid`, last)
		if err != nil {
			return nil, err
		}
		var id string
		if _, err := pgx.ForEachRow(rows, []any{&id, &last}, func() error { seen[id] = true; return nil }); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// The trap: transaction numbers are given when a transaction first writes, and
// become visible when it commits. The test also runs a sealer that does not
// know this, to show that it would be noticed.
func TestNothingIsLostUnderEightParallelWriters(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Interval: quick})
	stop := seal(t, l)
	watching, enough := context.WithCancel(t.Context())
	defer enough()
	found := make(chan map[string]bool, 1)
	go func() {
		seen, err := naive(watching, pool)
		if err != nil {
			t.Error(err)
		}
		found <- seen
	}()

	const writers, transactions = 8, 40
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range transactions {
				err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
					for k := range 1 + (w+i)%7 {
						if err := l.Append(t.Context(), tx, entry(k)); err != nil {
							return err
						}
						time.Sleep(time.Duration((w*7+i*3)%5) * time.Millisecond) // transactions of different lengths overlap
					}
					if i%10 == 9 {
						return errRolledBack
					}
					return nil
				})
				if err != nil && !errors.Is(err, errRolledBack) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	total := count(t, pool, `select count(*) from audit.entry`)
	untilSealed(t, l, int64(total))
	enough()
	stop()
	if n := count(t, pool, `select count(*) from audit.leaf`); n != total {
		t.Fatalf("%d leaves for %d entries", n, total)
	}
	if n := count(t, pool, `select count(*) from audit.leaf l join audit.entry e using (id) where e.digest = l.digest`); n != total {
		t.Fatalf("%d leaves belong to an entry, of %d", n, total)
	}
	lost := total - len(<-found)
	t.Logf("of %d entries the naive sealer lost %d, ours none", total, lost)
	if lost == 0 {
		t.Fatal("the naive sealer lost nothing: the test does not show the trap any more")
	}
}

var errRolledBack = errors.New("rolled back")

func TestAnOpenTransactionHoldsSealingBackAndTheLagShowsIt(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Interval: quick})
	seal(t, l)
	open, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer open.Rollback(context.Background()) //nolint:errcheck // committed below
	if err := l.Append(t.Context(), open, entry(1)); err != nil {
		t.Fatal(err)
	}
	add(t, l, pool, entry(2))
	until(t, "the lag shows the entry that is held back", func() bool {
		lag, err := l.Lag(t.Context())
		return err == nil && lag.Unsealed == 1 && lag.Age > 20*quick && lag.Size == 0
	})
	if err := open.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	untilSealed(t, l, 2)
}

func TestManyEntriesOfOneTransactionAndMoreThanABatchAreSealed(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Interval: quick})
	many := make([]audit.Entry, 5700)
	for i := range many {
		many[i] = entry(i)
	}
	add(t, l, pool, many...)
	add(t, l, pool, many[:700]...)
	seal(t, l)
	untilSealed(t, l, 6400)
	lag, err := l.Lag(t.Context())
	if err != nil || lag.Unsealed != 0 || lag.Age != 0 || lag.Halted != nil {
		t.Fatalf("%+v, %v", lag, err)
	}
}

// A sealer that waited in PostgreSQL for the lock would hold a snapshot, and
// keep the other from sealing.
func TestASecondNodeWaitsWithoutHinderingAndTakesOver(t *testing.T) {
	pool := fresh(t)
	first := openLog(t, pool, audit.Options{Interval: quick})
	second := openLog(t, pool, audit.Options{Interval: quick})
	stop := seal(t, first)
	add(t, first, pool, entry(1))
	untilSealed(t, first, 1)
	seal(t, second)
	for i := range 20 {
		add(t, second, pool, entry(2+i))
		untilSealed(t, first, int64(2+i))
	}
	holders := count(t, pool, `select count(*) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`)
	if holders != 1 {
		t.Fatalf("%d hold the sealer's lock", holders)
	}
	stop()
	add(t, second, pool, entry(50))
	untilSealed(t, second, 22)
}

func TestARestartGoesOnWhereTheLogWas(t *testing.T) {
	for _, hash := range []audit.Hash{audit.SHA256, audit.SM3} {
		t.Run(string(hash), func(t *testing.T) {
			pool := fresh(t)
			o := audit.Options{Interval: quick, Dir: t.TempDir(), Hash: hash, SM2: true, Keep: time.Hour}
			var earlier audit.Checkpoint
			sizes := []int{1, 255, 1, 300, 513}
			total := 0
			for i, n := range sizes {
				l := openLog(t, pool, o)
				stop := seal(t, l)
				entries := make([]audit.Entry, n)
				for k := range entries {
					entries[k] = entry(k)
				}
				add(t, l, pool, entries...)
				total += n
				untilSealed(t, l, int64(total))
				stop()
				c, err := l.Checkpoint(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if i > 0 {
					hashes, err := l.Consistency(t.Context(), earlier.Size, c.Size)
					if err != nil {
						t.Fatal(err)
					}
					if err := audit.VerifyConsistency(earlier, c, hashes); err != nil {
						t.Fatal(err)
					}
				}
				earlier = c
			}
			text, err := os.ReadFile(filepath.Join(o.Dir, "verifiers"))
			if err != nil {
				t.Fatal(err)
			}
			keys, err := audit.ParseVerifiers(string(text))
			if err != nil || len(keys) != 2 {
				t.Fatalf("%d keys, %v", len(keys), err)
			}
			for _, k := range keys { // each alone is enough to check it
				if _, err := audit.OpenCheckpoint(earlier.Note, k); err != nil {
					t.Error(err)
				}
			}
			for _, forged := range []string{
				strings.Replace(earlier.Note, "\n1070\n", "\n1069\n", 1),
				strings.Replace(earlier.Note, string(hash), "sm4", 1),
			} {
				if _, err := audit.OpenCheckpoint(forged, keys...); !errors.Is(err, audit.ErrCheckpoint) {
					t.Errorf("a forged checkpoint was taken: %v", err)
				}
			}
			kept, err := os.Open(filepath.Join(o.Dir, "checkpoints"))
			if err != nil {
				t.Fatal(err)
			}
			defer kept.Close()
			list, err := audit.ReadCheckpoints(kept)
			if err != nil || len(list) < len(sizes) { // one at each stop, at least
				t.Fatalf("%d checkpoints are kept, %v", len(list), err)
			}
			if last := list[len(list)-1]; last != earlier.Note {
				t.Fatalf("the last that is kept is\n%s\nthe newest\n%s", last, earlier.Note)
			}
		})
	}
}

func TestTheSealerOutlivesItsConnection(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Interval: quick})
	seal(t, l)
	add(t, l, pool, entry(1))
	untilSealed(t, l, 1)
	const end = `select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and granted
		and database = (select oid from pg_database where datname = current_database())`
	if n := count(t, pool, end); n != 1 {
		t.Fatalf("%d connections ended", n)
	}
	add(t, l, pool, entry(2))
	untilSealed(t, l, 2)
}

func TestAKeyThatOthersMayReadIsRefused(t *testing.T) {
	pool := fresh(t)
	o := audit.Options{Dir: t.TempDir(), Interval: quick}
	l := openLog(t, pool, o)
	stop := seal(t, l)
	key := filepath.Join(o.Dir, "key.pem")
	until(t, "the key is made", func() bool { _, err := os.Stat(key); return err == nil })
	stop()
	info, err := os.Stat(key)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Fatalf("got %v", err)
	}
}

func TestTheSealerStopsWhereTheLogContradictsWhatItSigned(t *testing.T) {
	for name, spoil := range map[string]string{
		"a leaf altered":   `update audit.leaf set digest = sha256('x') where number = 3`,
		"a leaf removed":   `delete from audit.leaf where number = 3`,
		"the end cut off":  `delete from audit.leaf where number >= 8; update audit.log set size = 8, checkpoint = ''`,
		"the log replaced": `update audit.log set origin = 'onecity/audit/another'`,
	} {
		t.Run(name, func(t *testing.T) {
			pool := fresh(t)
			o := audit.Options{Dir: t.TempDir(), Interval: quick, Log: slog.New(slog.DiscardHandler)}
			l := openLog(t, pool, o)
			stop := seal(t, l)
			for i := range 10 {
				add(t, l, pool, entry(i))
			}
			untilSealed(t, l, 10)
			stop()
			bySuperuser(t, pool, spoil)
			again := openLog(t, pool, o)
			seal(t, again)
			add(t, again, pool, entry(11)) // entries are still taken
			until(t, "the sealer has stopped", func() bool {
				lag, err := again.Lag(t.Context())
				return err == nil && errors.Is(lag.Halted, audit.ErrContradicts)
			})
		})
	}
}

// bySuperuser runs SQL as somebody would who wants to hide something: without
// triggers.
func bySuperuser(t testing.TB, pool *pgxpool.Pool, sql string) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `set local session_replication_role = replica; `+sql)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
