package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"onecity/internal/audit"
	"onecity/streams"
)

// The kernel with the audit log and the broker that it has in the program.
func TestTransitionsReachTheAuditLogAndEachTheStreamOnceThoughHandedOverTwice(t *testing.T) {
	pool := open(t)
	ctx := t.Context()
	if err := audit.Migrate(ctx, pool); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(ctx, pool, audit.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b, err := streams.Open(ctx, streams.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	publish := func(ctx context.Context, m Message) error {
		return b.Publish(ctx, streams.Event{ID: m.ID, Source: "/flow", Type: "onecity.work.v1", Time: m.At, Data: m.Body}, streams.Written)
	}
	lost := fmt.Errorf("the process was lost before the outbox knew")
	first := newEngine(t, pool, Options{Audit: log.Append, Publish: publish, Sync: func(context.Context) error { return lost }}, permit())
	it := must(t)(fire(first, "ann", begun(t, first, "p:1"), "submit", nil))
	if _, err := fire(first, "ann", it, "pass", opinion()); err == nil {
		t.Fatal("two eyes were enough")
	}
	if _, err := first.Drain(ctx); err == nil {
		t.Fatal("the outbox forgot")
	}
	second := newEngine(t, pool, Options{Audit: log.Append, Publish: publish, Sync: b.Sync}, permit())
	must(t)(fire(second, "bob", it, "pass", opinion()))
	if n, err := second.Drain(ctx); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	last, err := b.Last(ctx)
	if err != nil || last != 3 {
		t.Fatalf("%d messages are in the stream, %v", last, err)
	}
	next := int64(0)
	enough := fmt.Errorf("enough")
	_ = b.Consume(ctx, 0, func(r streams.Received) error {
		var f Fact
		if err := json.Unmarshal(r.Data, &f); err != nil {
			return err
		}
		if next++; f.Version != next || f.ID != "p:1" {
			t.Errorf("message %d tells of version %d", next, f.Version)
		}
		if r.Seq == last {
			return enough
		}
		return nil
	})
	if next != 3 {
		t.Errorf("%d messages were read", next)
	}
	if n := count(t, pool, `select count(*) from audit.entry where object = 'p:1' and outcome = 'done'`); n != 3 {
		t.Errorf("%d transitions are in the audit log", n)
	}
	if n := count(t, pool, `select count(*) from audit.entry where object = 'p:1' and outcome = 'refused' and actor = 'person:ann'`); n != 1 {
		t.Errorf("%d refusals are in the audit log", n)
	}
}
