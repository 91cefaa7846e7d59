package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// When an attempt is made again: after firstPause, each time three times as
// long, at most mostPause, give or take a fifth; until giveUp has passed since
// the first attempt.
const (
	firstPause = 5 * time.Second
	mostPause  = 6 * time.Hour
	giveUp     = 24 * time.Hour
)

// pause is how long to wait after so many attempts.
func pause(attempts int, jitter float64) time.Duration {
	d := firstPause
	for i := 1; i < attempts && d < mostPause; i++ {
		d *= 3
	}
	return time.Duration(float64(min(d, mostPause)) * (0.8 + 0.4*jitter))
}

// due is a delivery to be tried.
type due struct {
	ID       string
	Type     string
	Object   string
	Body     []byte
	Attempts int // this one counted
	First    time.Time
}

// claim takes a partner's next delivery that is due. While it is under way it
// counts as due again after a while: should the program be killed, the same
// message is sent again, under the same id.
func (s *Service) claim(ctx context.Context, partner string) (d due, ok bool, err error) {
	now := s.now()
	err = s.pool.QueryRow(ctx, `
		update exchange.delivery set attempts = attempts + 1, first = coalesce(first, $2), tried = $2, next = $3
		where id = (select id from exchange.delivery where partner = $1 and state = 'waiting' and next <= $2 order by next, id limit 1 for update skip locked)
		returning id::text, type, object, body, attempts, first`, partner, now, now.Add(6*s.o.Timeout)).
		Scan(&d.ID, &d.Type, &d.Object, &d.Body, &d.Attempts, &d.First)
	if errors.Is(err, pgx.ErrNoRows) {
		return due{}, false, nil
	}
	if err != nil {
		return due{}, false, fmt.Errorf("take the next delivery to %s: %w", partner, err)
	}
	return d, true, nil
}

// SendDue sends what is due to a partner, one after the other, and answers with
// how many were sent. It ends early when the partner does not answer: the next
// would not get through either.
func (s *Service) SendDue(ctx context.Context, partner string) (sent int, err error) {
	for ctx.Err() == nil {
		k, ok := s.known.get(partner)
		if !ok || !k.On {
			return sent, nil
		}
		d, some, err := s.claim(ctx, partner)
		if err != nil || !some {
			return sent, err
		}
		a, trouble := s.attempt(ctx, k, d)
		if ctx.Err() != nil {
			return sent, nil // cut off by our own end: whether it came through is not known, it is sent again
		}
		if err := s.mark(ctx, k, d, a, trouble); err != nil {
			return sent, err
		}
		if trouble == nil {
			sent++
		} else if a.status == 0 || a.status >= 500 || a.status == http.StatusTooManyRequests {
			return sent, nil
		}
	}
	return sent, nil
}

// attempt sends one delivery.
func (s *Service) attempt(ctx context.Context, k known, d due) (answer, error) {
	if d.Type == Open311 {
		return s.handOver(ctx, k, d)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, k.URL, bytes.NewReader(d.Body))
	if err != nil {
		return answer{}, err
	}
	secrets := k.good(s.now())
	if len(secrets) == 0 {
		return answer{}, errors.New("there is no secret to sign with: give the partner a new one")
	}
	r.Header.Set("Content-Type", eventMedia+"; charset=utf-8")
	if err := sign(r.Header, secrets, d.ID, s.now(), d.Body); err != nil {
		return answer{}, err
	}
	return s.exchange(ctx, r)
}

// mark writes down how an attempt went.
func (s *Service) mark(ctx context.Context, k known, d due, a answer, trouble error) error {
	now := s.now()
	if trouble == nil {
		_, err := s.pool.Exec(ctx, `update exchange.delivery set state = 'sent', sent = $2, next = null, status = $3, millis = $4, error = '' where id = $1`,
			d.ID, now, a.status, a.took.Milliseconds())
		if err != nil {
			return fmt.Errorf("mark %s as sent: %w", d.ID, err)
		}
		return nil
	}
	state, next := Waiting, now.Add(max(pause(d.Attempts, rand.Float64()), after(a.retry)))
	why := trouble.Error()
	switch {
	case a.status == http.StatusGone: // Standard Webhooks: the receiver wants no more
		state = Dead
	case next.After(d.First.Add(giveUp)):
		state, why = Dead, fmt.Sprintf("%d attempts in %s; the last: %s", d.Attempts, now.Sub(d.First).Round(time.Minute), why)
	}
	s.o.Log.Warn("a delivery to a partner failed", "partner", k.ID, "delivery", d.ID, "attempt", d.Attempts, "state", state, "error", trouble)
	var then *time.Time
	if state == Waiting {
		then = &next
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update exchange.delivery set state = $2, next = $3, status = $4, millis = $5, error = $6 where id = $1`,
			d.ID, state, then, a.status, a.took.Milliseconds(), fmt.Sprintf("%.500s", printable([]byte(why))))
		if err != nil || a.status != http.StatusGone {
			return err
		}
		return s.switchOff(ctx, tx, k.Partner, "对方应答 410：不再接收 / it answered 410: it wants no more")
	})
	if err != nil {
		return fmt.Errorf("mark %s as failed: %w", d.ID, err)
	}
	if a.status == http.StatusGone {
		return s.reload(ctx)
	}
	return nil
}

// after reads Retry-After in seconds, at most an hour.
func after(retry string) time.Duration {
	n, err := strconv.Atoi(retry)
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, time.Hour)
}

// switchOff is what the program does by itself.
func (s *Service) switchOff(ctx context.Context, tx pgx.Tx, p Partner, why string) error {
	after := p
	after.On, after.Off = false, why
	_, err := tx.Exec(ctx, `update exchange.partner set is_on = false, off = $2, version = version + 1, updated = $3 where id = $1`, p.ID, why, s.now())
	if err != nil {
		return err
	}
	return s.changed(ctx, tx, system(), why, "incident.partner", &p, &after)
}

// Test queues a message that says nothing but that the line works.
func (s *Service) test(at time.Time) (json.RawMessage, error) {
	return json.Marshal(map[string]any{"text": "测试 This is a test", "time": at})
}
