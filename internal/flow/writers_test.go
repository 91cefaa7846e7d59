package flow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// counter goes round and round, so that writers never run out of transitions.
func counter() *Machine {
	clock := &Clock{Limit: Limit{Days: 3}, Warn: .5}
	return &Machine{Name: "test.counter", Title: Text{"计数", "Counter"}, Initial: "even", Start: "test.start",
		States: []StateDef{
			{Name: "even", Title: Text{"偶", "Even"}, Clock: clock}, {Name: "odd", Title: Text{"奇", "Odd"}, Clock: clock},
			{Name: "over", Title: Text{"止", "Over"}, Final: true},
		},
		Transitions: []Transition{
			{Event: "tick", Title: Text{"滴", "Tick"}, From: []State{"even"}, To: "odd", Action: "test.tick", Do: plusOne},
			{Event: "tock", Title: Text{"答", "Tock"}, From: []State{"odd"}, To: "even", Action: "test.tick", Do: plusOne},
			{Event: "end", Title: Text{"停", "End"}, From: []State{"odd", "even"}, To: "over", Action: "test.tick"},
		}}
}

func plusOne(ctx context.Context, tx pgx.Tx, c Change) error {
	_, err := tx.Exec(ctx, `insert into audited (action, object) values ('plus one', $1)`, c.Item.ID)
	return err
}

func TestEightWritersWithStaleVersionsApplyNothingTwice(t *testing.T) {
	pool := open(t)
	e := newEngine(t, pool, Options{}, counter())
	const items, writers, rounds = 5, 8, 60
	for i := range items {
		if _, err := e.Start(t.Context(), anyone("person:0"), Item{Machine: "test.counter", ID: fmt.Sprint(i), Title: "x"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	var done, stale atomic.Int64
	var g errgroup.Group
	for w := range writers {
		g.Go(func() error {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			actor := anyone(fmt.Sprint("person:", w))
			for range rounds {
				it, err := e.Get(context.Background(), "test.counter", fmt.Sprint(r.IntN(items)))
				if err != nil {
					return err
				}
				ev := map[State]Event{"even": "tick", "odd": "tock"}[it.State]
				cmd := Command{Machine: it.Machine, ID: it.ID, Event: ev, Version: it.Version}
				now, err := e.Fire(context.Background(), actor, cmd)
				var conflict *Conflict
				switch {
				case errors.As(err, &conflict):
					if conflict.Present.Version <= it.Version {
						return fmt.Errorf("refused at version %d as of %d", it.Version, conflict.Present.Version)
					}
					stale.Add(1)
				case err != nil:
					return err
				case now.Version != it.Version+1:
					return fmt.Errorf("version %d after %d", now.Version, it.Version)
				default:
					done.Add(1)
					// and once more with what was just used up
					if _, err := e.Fire(context.Background(), actor, cmd); !errors.Is(err, ErrConflict) {
						return fmt.Errorf("a stale version: %w", err)
					}
					stale.Add(1)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	versions := count(t, pool, `select sum(version - 1)::int from flow.item`)
	history := count(t, pool, `select count(*) from flow.history where kind = 'flow.transition'`)
	own := count(t, pool, `select count(*) from audited where action = 'plus one'`)
	audited := count(t, pool, `select count(*) from audited where action = 'test.tick'`)
	n := int(done.Load())
	if n == 0 || versions != n || history != n || own != n || audited != n {
		t.Errorf("%d transitions were told done; the tables say %d, %d, %d, %d", n, versions, history, own, audited)
	}
	if twice := count(t, pool, `select count(*) from (select from flow.history group by machine, id, version having count(*) > 1) x`); twice != 0 {
		t.Errorf("%d versions were made twice", twice)
	}
	if stale.Load() < done.Load() {
		t.Errorf("%d stale commands refused, %d done", stale.Load(), n)
	}
}

func BenchmarkTransition(b *testing.B) {
	for _, writers := range []int{1, 8} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			e := newEngine(b, open(b), Options{}, counter())
			its := make([]Item, writers)
			for i := range its {
				it, err := e.Start(b.Context(), anyone("person:0"), Item{Machine: "test.counter", ID: fmt.Sprint(i), Title: "x"}, "")
				if err != nil {
					b.Fatal(err)
				}
				its[i] = it
			}
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var wg sync.WaitGroup
			for _, it := range its {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						ev := map[State]Event{"even": "tick", "odd": "tock"}[it.State]
						var err error
						if it, err = fire(e, "x", it, ev, nil); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "transitions/s")
		})
	}
}
