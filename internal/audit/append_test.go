package audit_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

func TestAnEntryIsThereIfAndOnlyIfItsTransactionIs(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{})
	refused := errors.New("the change was refused")
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		if err := l.Append(t.Context(), tx, entry(1)); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if n := count(t, pool, `select count(*) from audit.entry`); n != 0 {
		t.Fatalf("%d entries of a transaction that was rolled back", n)
	}
	add(t, l, pool, entry(1))
	if n := count(t, pool, `select count(*) from audit.entry`); n != 1 {
		t.Fatalf("%d entries of one that was committed", n)
	}
}

func TestWhatStrangersSendDoesNotKeepTheirTraceFromBeingWritten(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{})
	e := entry(1)
	e.From, e.Object = "10.0.0.1\x00\xff", "login:\xf0\x28\x8c"
	e.Why = strings.Repeat("长", 100_000)
	e.Detail = []byte("{\"agent\":\"\\u0000 \xff\"}")
	add(t, l, pool, e)
	if n := count(t, pool, `select count(*) from audit.entry where source like '10.0.0.1%'`); n != 1 {
		t.Fatal("no trace of it")
	}
}

func TestAnEntryThatDoesNotSayWhoWhatAndHowIsRefused(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{})
	for name, spoil := range map[string]func(*audit.Entry){
		"nobody":       func(e *audit.Entry) { e.Actor = "" },
		"nothing":      func(e *audit.Entry) { e.Action = "" },
		"outcome":      func(e *audit.Entry) { e.Outcome = "perhaps" },
		"detail":       func(e *audit.Entry) { e.Detail = []byte("{") },
		"large detail": func(e *audit.Entry) { e.Detail = []byte(`"` + strings.Repeat("x", 2<<20) + `"`) },
		"large object": func(e *audit.Entry) { e.Object = strings.Repeat("x", 600) },
		"id":           func(e *audit.Entry) { e.ID = "17" },
	} {
		t.Run(name, func(t *testing.T) {
			e := entry(1)
			spoil(&e)
			err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return l.Append(t.Context(), tx, e) })
			if !errors.Is(err, audit.ErrEntry) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestTheProgramCannotChangeOrRemoveWhatItWrote(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{})
	add(t, l, pool, entry(1))
	for _, sql := range []string{
		`update audit.entry set actor = 'person:other'`,
		`update audit.entry set salt = null, detail = null, source = '', session = '', why = '', before = '', after = '', erased = now(), outcome = 'refused'`,
		`update audit.entry set detail = null`,
		`delete from audit.entry`,
		`truncate audit.entry`,
		`update audit.log set size = -1`,
		`update audit.log set origin = 'other'`,
		`delete from audit.log`,
		`delete from audit.leaf`,
		`update audit.node set hash = ''`,
		`truncate audit.checkpoint`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: went through", sql)
		}
	}
}

func TestALogKeepsTheNameAndTheHashItWasMadeWith(t *testing.T) {
	pool := fresh(t)
	first := openLog(t, pool, audit.Options{Hash: audit.SM3})
	again := openLog(t, pool, audit.Options{Hash: audit.SHA256})
	if first.Origin() != again.Origin() || again.Hash() != audit.SM3 {
		t.Fatalf("made %s %s, opened %s %s", first.Origin(), first.Hash(), again.Origin(), again.Hash())
	}
	if _, err := audit.Open(context.Background(), pool, audit.Options{Hash: "md5"}); err == nil {
		t.Fatal("md5 was taken")
	}
}
