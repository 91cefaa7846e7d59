package replay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"onecity/cim"
	"onecity/internal/cityapi"
)

// Options of a replay.
type Options struct {
	// URL is the server's address.
	URL string
	// Speed is how many times faster than it happened; 0 is 1.
	Speed float64
	// Loop plays it again from the start when it is over, until told to stop.
	Loop bool
	// Token is what the player shows, as the simulator's.
	Token string
	Log   *slog.Logger

	// Start is when the recording begins; zero is now. Wait waits until a moment;
	// nil goes by the clock.
	Start time.Time
	Wait  func(ctx context.Context, until time.Time) error
}

// Check says what is wrong with the options.
func (o *Options) Check() error {
	if o.Speed < 0 || o.Speed > 100_000 {
		return errors.New("--speed: expected more than 0 and at most 100,000")
	}
	return nil
}

// Stats is what a replay has sent and the server has taken.
type Stats struct {
	Observations, Positions, Incidents int
	Refused                            int
	Loops                              int
}

func (s Stats) String() string {
	return fmt.Sprintf("observations %d, positions %d, incidents %d; refused %d; played %d times",
		s.Observations, s.Positions, s.Incidents, s.Refused, s.Loops)
}

// together is how much of the timeline goes into one batch.
const together = 250 * time.Millisecond

// pause lies between the end of a recording and its next beginning.
const pause = 2 * time.Second

// Play registers who speaks in rec and sends all of it. It waits for a server
// that is away and goes on where it was. To be told to stop is no error.
func Play(ctx context.Context, rec *Recording, o Options) (Stats, error) {
	if err := o.Check(); err != nil {
		return Stats{}, err
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	p := &player{Options: o, rec: rec, api: cityapi.New(o.URL, "/replay").As(o.Token)}
	err := p.play(ctx)
	if ctx.Err() != nil {
		err = nil
	}
	return p.stats, err
}

type player struct {
	Options
	rec   *Recording
	api   *cityapi.Client
	stats Stats
}

func (p *player) play(ctx context.Context) error {
	if err := p.register(ctx); err != nil {
		return err
	}
	if p.Start.IsZero() {
		p.Start = time.Now().UTC().Truncate(time.Millisecond)
	}
	begin := p.Start
	for {
		end, err := p.once(ctx, begin)
		if err != nil {
			return err
		}
		p.stats.Loops++
		if !p.Loop {
			return nil
		}
		p.Log.Info("the recording begins again 重新播放", "played", p.stats.Loops)
		begin = end.Add(pause)
	}
}

func (p *player) register(ctx context.Context) error {
	return p.insist(ctx, "register", func() error {
		if list := p.rec.placed(); len(list) > 0 {
			if _, err := p.api.Devices(ctx, list); err != nil {
				return err
			}
		}
		if list := p.rec.unitList(); len(list) > 0 {
			if _, err := p.api.Units(ctx, list); err != nil {
				return err
			}
		}
		return nil
	})
}

// once plays the recording from begin on and says when it ended.
func (p *player) once(ctx context.Context, begin time.Time) (end time.Time, err error) {
	first := p.rec.items[0].at
	due := func(it *item) time.Time {
		return begin.Add(time.Duration(float64(it.at.Sub(first)) / p.Speed)).Truncate(time.Millisecond)
	}
	items := p.rec.items
	for len(items) > 0 {
		end = due(&items[0])
		if err := p.Wait(ctx, end); err != nil {
			return end, err
		}
		n := 1
		for n < len(items) && n < 5000 && due(&items[n]).Sub(end) < together {
			n++
		}
		if err := p.send(ctx, items[:n], due); err != nil {
			return end, err
		}
		items = items[n:]
	}
	return end, nil
}

func (p *player) send(ctx context.Context, items []item, due func(*item) time.Time) error {
	var obs []cim.Observation
	var ps []cim.Position
	for i := range items {
		it := &items[i]
		switch {
		case it.observation != nil:
			o := *it.observation
			o.Time = due(it)
			obs = append(obs, o)
		case it.position != nil:
			pos := *it.position
			pos.Time = due(it)
			ps = append(ps, pos)
		default:
			key := fmt.Sprintf("replay-%d-%d", due(it).UnixMilli(), p.stats.Incidents+p.stats.Refused)
			if err := p.insist(ctx, "report an incident", func() error { return p.report(ctx, key, it) }); err != nil {
				return err
			}
		}
	}
	if err := p.insist(ctx, "send observations", func() error {
		return p.batch(len(obs), &p.stats.Observations, func() (int, error) { return p.api.Observe(ctx, obs) })
	}); err != nil {
		return err
	}
	return p.insist(ctx, "send positions", func() error {
		return p.batch(len(ps), &p.stats.Positions, func() (int, error) { return p.api.Move(ctx, ps) })
	})
}

// batch counts what was taken and what was refused; a batch that was refused
// whole is not sent again.
func (p *player) batch(n int, count *int, send func() (int, error)) error {
	if n == 0 {
		return nil
	}
	accepted, err := send()
	if err != nil && !cityapi.IsRefused(err, http.StatusUnprocessableEntity) {
		return err
	}
	if accepted < n {
		p.Log.Debug("some of a batch was refused", "sent", n, "accepted", accepted, "error", err)
	}
	*count += accepted
	p.stats.Refused += n - accepted
	return nil
}

func (p *player) report(ctx context.Context, key string, it *item) error {
	_, err := p.api.Report(ctx, key, it.incident)
	switch {
	case err == nil:
		p.stats.Incidents++
	case cityapi.IsRefused(err, http.StatusBadRequest):
		p.stats.Refused++
		p.Log.Debug("a report was refused", "error", err)
	default:
		return err
	}
	return nil
}

// insist repeats what a server that is away did not take. A refusal that would
// be the same again ends it.
func (p *player) insist(ctx context.Context, what string, do func() error) error {
	for said := false; ; said = true {
		err := do()
		var no *cityapi.Refused
		if err == nil || ctx.Err() != nil || errors.As(err, &no) && no.Status < 500 && no.Status != http.StatusTooManyRequests {
			return err
		}
		if !said {
			p.Log.Info("waiting for the server 等待服务就绪", "to", what, "error", err)
		}
		if err := wait(ctx, time.Now().Add(time.Second)); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, until time.Time) error {
	t := time.NewTimer(time.Until(until))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
