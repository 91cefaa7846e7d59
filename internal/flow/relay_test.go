package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// run starts an engine and ends it with the test.
func run(t testing.TB, e *Engine) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("the engine ended with %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func TestARunningEngineTellsTheBrokerOfEveryTransitionInOrder(t *testing.T) {
	b := &broker{}
	e := newEngine(t, open(t), Options{Publish: b.publish}, permit())
	run(t, e)
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	must(t)(fire(e, "bob", it, "pass", opinion()))
	waitFor(t, "three messages have arrived", func() bool { return len(b.all()) == 3 })
	for i, m := range b.all() {
		var f Fact
		if err := json.Unmarshal(m.Body, &f); err != nil {
			t.Fatal(err)
		}
		if f.Version != int64(i+1) || f.ID != "p:1" || m.Region != "320583003" || m.ID == "" || m.Object != "p:1" {
			t.Errorf("message %d: %+v of %+v", i, m, f)
		}
	}
}

func TestABrokerThatIsDownGetsEverythingWhenItComesBack(t *testing.T) {
	b := &broker{}
	b.fail(errors.New("no broker"))
	e := newEngine(t, open(t), Options{Publish: b.publish}, permit())
	run(t, e)
	for i := range 5 {
		begun(t, e, fmt.Sprint("p:", i))
	}
	if n, _, err := e.Backlog(t.Context()); err != nil || n != 5 {
		t.Fatalf("%d wait, %v", n, err)
	}
	b.fail(nil)
	waitFor(t, "all messages have arrived", func() bool { return len(b.all()) == 5 })
	waitFor(t, "the outbox is empty", func() bool { n, _, err := e.Backlog(t.Context()); return err == nil && n == 0 })
}

func TestWhatTheBrokerHasNotKeptIsHandedOverAgain(t *testing.T) {
	b := &broker{}
	full := errors.New("the broker's disk is full")
	trouble := full
	e := newEngine(t, open(t), Options{Publish: b.publish, Sync: func(context.Context) error { return trouble }}, permit())
	begun(t, e, "p:1")
	if n, err := e.Drain(t.Context()); n != 0 || !errors.Is(err, full) {
		t.Fatal(n, err)
	}
	trouble = nil
	if n, err := e.Drain(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if got := b.all(); len(got) != 2 || got[0].ID != got[1].ID {
		t.Errorf("handed over %+v", got)
	}
}

func TestMessagesOfOneItemStayInOrderThoughManyWriteAndTwoRelay(t *testing.T) {
	pool := open(t)
	b := &broker{}
	e := newEngine(t, pool, Options{Publish: b.publish}, counter())
	other := newEngine(t, pool, Options{Publish: b.publish}, counter())
	run(t, e)
	run(t, other)
	var wg sync.WaitGroup
	const writers, rounds = 6, 25
	for w := range writers {
		wg.Go(func() {
			it, err := e.Start(context.Background(), anyone("person:1"), Item{Machine: "test.counter", ID: fmt.Sprint(w), Title: "x"}, "")
			for i := 0; i < rounds && err == nil; i++ {
				it, err = fire(e, "1", it, map[State]Event{"even": "tick", "odd": "tock"}[it.State], nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	waitFor(t, "all messages have arrived", func() bool { return len(b.all()) >= writers*(rounds+1) })
	next, ids := map[string]int64{}, map[string]bool{}
	for _, m := range b.all() {
		var f Fact
		if err := json.Unmarshal(m.Body, &f); err != nil {
			t.Fatal(err)
		}
		if next[f.ID]++; f.Version != next[f.ID] {
			t.Fatalf("version %d of %s comes as number %d", f.Version, f.ID, next[f.ID])
		}
		if ids[m.ID] {
			t.Fatalf("message %s came twice though nothing crashed", m.ID)
		}
		ids[m.ID] = true
	}
}

func TestAModulesOwnMessagesAndJobsLiveAndDieWithItsTransaction(t *testing.T) {
	b := &broker{}
	h := &hasty{done: make(chan int, 10)}
	e := newEngine(t, open(t), Options{Publish: b.publish, Workers: []func(*river.Workers) error{
		func(w *river.Workers) error { return river.AddWorkerSafely(w, h) },
	}}, permit())
	run(t, e)
	broken := errors.New("broken")
	for n, want := range []error{broken, nil} {
		err := e.Tx(t.Context(), func(tx pgx.Tx) error {
			if err := e.Emit(t.Context(), tx, Message{Kind: "test.own", Object: fmt.Sprint(n), Body: json.RawMessage(`{}`)}); err != nil {
				return err
			}
			if err := e.InsertTx(t.Context(), tx, hastyArgs{n}, nil); err != nil {
				return err
			}
			return want
		})
		if !errors.Is(err, want) {
			t.Fatal(err)
		}
	}
	if n := <-h.done; n != 1 {
		t.Errorf("job %d was done", n)
	}
	waitFor(t, "a message has arrived", func() bool { return len(b.all()) > 0 })
	if got := b.all(); len(got) != 1 || got[0].Object != "1" || got[0].Kind != "test.own" {
		t.Errorf("told %+v", got)
	}
}

func TestAClocksJobStrikesByItself(t *testing.T) {
	m := permit()
	m.States[1].Clock = &Clock{Limit: Limit{Plain: 20 * time.Millisecond}, Warn: .5}
	e := newEngine(t, open(t), Options{}, m)
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	run(t, e)
	waitFor(t, "the clock has struck", func() bool { return kinds(t, e, it) == "started transition warning overdue escalated" })
}

func TestAnEngineThatEndsLetsARunningJobFinish(t *testing.T) {
	begun, finish, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	pool := open(t)
	e := newEngine(t, pool, Options{Workers: []func(*river.Workers) error{func(w *river.Workers) error {
		return river.AddWorkerSafely(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[hastyArgs]) error {
			close(begun)
			select {
			case <-finish:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
	}}}, permit())
	if err := e.Tx(t.Context(), func(tx pgx.Tx) error { return e.InsertTx(t.Context(), tx, hastyArgs{}, nil) }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- e.Run(ctx) }()
	<-begun
	cancel()
	close(finish)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n := count(t, pool, `select count(*) from flow.river_job where kind = 'test.hasty' and state = 'completed'`); n != 1 {
		t.Error("the job was cut off")
	}
}

func BenchmarkDrain(b *testing.B) {
	pool := open(b)
	e := newEngine(b, pool, Options{Publish: func(context.Context, Message) error { return nil }}, permit())
	for b.Loop() {
		b.StopTimer()
		if _, err := pool.Exec(b.Context(), `insert into flow.outbox (at, kind, object, region, org, body)
			select now(), 'test', n::text, '', '', '{"some": "thing"}' from generate_series(1, 5000) n`); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if n, err := e.Drain(b.Context()); err != nil || n != 5000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.N)*5000/b.Elapsed().Seconds(), "messages/s")
}
