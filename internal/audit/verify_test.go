package audit_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5/pgxpool"
)

// sealedLog is a log of n entries, and what its witness has of it.
func sealedLog(t testing.TB, o audit.Options, n int) (*pgxpool.Pool, audit.Evidence) {
	t.Helper()
	pool := fresh(t)
	o.Dir, o.Interval = t.TempDir(), quick
	l := openLog(t, pool, o)
	stop := seal(t, l)
	total := 0
	for total < n { // several checkpoints
		part := min(n-total, max(1, n/3))
		entries := make([]audit.Entry, part)
		for i := range entries {
			entries[i] = entry(total + i)
		}
		add(t, l, pool, entries...)
		total += part
		untilSealed(t, l, int64(total))
	}
	stop()
	return pool, evidence(t, o.Dir)
}

// evidence is what a witness has.
func evidence(t testing.TB, dir string) (ev audit.Evidence) {
	t.Helper()
	read := func(name string) *bytes.Reader {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(b)
	}
	var err error
	if ev.Checkpoints, err = audit.ReadCheckpoints(read("checkpoints")); err != nil {
		t.Fatal(err)
	}
	if ev.Leaves, err = audit.ReadLeaves(read("leaves")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "verifiers"))
	if err != nil {
		t.Fatal(err)
	}
	if ev.Keys, err = audit.ParseVerifiers(string(text)); err != nil {
		t.Fatal(err)
	}
	return ev
}

func verify(t testing.TB, from audit.Source, ev audit.Evidence) audit.Report {
	t.Helper()
	r, err := audit.Verify(t.Context(), from, ev)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// found are a report's findings, short: "altered#3".
func found(r audit.Report) (list []string) {
	for _, f := range r.Findings {
		list = append(list, fmt.Sprintf("%s#%d", f.Kind, f.Number))
	}
	return list
}

func TestALogThatNobodyTouchedVerifies(t *testing.T) {
	for _, hash := range []audit.Hash{audit.SHA256, audit.SM3} {
		pool, ev := sealedLog(t, audit.Options{Hash: hash, SM2: hash == audit.SM3}, 700)
		r := verify(t, audit.Database(pool), ev)
		if !r.OK() || r.Leaves != 700 || r.Covered != 700 || !r.Signatures || r.Hash != hash || len(r.Late) != 0 {
			t.Fatalf("%+v", r)
		}
	}
}

// Each of these is what somebody may do who can write to the database as a
// superuser. The numbers are those of leaves; n are the entries' own names.
var tampering = map[string]struct {
	sql  string
	want []string // with the witness's leaves
	bare []string // with its checkpoints only
	text string   // something that the first finding says
}{
	"an actor is altered": {
		sql:  `update audit.entry set actor = 'person:li' where id = (select id from audit.leaf where number = 7)`,
		want: []string{"altered#7"}, bare: []string{"altered#7"}, text: "altered is one of at, actor",
	},
	"a time is altered to one that cannot be read": {
		sql:  `update audit.entry set at = 'infinity' where id = (select id from audit.leaf where number = 7)`,
		want: []string{"altered#7"}, bare: []string{"altered#7"},
	},
	"a time is altered to one that cannot be exported": {
		sql:  `update audit.entry set at = '12026-01-01' where id = (select id from audit.leaf where number = 7)`,
		want: []string{"altered#7"}, bare: []string{"altered#7"},
	},
	"a digest is not one": {
		sql:  `update audit.leaf set digest = '' where number = 7; update audit.entry set salt = '', rest = '' where id = (select id from audit.leaf where number = 7)`,
		want: []string{"altered#7", "unrecorded#7"}, bare: []string{"contradict#-1", "altered#7", "unrecorded#7"},
	},
	"a number is far away": {
		sql:  `update audit.leaf set number = 9223372036854775807 where number = 7`,
		want: []string{"reordered#7"}, bare: []string{"contradict#-1", "removed#7", "removed#30"},
	},
	"a reason is altered": {
		sql:  `update audit.entry set why = '' where id = (select id from audit.leaf where number = 7)`,
		want: []string{"altered#7"}, bare: []string{"altered#7"}, text: "altered is one of from, session, why",
	},
	"a detail is altered by one space": {
		sql:  `update audit.entry set detail = replace(detail::text, ': ', ':')::json where id = (select id from audit.leaf where number = 0)`,
		want: []string{"altered#0"}, bare: []string{"altered#0"}, text: "altered is one of from, session, why",
	},
	"an entry is altered with everything that is stored of it": {
		sql: `update audit.entry set actor = 'person:li', digest = sha256('x') where id = (select id from audit.leaf where number = 7);
			update audit.leaf set digest = sha256('x') where number = 7`,
		want: []string{"altered#7"}, bare: []string{"contradict#-1", "altered#7"},
	},
	"an entry is removed": {
		sql:  `delete from audit.entry where id = (select id from audit.leaf where number = 7)`,
		want: []string{"removed#7"}, bare: []string{"removed#7"}, text: "it was sealed and is not there",
	},
	"an entry is removed with its leaf": {
		sql:  `delete from audit.entry where id = (select id from audit.leaf where number = 7); delete from audit.leaf where number = 7`,
		want: []string{"removed#7"}, bare: []string{"contradict#-1", "removed#7"},
	},
	"an entry is removed and the others move up": {
		sql: `delete from audit.entry where id = (select id from audit.leaf where number = 7); delete from audit.leaf where number = 7;
			update audit.leaf set number = -number where number > 7; update audit.leaf set number = -number - 1 where number < 0`,
		want: []string{"removed#7"}, bare: []string{"contradict#-1", "removed#29"},
	},
	"the last entries are cut off": {
		sql: `delete from audit.entry where id in (select id from audit.leaf where number >= 28); delete from audit.leaf where number >= 28;
			update audit.log set size = 28, checkpoint = ''`,
		want: []string{"removed#28", "removed#29"}, bare: []string{"contradict#-1", "removed#28", "removed#29"},
	},
	"an entry is put in": {
		sql: `update audit.leaf set number = -number - 1 where number >= 7; update audit.leaf set number = -number where number < 0;
			insert into audit.entry (id, at, actor, action, object, region, org, outcome, source, session, why, before, after, salt, rest, digest)
				select '0192f5a0-0000-7000-8000-00000000beef', at, actor, action, object, region, org, outcome, source, session, why, before, after, salt, rest, digest
				from audit.entry where id = (select id from audit.leaf where number = 3);
			insert into audit.leaf values (7, '0192f5a0-0000-7000-8000-00000000beef', sha256('x'))`,
		want: []string{"inserted#7"}, bare: []string{"contradict#-1", "altered#7"},
	},
	"two entries change places": {
		sql: `update audit.leaf set number = -1 where number = 7; update audit.leaf set number = 7 where number = 8;
			update audit.leaf set number = 8 where number = -1`,
		want: []string{"reordered#7"}, bare: []string{"contradict#-1"},
	},
	"a stored leaf is altered": {
		sql:  `update audit.leaf set digest = sha256('x') where number = 7`,
		want: []string{"tree#7"}, bare: []string{"tree#7"},
	},
	"a stored leaf is removed": {
		sql:  `delete from audit.leaf where number = 7`,
		want: []string{"tree#7"}, bare: []string{"contradict#-1", "removed#7"},
	},
	"an entry is forgotten without a record": {
		sql: `update audit.entry set salt = null, detail = null, source = '', session = '', why = '', before = '', after = '', erased = now()
			where id = (select id from audit.leaf where number = 7)`,
		want: []string{"unrecorded#7"}, bare: []string{"unrecorded#7"},
	},
	"the log gets another name": {
		sql:  `update audit.log set origin = 'onecity/audit/another', checkpoint = ''`,
		want: []string{"checkpoint#-1"}, bare: []string{"checkpoint#-1"},
	},
	"the newest checkpoint is forged": {
		sql:  `update audit.log set checkpoint = replace(checkpoint, E'\n30\n', E'\n29\n')`,
		want: []string{"checkpoint#-1"}, bare: []string{"checkpoint#-1"},
	},
	"the stored inner nodes are altered": { // nobody trusts them
		sql: `insert into audit.node values (8, 0, sha256('x'))`,
	},
}

// Somebody who knows the program's code gives the altered entry a digest that
// fits.
func TestAnEntryThatIsWrittenAnewWithAFittingDigestIsFound(t *testing.T) {
	pool, ev := sealedLog(t, audit.Options{}, 10)
	l := openLog(t, pool, audit.Options{})
	r, err := l.Get(t.Context(), audit.Within{All: true}, ev.Leaves[7].ID.String())
	if err != nil {
		t.Fatal(err)
	}
	r.Actor = "person:li"
	leaf, err := r.Leaf(audit.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	bySuperuser(t, pool, fmt.Sprintf(`update audit.entry set actor = 'person:li', digest = '\x%[1]x' where id = '%[2]s';
		update audit.leaf set digest = '\x%[1]x' where number = 7`, leaf.Digest, r.ID))
	if got := found(verify(t, audit.Database(pool), ev)); !slices.Equal(got, []string{"altered#7"}) {
		t.Errorf("found %v", got)
	}
	ev.Leaves = nil
	if got := found(verify(t, audit.Database(pool), ev)); !slices.Equal(got, []string{"contradict#-1"}) {
		t.Errorf("without the witness's leaves found %v", got)
	}
}

func TestWhatIsDoneWithSQLIsFoundAndNamed(t *testing.T) {
	pool, ev := sealedLog(t, audit.Options{}, 30)
	names := make([]string, 30)
	for i, l := range ev.Leaves {
		names[i] = l.ID.String()
	}
	restore := savePoint(t, pool)
	for name, tamper := range tampering {
		t.Run(name, func(t *testing.T) {
			restore()
			bySuperuser(t, pool, tamper.sql)
			r := verify(t, audit.Database(pool), ev)
			if got := slices.Compact(found(r)); !slices.Equal(got, tamper.want) {
				t.Fatalf("found %v, want %v\n%v", found(r), tamper.want, r.Findings)
			}
			for _, f := range r.Findings {
				if f.Kind != audit.Inserted && f.Number >= 0 && f.ID != names[f.Number] {
					t.Errorf("%v: it is %s", f, names[f.Number])
				}
				if f.Kind != audit.Bad && f.Kind != audit.Unrecorded && f.Checkpoint == 0 {
					t.Errorf("%v: it contradicts no checkpoint", f)
				}
			}
			if tamper.text != "" && !strings.Contains(r.Findings[0].Text, tamper.text) {
				t.Errorf("%v: does not say %q", r.Findings[0], tamper.text)
			}
			bare := ev
			bare.Leaves = nil
			r = verify(t, audit.Database(pool), bare)
			if !slices.Equal(slices.Compact(found(r)), tamper.bare) {
				t.Errorf("without the witness's leaves found %v, want %v\n%v", found(r), tamper.bare, r.Findings)
			}
			for _, f := range r.Findings {
				if f.Kind == audit.Removed && f.ID != "" && f.ID != names[f.Number] {
					t.Errorf("%v: it is %s", f, names[f.Number])
				}
			}
		})
	}
}

// savePoint keeps a copy of a log, and gives what puts the log back as it was.
func savePoint(t testing.TB, pool *pgxpool.Pool) (restore func()) {
	t.Helper()
	tables := []string{"log", "entry", "leaf", "node"}
	save, back := "create schema saved;", "truncate audit.log, audit.entry, audit.leaf, audit.node;"
	for _, name := range tables {
		save += fmt.Sprintf("create table saved.%[1]s as table audit.%[1]s;", name)
		back += fmt.Sprintf("insert into audit.%[1]s select * from saved.%[1]s;", name)
	}
	bySuperuser(t, pool, save)
	return func() { bySuperuser(t, pool, back) }
}
