package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

func TestAProofConvincesAStrangerAndOnlyOfThatEntry(t *testing.T) {
	for _, hash := range []audit.Hash{audit.SHA256, audit.SM3} {
		t.Run(string(hash), func(t *testing.T) {
			pool := fresh(t)
			l := openLog(t, pool, audit.Options{Interval: quick, Hash: hash})
			stop := seal(t, l)
			entries := make([]audit.Entry, 777)
			for i := range entries {
				entries[i] = entry(i)
			}
			add(t, l, pool, entries...)
			untilSealed(t, l, 777)
			stop()
			for _, number := range []int{0, 1, 255, 256, 511, 512, 767, 768, 776} {
				var id string
				if err := pool.QueryRow(t.Context(), `select id::text from audit.leaf where number = $1`, number).Scan(&id); err != nil {
					t.Fatal(err)
				}
				p, err := l.Proof(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				text, err := json.Marshal(p)
				if err != nil {
					t.Fatal(err)
				}
				read, err := audit.ReadProof(bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				record, err := l.Get(t.Context(), audit.Within{All: true}, id)
				if err != nil {
					t.Fatal(err)
				}
				if err := read.VerifyRecord(record); err != nil {
					t.Fatalf("leaf %d: %v", number, err)
				}
				record.Outcome = audit.Refused
				if err := read.VerifyRecord(record); !errors.Is(err, audit.ErrProof) {
					t.Fatalf("leaf %d proves another outcome: %v", number, err)
				}
				read.Index ^= 1
				if err := read.Verify(); !errors.Is(err, audit.ErrProof) {
					t.Fatalf("leaf %d is proved at another place: %v", number, err)
				}
			}
		})
	}
}

// The proof and the leaf's bytes are those of RFC 6962: another library, which
// knows nothing of this one, comes to the same root.
func TestAnotherLibraryAcceptsTheProof(t *testing.T) {
	pool, ev := sealedLog(t, audit.Options{}, 300)
	l := openLog(t, pool, audit.Options{})
	for _, number := range []int64{0, 17, 255, 256, 299} {
		p, err := l.Proof(t.Context(), ev.Leaves[number].ID.String())
		if err != nil {
			t.Fatal(err)
		}
		c, err := audit.OpenCheckpoint(p.Checkpoint, ev.Keys...)
		if err != nil {
			t.Fatal(err)
		}
		path := make(tlog.RecordProof, len(p.Hashes))
		for i, h := range p.Hashes {
			path[i] = tlog.Hash(h)
		}
		leaf := append(ev.Leaves[number].ID[:], ev.Leaves[number].Digest[:]...)
		if err := tlog.CheckRecord(path, c.Size, tlog.Hash(c.Root), number, tlog.RecordHash(leaf)); err != nil {
			t.Errorf("leaf %d: %v", number, err)
		}
	}
}

func TestAProofSaysWhyThereIsNone(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Interval: quick})
	e := entry(1)
	e.ID = "0192f5a0-0000-7000-8000-000000000001"
	add(t, l, pool, e)
	if _, err := l.Proof(t.Context(), e.ID); !errors.Is(err, audit.ErrUnsealed) {
		t.Errorf("not sealed: %v", err)
	}
	if _, err := l.Proof(t.Context(), "0192f5a0-0000-7000-8000-000000000002"); !errors.Is(err, audit.ErrNotFound) {
		t.Errorf("not there: %v", err)
	}
	stop := seal(t, l)
	add(t, l, pool, entry(2), entry(3))
	untilSealed(t, l, 3)
	stop()
	bySuperuser(t, pool, `update audit.leaf set digest = sha256('x') where id = '`+e.ID+`'`)
	if _, err := l.Proof(t.Context(), e.ID); !errors.Is(err, audit.ErrContradicts) {
		t.Errorf("altered: %v", err)
	}
	if _, err := l.Consistency(t.Context(), 2, 9); !errors.Is(err, audit.ErrNotFound) {
		t.Errorf("a proof of growth to what is not there: %v", err)
	}
}

func TestWhatIsForgottenIsGoneAndStillProved(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{Interval: quick})
	stop := seal(t, l)
	e := entry(1)
	e.ID = "0192f5a0-0000-7000-8000-000000000001"
	add(t, l, pool, e)
	untilSealed(t, l, 1)
	erase := func(id string) error {
		return pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			return l.Erase(t.Context(), tx, id, audit.Entry{Actor: "person:officer", Why: "个人信息保护法 第四十七条"})
		})
	}
	if err := erase(e.ID); err != nil {
		t.Fatal(err)
	}
	untilSealed(t, l, 2)
	stop()
	record, err := l.Get(t.Context(), audit.Within{All: true}, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{e.From, e.Why, "队", `"aa"`} {
		if strings.Contains(string(text), private) {
			t.Errorf("%s is still there: %s", private, text)
		}
	}
	p, err := l.Proof(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.VerifyRecord(record); err != nil {
		t.Error(err)
	}
	if err := erase(e.ID); !errors.Is(err, audit.ErrErased) {
		t.Errorf("a second time: %v", err)
	}
	if err := erase("0192f5a0-0000-7000-8000-000000000009"); !errors.Is(err, audit.ErrNotFound) {
		t.Errorf("what is not there: %v", err)
	}
}
