package alarm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrGone: the stream has dropped the events that a reader would go on with.
var ErrGone = errors.New("the events have aged out of the stream")

// Source is the city's stream, decoded.
type Source interface {
	// Epoch names the stream that positions belong to.
	Epoch() string
	// Last is the position of the newest event.
	Last(ctx context.Context) (uint64, error)
	// Consume calls fn with every event after from, in order, until ctx ends or fn
	// fails; ErrGone.
	Consume(ctx context.Context, from uint64, fn func(Event) error) error
}

// Gate is the way in of incidents.
type Gate interface {
	// Open stores the report; it returns when it is durable. ErrTaken when it is
	// there already, ErrUnwanted when it will never be taken.
	Open(ctx context.Context, r Report) error
	// Say adds a word of the rule to an incident that is there; id names the word.
	Say(ctx context.Context, incident, id, note, rule string) error
}

// saveEvery is how often the engine's state is kept; what comes after it is
// read again by the next start, and says the same again.
const saveEvery = 15 * time.Second

// patience with the database: alarms come before their bookkeeping.
const patience = 3 * time.Second

// runner is the goroutine that owns the engine.
type runner struct {
	s      *Service
	source Source
	gate   Gate
	engine *Engine
	saved  time.Time // and tried to be read, each by the wall clock
	loaded time.Time
	minute int64
	// Of acts, what is to be written down with the state.
	opened []Report
	stops  []Act
}

// Run lets the rules that are on open incidents, until ctx ends. The model must
// have caught up: the register is asked for once, at the beginning.
func (s *Service) Run(ctx context.Context, source Source, gate Gate) error {
	r := &runner{s: s, source: source, gate: gate, engine: New(Options{Names: s.opt.Names, Location: s.opt.Location()})}
	if err := r.restore(ctx); err != nil {
		return err
	}
	defer r.finish(ctx)
	for {
		err := source.Consume(ctx, r.engine.Seq(), func(e Event) error { return r.step(ctx, e) })
		if ctx.Err() != nil {
			return nil
		}
		if !errors.Is(err, ErrGone) {
			return fmt.Errorf("read facts for the alarm rules: %w", err)
		}
		last, err := source.Last(ctx)
		if err != nil {
			return fmt.Errorf("ask for the end of the stream: %w", err)
		}
		s.opt.Log.WarnContext(ctx, "alarm rules have missed facts", "from", r.engine.Seq(), "to", last, "error", ErrGone)
		r.engine.seq = last
	}
}

// restore takes up where the last run ended; the first run begins with what
// comes from now on.
func (r *runner) restore(ctx context.Context) error {
	list, err := rules(ctx, r.s.pool)
	if err != nil {
		return err
	}
	var epoch string
	var body []byte
	err = r.s.pool.QueryRow(ctx, "select epoch, body from alarm.engine").Scan(&epoch, &body)
	switch {
	case err == nil && epoch == r.source.Epoch():
		if err := r.engine.Restore(body, list); err != nil {
			return err
		}
	case err == nil || errors.Is(err, pgx.ErrNoRows):
		if r.engine.seq, err = r.source.Last(ctx); err != nil {
			return fmt.Errorf("ask for the end of the stream: %w", err)
		}
		r.engine.Set(list)
	default:
		return fmt.Errorf("read the state of the alarm rules: %w", err)
	}
	r.engine.register(r.s.opt.Register.All())
	r.engine.acts = nil
	r.count()
	return nil
}

// step takes an event, and does what the engine wants done before it takes the
// next.
func (r *runner) step(ctx context.Context, e Event) error {
	if now := r.s.opt.Now(); now.Sub(r.loaded) >= time.Second && r.s.dirty.Swap(false) {
		r.loaded = now
		r.reload(ctx)
	}
	for _, a := range r.engine.Step(e) {
		if err := r.do(ctx, a); err != nil {
			return err
		}
	}
	if m := e.At.Unix() / 60; m != r.minute || len(r.stops) > 0 {
		r.minute = m
		r.count()
	}
	if now := r.s.opt.Now(); now.Sub(r.saved) >= saveEvery || len(r.stops) > 0 {
		r.saved = now
		if err := r.save(ctx); err != nil && ctx.Err() == nil {
			r.s.opt.Log.WarnContext(ctx, "the state of the alarm rules was not kept, trying again", "error", err)
		}
	}
	return nil
}

// reload gives the engine the rules as they are now. Its state is kept at once,
// so that a restart knows from where on they hold.
func (r *runner) reload(ctx context.Context) {
	brief, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	list, err := rules(brief, r.s.pool)
	if err != nil {
		r.s.dirty.Store(true)
		r.loaded = r.s.opt.Now().Add(10 * time.Second)
		r.s.opt.Log.WarnContext(ctx, "the alarm rules were not read, trying again", "error", err)
		return
	}
	r.engine.Set(list)
	r.count()
	r.saved = time.Time{}
}

// do carries an act out, again and again until it is done: the facts wait in the
// stream meanwhile.
func (r *runner) do(ctx context.Context, a Act) error {
	var act func() error
	switch a.Do {
	case DoOpen:
		act = func() error { return r.gate.Open(ctx, a.Report) }
	case DoClear:
		act = func() error { return r.gate.Say(ctx, a.Incident, a.Incident+"/clear", a.Note, a.Rule) }
	case DoStop:
		r.stops = append(r.stops, a)
		return nil
	}
	for pause := 200 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		err := act()
		switch {
		case err == nil, errors.Is(err, ErrTaken):
			if a.Do == DoOpen {
				r.opened = append(r.opened, a.Report)
			}
			return nil
		case errors.Is(err, ErrUnwanted):
			r.s.opt.Log.WarnContext(ctx, "an incident of an alarm rule was refused", "rule", a.Rule, "incident", a.Incident, "error", err)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		r.s.opt.Log.WarnContext(ctx, "an incident of an alarm rule is not in yet, trying again", "rule", a.Rule, "incident", a.Incident, "wait", pause, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// save keeps the state, with what was done since the last time, at once or not
// at all.
func (r *runner) save(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := r.engine.State()
	if err != nil {
		return err
	}
	stopped := len(r.stops) > 0
	err = pgx.BeginFunc(ctx, r.s.pool, func(tx pgx.Tx) error {
		for _, x := range r.opened {
			if _, err := tx.Exec(ctx, `insert into alarm.opened (incident, rule, target, name, region, value, since, opened)
				values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
				x.ID, x.Rule, x.Target, x.Name, x.Region, x.Value, x.Since, x.Opened); err != nil {
				return fmt.Errorf("write down what was opened: %w", err)
			}
		}
		for _, a := range r.stops {
			if err := r.s.stopRule(ctx, tx, a.Rule, a.Note); err != nil {
				return err
			}
		}
		// Of two nodes, the one that is further on has it.
		_, err := tx.Exec(ctx, `insert into alarm.engine (epoch, seq, body) values ($1, $2, $3)
			on conflict (id) do update set epoch = $1, seq = $2, body = $3, at = now()
			where alarm.engine.epoch <> $1 or alarm.engine.seq <= $2`, r.source.Epoch(), int64(r.engine.Seq()), body)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the state of the alarm rules: %w", err)
	}
	r.opened, r.stops = nil, nil
	if stopped {
		r.s.dirty.Store(true)
	}
	return nil
}

func (r *runner) finish(ctx context.Context) {
	if err := r.save(context.WithoutCancel(ctx)); err != nil {
		r.s.opt.Log.Warn("the state of the alarm rules was not kept, the next start reads more again", "error", err)
	}
}

// count publishes what the pages show of the engine.
func (r *runner) count() {
	counts := make(map[string]count, len(r.engine.rules))
	for _, x := range r.engine.rules {
		targets, alarming := r.engine.Standing(x.ID)
		counts[x.ID] = count{targets, alarming}
	}
	r.s.counts.Store(&counts)
}
