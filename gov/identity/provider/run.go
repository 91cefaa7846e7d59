package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// again is how long after a trouble the database is asked anew.
	again = 500 * time.Millisecond
	// tidyEvery is how often keys are looked after and what is over is forgotten.
	tidyEvery = time.Minute
	// grantedKept is how long what is over is kept, for logouts that come late.
	grantedKept = 30 * day
)

// Run renews keys, forgets what is over and follows what other nodes change,
// until ctx ends.
func (p *Provider) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := p.follow(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("the provider's changes cannot be followed, trying again", "error", err)
		}
		// What was told meanwhile is not known.
		p.live.forget()
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
	return ctx.Err()
}

func (p *Provider) follow(ctx context.Context) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen for the provider's changes: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "listen provider"); err != nil {
		return fmt.Errorf("listen for the provider's changes: %w", err)
	}
	defer func() {
		// The connection goes back to the pool; an error means it is closed.
		_, _ = conn.Exec(context.WithoutCancel(ctx), "unlisten provider")
	}()
	p.live.forget()
	p.keys.stale()
	p.watchers.Tell()
	for {
		if err := p.tidy(ctx); err != nil {
			return err
		}
		for next := time.Now().Add(tidyEvery); time.Now().Before(next); {
			timed, cancel := context.WithDeadline(ctx, next)
			note, err := conn.Conn().WaitForNotification(timed)
			cancel()
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(err, context.DeadlineExceeded):
			case err != nil:
				return fmt.Errorf("wait for the provider's changes: %w", err)
			case note.Payload == "signing_key":
				p.keys.stale()
			default:
				p.live.forget()
				p.watchers.Tell()
			}
		}
	}
}

// Watch calls fn after every change that may have ended access tokens, in
// Run's goroutine, until stop is called: open sockets then ask Verify again.
// What ends by time alone, or with a session, is not told here.
func (p *Provider) Watch(fn func()) (stop func()) { return p.watchers.Add(fn) }

// tidy makes the next key in time and forgets what is over.
func (p *Provider) tidy(ctx context.Context) error {
	if _, err := p.signer(ctx); err != nil {
		return err
	}
	now := p.now()
	batch := &pgx.Batch{}
	batch.Queue(`delete from provider.request where until < $1`, now.Add(-requestKept))
	batch.Queue(`delete from provider.request where until < $1 and code is null`, now)
	batch.Queue(`delete from provider.granted where until < $1`, now.Add(-grantedKept))
	batch.Queue(`delete from provider.granted where subject like 'app:%' and until < $1`, now.Add(-time.Hour))
	batch.Queue(`delete from provider.secret where until < $1`, now)
	batch.Queue(`delete from provider.upstream where until < $1`, now)
	batch.Queue(`delete from provider.signing_key where gone < $1`, now.Add(-keyKept))
	if err := p.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("forget what is over: %w", err)
	}
	return nil
}
