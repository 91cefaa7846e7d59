package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// clockQueue is apart from the modules' jobs, so that a long import does not
// keep a clock from striking.
const clockQueue = "flow_clock"

const (
	clockWorkers = 4
	// fetchCooldown bounds how often jobs are looked for; river's own 100 ms
	// would do no more than ten rounds a second.
	fetchCooldown = 15 * time.Millisecond
	sweepEvery    = time.Minute
	// stopWithin is how long jobs that run may go on when the program ends.
	stopWithin = 10 * time.Second
)

// strikeArgs name the clock of one stay in a state.
type strikeArgs struct {
	Machine string `json:"machine"`
	ID      string `json:"id"`
	Version int64  `json:"version"`
}

func (strikeArgs) Kind() string { return "flow.strike" }

func clockJob(at time.Time) *river.InsertOpts {
	return &river.InsertOpts{Queue: clockQueue, ScheduledAt: at}
}

type striker struct {
	river.WorkerDefaults[strikeArgs]
	e *Engine
}

func (s *striker) Work(ctx context.Context, j *river.Job[strikeArgs]) error {
	next, err := s.e.strike(ctx, j.Args.Machine, j.Args.ID, j.Args.Version)
	if err != nil {
		return err
	}
	if !next.IsZero() {
		return river.JobSnooze(max(0, next.Sub(s.e.now())))
	}
	return nil
}

type sweepArgs struct{}

func (sweepArgs) Kind() string { return "flow.sweep" }

type sweeper struct {
	river.WorkerDefaults[sweepArgs]
	e *Engine
}

func (s *sweeper) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	_, err := s.e.Sweep(ctx)
	return err
}

// newJobs makes the queue's client: the engine's workers and the modules'.
func (e *Engine) newJobs() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	if err := errors.Join(river.AddWorkerSafely(workers, &striker{e: e}), river.AddWorkerSafely(workers, &sweeper{e: e})); err != nil {
		return nil, fmt.Errorf("register the clock's workers: %w", err)
	}
	for _, add := range e.opt.Workers {
		if err := add(workers); err != nil {
			return nil, fmt.Errorf("register a module's workers: %w", err)
		}
	}
	sweep := river.NewPeriodicJob(river.PeriodicInterval(sweepEvery), func() (river.JobArgs, *river.InsertOpts) {
		return sweepArgs{}, &river.InsertOpts{Queue: clockQueue, MaxAttempts: 1}
	}, &river.PeriodicJobOpts{RunOnStart: true})
	c, err := river.NewClient(riverpgxv5.New(e.pool), &river.Config{
		Schema:        schema,
		Logger:        slog.New(warnings{e.log.Handler()}),
		Workers:       workers,
		PeriodicJobs:  append([]*river.PeriodicJob{sweep}, e.opt.Periodic...),
		FetchCooldown: fetchCooldown,
		Queues: map[string]river.QueueConfig{
			clockQueue:         {MaxWorkers: clockWorkers},
			river.QueueDefault: {MaxWorkers: e.opt.Jobs},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make the queue of jobs: %w", err)
	}
	return c, nil
}

// InsertTx has a job done after the transaction has committed, by the worker
// that Options.Workers registered for its kind.
func (e *Engine) InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) error {
	if _, err := e.jobs.InsertTx(ctx, tx, args, opts); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Run works until ctx ends: clocks strike, jobs are done, the outbox is handed
// over. Then it lets the jobs that run end, and returns.
func (e *Engine) Run(ctx context.Context) error {
	// river must not see ctx end: it would cut the jobs off that are to end
	keep := context.WithoutCancel(ctx)
	if err := e.jobs.Start(keep); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	e.tellStrays(ctx)
	e.relay(ctx)
	soft, cancel := context.WithTimeout(keep, stopWithin)
	defer cancel()
	if err := e.jobs.Stop(soft); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(keep, stopWithin)
	defer cancel()
	if err := e.jobs.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop the jobs: %w", err)
	}
	return nil
}
