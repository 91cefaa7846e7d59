package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// checkEvery is how often the connection that tells of changes is tried:
	// what is in memory may be wrong for so long when the line is cut.
	checkEvery = 10 * time.Second
	// sweepEvery is how often what is over is taken out of the database.
	sweepEvery = time.Minute
	// gather is how long to wait for more sessions that end together.
	gather = 20 * time.Millisecond
)

// Watch calls fn soon after some sessions have ended, on whatever node, in
// Run's goroutine, until stop is called: the hub then asks Alive of each.
func (s *Service) Watch(fn func()) (stop func()) { return s.watchers.Add(fn) }

// Run follows what any node changes, and takes out what is over, until ctx
// ends. While the database does not tell of changes, every request asks it; while
// it does not answer either, what was known last serves (lastServes).
func (s *Service) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := s.follow(ctx)
		s.remember(false)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("changes of sessions cannot be followed, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return ctx.Err()
}

// remember turns what is kept in memory on or off, empty.
func (s *Service) remember(on bool) {
	s.sessions.turn(on)
	s.tokens.turn(on)
}

func (s *Service) follow(ctx context.Context) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("listen for changes of sessions: %w", err)
	}
	defer release(ctx, conn)
	if _, err := conn.Exec(ctx, "listen signin; listen identity"); err != nil {
		return fmt.Errorf("listen for changes of sessions: %w", err)
	}
	// After listening, so that no change falls between.
	if err := s.readPolicy(ctx); err != nil {
		return err
	}
	s.remember(true)
	s.watchers.Tell()          // what ended while nobody listened
	var swept, since time.Time // since: the first session that ended and was not told of
	wait, ended, people, rights := checkEvery, false, true, true
	for {
		if ended && time.Since(since) > 10*gather {
			ended = false
			s.watchers.Tell()
		}
		if people {
			if err := s.endUnfit(ctx); err != nil {
				return err
			}
			people = false
		}
		if due := time.Since(swept) >= sweepEvery; due || rights { // a binding may begin with time alone
			if err := s.askMore(ctx); err != nil {
				return err
			}
			rights = false
		}
		if time.Since(swept) >= sweepEvery {
			if err := s.sweep(ctx); err != nil {
				return err
			}
			swept = time.Now()
		}
		timed, cancel := context.WithTimeout(ctx, wait)
		n, err := conn.Conn().WaitForNotification(timed)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && n.Channel == "identity":
			people = people || n.Payload == "person"
			rights = rights || n.Payload != "person"
		case err == nil:
			over, err := s.hear(ctx, n.Payload)
			if err != nil {
				return err
			}
			rights = rights || strings.HasPrefix(n.Payload, "pol:")
			if over && !ended {
				ended, since = true, time.Now()
			}
		case !errors.Is(err, context.DeadlineExceeded):
			return fmt.Errorf("wait for changes of sessions: %w", err)
		case ended: // and no more came
			ended = false
			s.watchers.Tell()
		default:
			if err := alive(ctx, conn); err != nil {
				return err
			}
		}
		if wait = checkEvery; ended {
			wait = gather
		}
	}
}

// release gives the connection back without its ears.
func release(ctx context.Context, conn *pgxpool.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	// An error means that it is closed, and the pool throws it away.
	_, _ = conn.Exec(ctx, "unlisten *")
	conn.Release()
}

func alive(ctx context.Context, conn *pgxpool.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, checkEvery/2)
	defer cancel()
	if err := conn.Ping(ctx); err != nil {
		return fmt.Errorf("the line that tells of changes is dead: %w", err)
	}
	return nil
}

// hear drops what a notification says has changed; over: a session has ended.
func (s *Service) hear(ctx context.Context, payload string) (over bool, err error) {
	kind, what, _ := strings.Cut(payload, ":")
	switch kind {
	case "end", "new":
		hash, err := hex.DecodeString(what)
		if err != nil || len(hash) != 32 {
			return false, fmt.Errorf("a notification says %q", payload)
		}
		s.sessions.drop([32]byte(hash))
		return kind == "end", nil
	case "tok":
		s.tokens.drop(what)
	case "pol":
		return false, s.readPolicy(ctx)
	}
	return false, nil
}

// sweep takes out what is over.
func (s *Service) sweep(ctx context.Context) error {
	now := s.now()
	batch := &pgx.Batch{}
	batch.Queue(`delete from signin.session where until <= $1 or seen <= $2`, now, now.Add(-s.policy.Load().Idle-touchEvery))
	batch.Queue(`delete from signin.ceremony where expires <= $1`, now)
	batch.Queue(`delete from signin.attempt where last <= $1 and (until is null or until <= $2)`, now.Add(-forget), now)
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("take out what is over: %w", err)
	}
	return nil
}
