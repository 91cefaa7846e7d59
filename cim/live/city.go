package live

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"onecity/cim"
	"onecity/streams"

	"golang.org/x/sync/errgroup"
)

// DefaultEvery is the shortest time between two published Snapshots: 100 a second.
// Shorter than a push tick, so that a frame hardly waits for its Snapshot.
const DefaultEvery = 10 * time.Millisecond

// Source is the stream as a City needs it (streams.Broker is one).
type Source interface {
	Epoch() string
	Last(ctx context.Context) (uint64, error)
	Consume(ctx context.Context, from uint64, fn func(streams.Received) error) error
}

// Step is one published Snapshot and what changed since the one before it.
type Step struct {
	Snapshot *cim.Snapshot
	From     uint64    // Seq of the snapshot before
	Changed  []cim.Ref // each thing once; do not write
}

// Options of a City; the zero value works.
type Options struct {
	// Every is the shortest time between two Snapshots; 0 means DefaultEvery.
	Every time.Duration
	// OnMinute gets the city as it stood at the end of every minute of the
	// model's time, in order, before anything of the next minute is folded. It
	// must return at once.
	OnMinute func(*cim.Snapshot)
	// OnBulk gets the city whenever 50,000 standing things have been put since
	// it or OnMinute got one: worth a checkpoint, so that a restart after an
	// import does not fold the import again. It must return at once.
	OnBulk func(*cim.Snapshot)
}

// City holds the running model.
type City struct {
	source Source
	model  *cim.Model
	opt    Options

	// The fold's goroutine's own: the model's time, and how many standing things
	// were put since a snapshot was handed out.
	clock time.Time
	put   int

	now   atomic.Pointer[cim.Snapshot]
	ready chan struct{}
	stats stats

	mu       sync.Mutex
	watchers map[int]func(Step)
	nextID   int
}

// New is a City that goes on from model, which holds source's events up to
// model's position. It takes the model over.
func New(model *cim.Model, source Source, opt Options) *City {
	if opt.Every <= 0 {
		opt.Every = DefaultEvery
	}
	c := &City{source: source, model: model, opt: opt, ready: make(chan struct{}), watchers: map[int]func(Step){}}
	first := model.Snapshot()
	c.now.Store(first)
	c.clock = first.At()
	return c
}

// Snapshot is the newest one; it never blocks.
func (c *City) Snapshot() *cim.Snapshot { return c.now.Load() }

// Epoch names the stream that positions belong to: a position of another
// epoch means nothing.
func (c *City) Epoch() string { return c.source.Epoch() }

// Ready is closed once the model has caught up with what was in the stream
// when Run began.
func (c *City) Ready() <-chan struct{} { return c.ready }

// Watch calls fn with every Step, in order, in the model's goroutine: fn must
// return at once. stop ends it.
func (c *City) Watch(fn func(Step)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := c.nextID
	c.nextID++
	c.watchers[id] = fn
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watchers, id)
	}
}

// Run folds the stream until ctx ends. One goroutine decodes, one folds and
// publishes, so that the fold never waits for JSON.
func (c *City) Run(ctx context.Context) error {
	goal, err := c.source.Last(ctx)
	if err != nil {
		return fmt.Errorf("ask for the end of the stream: %w", err)
	}
	from := c.Snapshot().Seq()
	if goal <= from {
		close(c.ready)
	}
	events := make(chan cim.Event, 256)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(events)
		return c.source.Consume(ctx, from, func(e streams.Received) error {
			select {
			case events <- c.decode(e):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	group.Go(func() error { return c.fold(ctx, events, goal) })
	if err := group.Wait(); ctx.Err() == nil && err != nil {
		return fmt.Errorf("fold the stream: %w", err)
	}
	return ctx.Err()
}

// decode turns what came into an event of the model. What cannot be read is an
// event without a fact: it moves the position and nothing else, on every node.
func (c *City) decode(e streams.Received) cim.Event {
	fact, err := cim.Decode(e.Type, e.Data)
	if err != nil {
		c.stats.unreadable.Add(1)
		slog.Warn("an event cannot be read", "seq", e.Seq, "source", e.Source, "id", e.ID, "error", err)
	}
	return cim.Event{Seq: e.Seq, At: e.At, Fact: fact}
}

// fold owns the model. It publishes at once when the last Snapshot is older
// than Every, else as soon as it is.
func (c *City) fold(ctx context.Context, events <-chan cim.Event, goal uint64) error {
	var (
		next   = changeSet{index: map[cim.Ref]int{}}
		timer  = time.NewTimer(time.Hour)
		due    bool // the timer is armed for a publication
		before = time.Time{}
	)
	timer.Stop()
	defer timer.Stop()
	publish := func() {
		c.publish(next.take())
		before, due = time.Now(), false
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			publish()
		case e, ok := <-events:
			if !ok {
				return ctx.Err()
			}
			c.minute(e)
			next.add(c.model.Fold(e))
			c.bulk(e.Fact)
			c.stats.events.Add(1)
			c.stats.position.Store(e.Seq)
			c.stats.at.Store(e.At.UnixNano())
			caught := goal > 0 && e.Seq >= goal
			switch wait := c.opt.Every - time.Since(before); {
			case caught || wait <= 0:
				timer.Stop()
				publish()
			case !due:
				timer.Reset(wait)
				due = true
			}
			if caught {
				goal = 0
				c.markReady()
			}
		}
	}
}

func (c *City) markReady() {
	select {
	case <-c.ready:
	default:
		close(c.ready)
	}
}

func (c *City) publish(changed []cim.Ref) {
	step := Step{Snapshot: c.model.Snapshot(), From: c.Snapshot().Seq(), Changed: changed}
	c.now.Store(step.Snapshot)
	c.stats.snapshots.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, fn := range c.watchers {
		fn(step)
	}
}
