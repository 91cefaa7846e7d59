package evidence_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"onecity/gov/incident"
	"onecity/gov/incident/evidence"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// safe is where the photos lie.
type safe map[string][]byte

func (s safe) read(_ context.Context, media string) ([]byte, error) {
	if b, ok := s[media]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("%s: %w", media, evidence.ErrGone)
}

type bench struct {
	pool  *pgxpool.Pool
	chain *evidence.Chain
	safe  safe
}

func open(t *testing.T) *bench {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "evidence")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := audit.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(t.Context(), pool, audit.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{pool: pool, safe: safe{}}
	if b.chain, err = evidence.Open(t.Context(), pool, log, b.safe.read); err != nil {
		t.Fatal(err)
	}
	return b
}

// proof makes a photo and puts it where photos lie.
func (b *bench) proof(id string) incident.Proof {
	body := []byte("photo " + id)
	sum := sha256.Sum256(body)
	p := incident.Proof{ID: id, Case: "c1", Phase: "scene", Media: "/media/" + id + ".jpg", SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(body)),
		TakenAt: time.Date(2026, 11, 24, 7, 0, 0, 123456789, time.UTC), Received: time.Date(2026, 11, 24, 7, 1, 0, 0, time.UTC), By: "person:wang"}
	lon, lat := 120.9557, 31.3899
	p.Lon, p.Lat, p.Accuracy = &lon, &lat, 7.5
	b.safe[p.Media] = body
	return p
}

func (b *bench) add(ctx context.Context, id string, p incident.Proof) error {
	return pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		return b.chain.Append(ctx, tx, incident.Case{Report: incident.Report{ID: id, Region: "320583"}}, p)
	})
}

// five is a case with five proofs.
func (b *bench) five(t *testing.T) (list []incident.Proof) {
	t.Helper()
	for i := range 5 {
		p := b.proof(fmt.Sprint("p", i))
		if err := b.add(t.Context(), "c1", p); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func (b *bench) check(t *testing.T, list []incident.Proof) evidence.Report {
	t.Helper()
	r, err := b.chain.Check(t.Context(), "c1", list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAChainThatNobodyTouchedIsWhole(t *testing.T) {
	b := open(t)
	list := b.five(t)
	if err := b.add(t.Context(), "c1", list[2]); err != nil { // sent once more
		t.Fatal(err)
	}
	r := b.check(t, list)
	if !r.Whole || len(r.Links) != 5 || r.Head != r.Links[4].Hash || r.Links[0].Previous != "" || r.Links[3].Previous != r.Links[2].Hash {
		t.Errorf("%+v", r)
	}
	if empty, err := b.chain.Check(t.Context(), "another", nil); err != nil || !empty.Whole || len(empty.Links) != 0 {
		t.Errorf("%+v, %v", empty, err)
	}
}

func TestProofsThatComeAtOnceStandOneAfterTheOther(t *testing.T) {
	b := open(t)
	var list []incident.Proof
	for i := range 12 {
		list = append(list, b.proof(fmt.Sprint("p", i)))
	}
	var all sync.WaitGroup
	for _, p := range list {
		all.Go(func() {
			if err := b.add(t.Context(), "c1", p); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if r := b.check(t, list); !r.Whole || len(r.Links) != 12 {
		t.Errorf("%+v", r)
	}
}

func TestATransactionThatFailsLeavesNeitherLinkNorEntry(t *testing.T) {
	b := open(t)
	no := errors.New("no")
	err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
		if err := b.chain.Append(t.Context(), tx, incident.Case{Report: incident.Report{ID: "c1"}}, b.proof("p")); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Fatal(err)
	}
	if r := b.check(t, nil); !r.Whole || len(r.Links) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestWhateverIsDoneToAChainIsFoundAndNamed(t *testing.T) {
	b := open(t)
	whole := b.five(t)
	exec := func(sql string) func(*testing.T) {
		return func(t *testing.T) {
			if _, err := b.pool.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name string
		do   func(*testing.T)
		list func([]incident.Proof) []incident.Proof
		link int // its index; -1: Others
		code string
	}{
		{"a field of a link", exec(`update evidence.link set by_ = 'person:li' where seq = 3`), nil, 2, evidence.LinkAltered},
		{"a link with its hash", exec(`update evidence.link set hash = repeat('0', 64) where seq = 2`), nil, 2, evidence.OutOfPlace},
		{"the last link", exec(`delete from evidence.link where seq = 5`), nil, -1, evidence.LinkRemoved},
		{"a link in the middle", exec(`delete from evidence.link where seq = 2`), nil, 1, evidence.OutOfPlace},
		{"what the log says of it", exec(`update evidence.link set entry = gen_random_uuid() where seq = 4`), nil, 3, evidence.LogSilent},
		{"the photo", func(*testing.T) { b.safe["/media/p1.jpg"] = []byte("another") }, nil, 1, evidence.BytesAltered},
		{"the photo's file", func(*testing.T) { delete(b.safe, "/media/p1.jpg") }, nil, 1, evidence.BytesGone},
		{"the record of the proof", nil, func(l []incident.Proof) []incident.Proof {
			l[3].TakenAt = l[3].TakenAt.Add(-time.Hour)
			return l
		}, 3, evidence.ProofAltered},
		{"where it was taken", nil, func(l []incident.Proof) []incident.Proof { l[0].Lat = l[0].Lon; return l }, 0, evidence.ProofAltered},
		{"the record itself", nil, func(l []incident.Proof) []incident.Proof { return l[:4] }, 4, evidence.ProofRemoved},
		{"a proof put in", nil, func(l []incident.Proof) []incident.Proof { return append(l, b.proof("p9")) }, -1, evidence.ProofLoose},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := b.pool.Exec(t.Context(), `create table kept as table evidence.link`); err != nil {
				t.Fatal(err)
			}
			defer exec(`truncate evidence.link; insert into evidence.link table kept; drop table kept`)(t)
			defer func() {
				for _, p := range whole {
					b.safe[p.Media] = []byte("photo " + p.ID)
				}
			}()
			list := slices.Clone(whole)
			if c.do != nil {
				c.do(t)
			}
			if c.list != nil {
				list = c.list(list)
			}
			r := b.check(t, list)
			if r.Whole {
				t.Fatal("the chain is said to be whole")
			}
			var codes []string
			if c.link < 0 {
				for _, o := range r.Others {
					codes = append(codes, o.Code)
				}
			} else {
				for _, f := range r.Links[c.link].Faults {
					codes = append(codes, f.Code)
					if f.ZH == "" || f.EN == "" {
						t.Error("a fault without words")
					}
				}
			}
			if !slices.Contains(codes, c.code) {
				t.Errorf("found %v, not %s: %+v", codes, c.code, r)
			}
		})
	}
	if r := b.check(t, whole); !r.Whole {
		t.Errorf("not whole again: %+v", r)
	}
}
