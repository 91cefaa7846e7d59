package exchange

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lookEvery is how soon deliveries are seen that another process has queued.
	lookEvery = 500 * time.Millisecond
	// reloadEvery is how soon a change of a partner by another process is seen.
	reloadEvery = 5 * time.Second
	cleanEvery  = time.Hour
)

func (s *Service) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends, and then waits for what is under way. Each partner
// has a goroutine of its own while something is due to it.
func (s *Service) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	busy := map[string]bool{}
	var mu sync.Mutex
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	reload := time.NewTicker(reloadEvery)
	defer reload.Stop()
	clean := time.NewTicker(cleanEvery)
	defer clean.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-reload.C:
			s.complain(ctx, s.reload(ctx))
			continue
		case <-clean.C:
			s.complain(ctx, s.clean(ctx))
			continue
		case <-look.C:
		case <-s.wake:
		}
		partners, err := s.withWork(ctx)
		s.complain(ctx, err)
		for _, p := range partners {
			mu.Lock()
			already := busy[p]
			busy[p] = true
			mu.Unlock()
			if already {
				continue
			}
			work.Go(func() {
				defer func() {
					mu.Lock()
					delete(busy, p)
					mu.Unlock()
				}()
				if _, err := s.SendDue(ctx, p); err != nil {
					s.complain(ctx, err)
					return
				}
				s.complain(ctx, s.AskDue(ctx, p))
			})
		}
	}
}

func (s *Service) complain(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		s.o.Log.Error("the exchange with partners is in trouble", "error", err)
	}
}

// withWork are the partners that something is due to.
func (s *Service) withWork(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `
		select id from exchange.partner p where is_on and (
			exists (select from exchange.delivery d where d.partner = p.id and d.state = 'waiting' and d.next <= $1)
			or exists (select from exchange.handed h where h.partner = p.id and h.next <= $1))`, s.now())
	if err != nil {
		return nil, fmt.Errorf("look for what is due to partners: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for what is due to partners: %w", err)
	}
	return out, nil
}

// clean forgets what is old: deliveries that were sent, messages that came in,
// secrets that hold no more.
func (s *Service) clean(ctx context.Context) error {
	now := s.now()
	for _, sql := range []string{
		`delete from exchange.delivery d where state = 'sent' and made < $1
			and not exists (select from exchange.handed h where h.delivery = d.id and h.next is not null)`,
		`delete from exchange.received where at < $1`,
		`delete from exchange.secret where until < $1`,
	} {
		if _, err := s.pool.Exec(ctx, sql, now.Add(-s.o.Keep)); err != nil {
			return fmt.Errorf("clean up the exchange: %w", err)
		}
	}
	return nil
}
