package audit_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/internal/audit"
)

func TestEveryWitnessGetsTheCheckpointsAlsoOneThatComesLater(t *testing.T) {
	pool := fresh(t)
	var mu sync.Mutex
	var posted []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		posted = append(posted, string(b))
	}))
	defer server.Close()
	o := audit.Options{Dir: t.TempDir(), Interval: quick}
	l := openLog(t, pool, o)
	stop := seal(t, l)
	add(t, l, pool, entry(1), entry(2))
	untilSealed(t, l, 2)
	stop()

	later := t.TempDir()
	o.Witnesses = []string{later, server.URL, "http://127.0.0.1:1/nobody"}
	l = openLog(t, pool, o)
	stop = seal(t, l)
	add(t, l, pool, entry(3))
	untilSealed(t, l, 3)
	stop()
	newest, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Contains(posted, newest.Note) {
		t.Errorf("the address has not got the newest: %q", posted)
	}
	copied := func(name string) {
		b, err := os.ReadFile(filepath.Join(o.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(later, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	copied("verifiers")
	ev := evidence(t, later)
	if last := ev.Checkpoints[len(ev.Checkpoints)-1]; last != newest.Note {
		t.Errorf("the later folder's last is\n%s", last)
	}
	if r := verify(t, audit.Database(pool), ev); !r.OK() || len(ev.Leaves) != 3 {
		t.Errorf("%d leaves, %+v", len(ev.Leaves), r)
	}
	history, err := l.History(t.Context(), 0, 10)
	if err != nil || len(history) == 0 || history[0].Note != newest.Note {
		t.Errorf("%d in the history, %v", len(history), err)
	}
}

// A machine that stops while a witness is written leaves a part behind.
func TestWhatWasHalfWrittenToAWitnessIsWrittenAnew(t *testing.T) {
	pool := fresh(t)
	o := audit.Options{Dir: t.TempDir(), Interval: quick}
	for cut := range 8 {
		l := openLog(t, pool, o)
		stop := seal(t, l)
		add(t, l, pool, entry(cut))
		untilSealed(t, l, int64(cut+1))
		stop()
		for _, name := range []string{"checkpoints", "leaves"} {
			path := filepath.Join(o.Dir, name)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at := []int{1, 2, 3, 40, 150, 170, 200, 230}[cut]
			if name == "leaves" {
				at = 1 + cut*5
			}
			if err := os.WriteFile(path, b[:max(0, len(b)-at)], 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	l := openLog(t, pool, o)
	stop := seal(t, l)
	add(t, l, pool, entry(9))
	untilSealed(t, l, 9)
	stop()
	ev := evidence(t, o.Dir)
	if r := verify(t, audit.Database(pool), ev); !r.OK() || len(ev.Leaves) != 9 || r.Covered != 9 {
		t.Fatalf("%d leaves, %+v", len(ev.Leaves), r)
	}
}

// A database that was restored from a dump has transaction numbers of another
// cluster.
func TestEntriesOfARestoredDatabaseAreSealed(t *testing.T) {
	pool := fresh(t)
	o := audit.Options{Dir: t.TempDir(), Interval: quick}
	l := openLog(t, pool, o)
	stop := seal(t, l)
	add(t, l, pool, entry(1))
	untilSealed(t, l, 1)
	stop()
	add(t, l, pool, entry(2), entry(3), entry(4))
	bySuperuser(t, pool, `
		update audit.log set horizon = '900000000'; -- the other cluster had counted further
		update audit.entry set xid = '1' where object = 'incident:2';
		update audit.entry set xid = '900000007' where object = 'incident:3'`)
	stop = seal(t, openLog(t, pool, o))
	untilSealed(t, l, 4)
	add(t, l, pool, entry(5))
	untilSealed(t, l, 5)
	stop()
	if r := verify(t, audit.Database(pool), evidence(t, o.Dir)); !r.OK() || r.Leaves != 5 {
		t.Fatalf("%+v", r)
	}
}

func TestAnEntryWithAnOldDateAmongNewOnesIsShown(t *testing.T) {
	pool := fresh(t)
	o := audit.Options{Dir: t.TempDir(), Interval: quick}
	l := openLog(t, pool, o)
	stop := seal(t, l)
	add(t, l, pool, entry(1))
	untilSealed(t, l, 1)
	stop() // keeps a checkpoint
	old := entry(2)
	old.At = time.Now().Add(-48 * time.Hour)
	l = openLog(t, pool, o)
	stop = seal(t, l)
	add(t, l, pool, old, entry(3))
	untilSealed(t, l, 3)
	stop()
	r := verify(t, audit.Database(pool), evidence(t, o.Dir))
	if !r.OK() || len(r.Late) != 1 || r.Late[0].Number != 1 {
		t.Fatalf("%+v", r)
	}
}

func TestAForgedKeyOrAForeignCheckpointIsFound(t *testing.T) {
	pool, ev := sealedLog(t, audit.Options{}, 3)
	_, foreign := sealedLog(t, audit.Options{}, 3)
	only := ev
	only.Keys = foreign.Keys
	r := verify(t, audit.Database(pool), only)
	if r.OK() || r.Checkpoints != 0 {
		t.Fatalf("checkpoints of an unknown key are believed: %+v", r)
	}
	mixed := ev
	mixed.Checkpoints = append(slices.Clone(ev.Checkpoints), foreign.Checkpoints...)
	mixed.Keys = append(slices.Clone(ev.Keys), foreign.Keys...)
	r = verify(t, audit.Database(pool), mixed)
	if got := slices.Compact(found(r)); !slices.Equal(got, []string{"checkpoint#-1"}) {
		t.Fatalf("found %v", got)
	}
	if text := fmt.Sprint(r.Findings); !strings.Contains(text, "another") && !strings.Contains(text, "replaced") {
		t.Errorf("%s", text)
	}
}
