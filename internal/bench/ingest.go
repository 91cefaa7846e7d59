package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"onecity/cim"

	"golang.org/x/sync/errgroup"
)

// Ingest measures how many observations a second the program takes in over HTTP,
// all the way: answered (and so durable), folded into the model, and in the
// history. 8 senders post batches of 400 observations as fast as they are
// answered; the clock stops when the last of them is in PostgreSQL.
func Ingest(ctx context.Context, e *Env) ([]Figure, error) {
	s, err := newServer(e, "kunshan")
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	const senders, perBatch = 8, 100 // devices; 4 observations each
	ds := devices(senders * 6 * perBatch)
	if _, err := s.register(ctx, ds); err != nil {
		return nil, err
	}
	lasting := e.lasting(30 * time.Second)
	e.Log("ingest: %d senders post batches of %d for %s", senders, perBatch*len(streamsOf), lasting)

	var sent atomic.Int64
	began, before := time.Now(), s.used()
	rounds := make([]int, senders)
	group, gctx := errgroup.WithContext(ctx)
	for i := range senders {
		group.Go(func() error {
			own := ds[i*6*perBatch : (i+1)*6*perBatch]
			var body []byte
			// A time of its own for each round, so that nothing is a repeat.
			for n := 0; time.Since(began) < lasting; n++ {
				at := began.Add(time.Duration(n) * time.Millisecond)
				part := own[n%6*perBatch:][:perBatch]
				body = batch(body, part, at, float64(n%500)/10)
				var answer struct{ Accepted, Rejected int }
				if err := s.post(gctx, "/api/v1/observations", body, &answer); err != nil {
					return err
				}
				if answer.Accepted != perBatch*len(streamsOf) {
					return fmt.Errorf("%d of %d were accepted", answer.Accepted, perBatch*len(streamsOf))
				}
				sent.Add(int64(answer.Accepted))
				rounds[i] = n + 1
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("post observations: %w", err)
	}
	answered := time.Since(began)
	if err := s.caughtUp(ctx); err != nil {
		return nil, err
	}
	folded := time.Since(began)
	if err := s.recorded(ctx, ds, rounds, perBatch, began); err != nil {
		return nil, err
	}
	recorded := time.Since(began)
	n := float64(sent.Load())
	spent := s.used().since(before).per(n, "observation")
	return []Figure{
		{What: "sustained ingest over HTTP, durable, folded and in history", Unit: "observations/s", Target: 20_000, AtLeast: true, Reached: n / recorded.Seconds(),
			Note: fmt.Sprintf("%s observations in batches of %d from %d senders, to the commit of the last; %s", number(n), perBatch*len(streamsOf), senders, spent)},
		{What: "— answered", Unit: "observations/s", Reached: n / answered.Seconds(), AtLeast: true},
		{What: "— the model behind the last answer", Unit: "ms", Reached: float64((folded - answered).Milliseconds())},
		{What: "— the history behind the last answer", Unit: "ms", Reached: float64((recorded - answered).Milliseconds())},
	}, nil
}

// recorded waits until the history holds each sender's last round, and counts
// the rounds of a device of each.
func (s *server) recorded(ctx context.Context, ds []cim.Device, rounds []int, perBatch int, began time.Time) error {
	for i, n := range rounds {
		if n == 0 {
			return errors.New("a sender sent nothing")
		}
		part := (n - 1) % 6
		d := ds[i*6*perBatch+part*perBatch]
		want := (n-1-part)/6 + 1 // rounds that the device was in
		q := url.Values{"property": {"pm2_5"}, "step": {"604800"},
			"from": {began.Add(-time.Hour).UTC().Format(time.RFC3339)}, "to": {time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}}
		var got uint64
		err := until(ctx, 5*time.Minute, "the history has the last observation", func() (bool, error) {
			var series struct {
				Points []struct{ Count uint64 }
			}
			if err := s.get(ctx, "/api/v1/devices/"+d.ID+"/history?"+q.Encode(), &series); err != nil {
				return false, err
			}
			got = 0
			for _, p := range series.Points {
				got += p.Count
			}
			return got >= uint64(want), nil
		})
		if err != nil {
			return fmt.Errorf("%w: device %s has %d of %d", err, d.ID, got, want)
		}
		if got != uint64(want) {
			return fmt.Errorf("the history has %d observations of %s, %d were sent", got, d.ID, want)
		}
	}
	return nil
}
