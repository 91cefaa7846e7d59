package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"onecity/internal/audit"
	"onecity/internal/calendar"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
)

// Audit appends an entry to the audit log in a transaction.
type Audit func(ctx context.Context, tx pgx.Tx, e audit.Entry) error

// Options of an Engine.
type Options struct {
	// Machines are all kinds of work; each must pass its Check.
	Machines []*Machine
	// Audit is told of every change in its own transaction; required.
	Audit Audit
	// Publish takes what the outbox holds; nil: the outbox is kept.
	Publish Publish
	// Sync makes all that was published durable, once for many messages, before
	// the outbox forgets them; nil: Publish has done so already.
	Sync func(ctx context.Context) error
	// Calendar says what working time is; nil: calendar.Default.
	Calendar func() *calendar.Calendar
	// Workers adds the modules' own river workers, Periodic their schedules.
	Workers  []func(*river.Workers) error
	Periodic []*river.PeriodicJob
	// Jobs is how many of the modules' jobs run at once in this process; 0: 8.
	Jobs int
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	Log *slog.Logger // nil: slog.Default
}

// Engine runs machines on PostgreSQL. It is safe for concurrent use.
type Engine struct {
	pool     *pgxpool.Pool
	walled   atomic.Pointer[database.Wall]
	machines map[string]*Machine
	opt      Options
	jobs     *river.Client[pgx.Tx]
	now      func() time.Time
	log      *slog.Logger
	wake     chan struct{} // something was put in the outbox
}

// errNoAudit: a change without its trace must not be possible by leaving an option out.
var errNoAudit = errors.New("flow: Options.Audit is missing")

// Machine is the kind of work of that name.
func (e *Engine) Machine(name string) (*Machine, error) {
	m, ok := e.machines[name]
	if !ok {
		return nil, fmt.Errorf("machine %s: %w", name, ErrUnknown)
	}
	return m, nil
}

// New makes an engine on a database that Migrate has prepared. It does nothing
// by itself until Run.
func New(pool *pgxpool.Pool, o Options) (*Engine, error) {
	if o.Audit == nil {
		return nil, errNoAudit
	}
	if o.Calendar == nil {
		c := calendar.Default()
		o.Calendar = func() *calendar.Calendar { return c }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Jobs <= 0 {
		o.Jobs = 8
	}
	e := &Engine{pool: pool, machines: map[string]*Machine{}, opt: o, now: o.Now, log: o.Log, wake: make(chan struct{}, 1)}
	for _, m := range o.Machines {
		if err := m.Check(); err != nil {
			return nil, err
		}
		if e.machines[m.Name] != nil {
			return nil, fmt.Errorf("flow: two machines are called %s", m.Name)
		}
		e.machines[m.Name] = m
	}
	var err error
	if e.jobs, err = e.newJobs(); err != nil {
		return nil, err
	}
	return e, nil
}

// names are the machines', sorted.
func (e *Engine) names() []string { return slices.Sorted(maps.Keys(e.machines)) }

// Machines are all kinds of work, by name.
func (e *Engine) Machines() []*Machine {
	var out []*Machine
	for _, n := range e.names() {
		out = append(out, e.machines[n])
	}
	return out
}
