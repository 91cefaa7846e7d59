package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// believed is how long an answer about a grant is used without asking
	// again: what ends a token is seen within a second though nobody tells.
	believed = 900 * time.Millisecond
	// maxBelieved bounds the answers that are kept.
	maxBelieved = 20_000
)

// standing is a grant with what its application was when it was asked.
type standing struct {
	granted
	state string // of the application
	asked time.Time
}

// lives are the answers of the last moments.
type lives struct {
	mu    sync.Mutex
	known map[string]standing
	// age counts what was told: an answer that was asked for before is not kept.
	age uint64
}

func (l *lives) get(id string, now time.Time) (s standing, ok bool, age uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok = l.known[id]
	d := now.Sub(s.asked)
	return s, ok && d >= 0 && d < believed, l.age
}

func (l *lives) put(id string, s standing, age uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if age != l.age {
		return
	}
	if l.known == nil || len(l.known) >= maxBelieved {
		l.known = map[string]standing{}
	}
	l.known[id] = s
}

// forget makes the next question ask the database.
func (l *lives) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = nil
	l.age++
}

// alive finds a grant whose person, session and application are still live;
// else ErrToken.
func (p *Provider) alive(ctx context.Context, id string) (standing, error) {
	now := p.now()
	s, ok, age := p.live.get(id, now)
	if ok {
		return s, nil
	}
	if _, err := uuid.Parse(id); err != nil {
		return standing{}, ErrToken
	}
	err := p.pool.QueryRow(ctx, `select g.id::text, g.app, g.subject, g.session, g.auth_time, g.amr, g.scopes, g.until, a.state
		from provider.granted g join provider.app a on a.id = g.app
		where g.id = $1 and g.ended is null and g.until > $2
		and (g.subject like 'app:%' or exists (select from identity.person p where 'person:' || p.id = g.subject and p.state = 'active'))`, id, now).
		Scan(&s.ID, &s.App, &s.Subject, &s.Session, &s.AuthTime, &s.AMR, &s.Scopes, &s.Until, &s.state)
	if errors.Is(err, pgx.ErrNoRows) {
		return standing{}, ErrToken
	}
	if err != nil {
		return standing{}, fmt.Errorf("ask whether a token is live: %w", err)
	}
	if !usable(s.state) {
		return standing{}, ErrToken
	}
	if s.Session != "" && p.o.Live != nil {
		ok, err := p.o.Live(ctx, s.Session)
		if err != nil {
			return standing{}, fmt.Errorf("ask whether a session is live: %w", err)
		}
		if !ok {
			return standing{}, ErrToken
		}
	}
	s.asked = now
	p.live.put(id, s, age)
	return s, nil
}

// access is a live access token, for whomever it may be.
func (p *Provider) access(ctx context.Context, bearer string) (Access, standing, error) {
	c, err := p.read(ctx, bearer)
	if err != nil {
		return Access{}, standing{}, err
	}
	s, err := p.alive(ctx, c.family)
	if err != nil {
		return Access{}, standing{}, err
	}
	if s.Subject != c.subject || s.App != c.app {
		return Access{}, standing{}, ErrToken
	}
	a := Access{Subject: s.Subject, App: s.App, Session: s.Session, AMR: s.AMR, Until: c.until}
	for _, scope := range c.scopes {
		if slices.Contains(s.Scopes, scope) {
			a.Scopes = append(a.Scopes, scope)
		}
	}
	return a, s, nil
}

// Verify tells whose access token this is, for our own API: ErrToken, or
// ErrScope when it was not given for that.
func (p *Provider) Verify(ctx context.Context, bearer string) (subject string, err error) {
	a, err := p.Token(ctx, bearer)
	return a.Subject, err
}

// Token is Verify with all that is known of the token.
func (p *Provider) Token(ctx context.Context, bearer string) (Access, error) {
	a, s, err := p.access(ctx, bearer)
	if err != nil {
		return Access{}, err
	}
	// For what is not live yet nobody answers, and a person is not asked before
	// an application gets a token: with a draft, whoever may write one would act
	// here as anyone of the owner's people that follows a link.
	if !slices.Contains(a.Scopes, ScopeAPI) || s.state != Live {
		return Access{}, ErrScope
	}
	return a, nil
}
