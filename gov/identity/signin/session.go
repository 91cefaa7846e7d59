package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// live is a session in memory. Its Session does not change; seen does.
type live struct {
	Session
	seen    atomic.Int64 // Unix nanoseconds
	written atomic.Int64 // what the database has as seen
}

// touchEvery is how often the time of the last request is written at most.
const touchEvery = time.Minute

// tokenLength of a session's token: 256 bits in base64url.
var tokenLength = base64.RawURLEncoding.EncodedLen(32)

func newToken() (token string, hash [32]byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails, by its contract
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, sha256.Sum256([]byte(token))
}

// Lookup finds the session of a token, and counts as activity: at most once a
// minute it is written. A session that waits for something (Pending) is found
// too: see to it that it serves for nothing else. ErrEnded.
func (s *Service) Lookup(ctx context.Context, token string) (Session, error) {
	if len(token) != tokenLength {
		return Session{}, ErrEnded
	}
	hash := sha256.Sum256([]byte(token))
	now := s.now()
	if l, ok := s.sessions.hash(hash); ok && s.valid(l, now) {
		s.touch(ctx, l, now)
		return l.as(), nil
	}
	// Not in memory, or idle for as long as this node knows: another may have
	// heard of it.
	l, err := s.find(ctx, `s.hash = $1`, hash[:], func() (*live, bool) { return s.sessions.lastByHash(hash) })
	if err != nil {
		return Session{}, err
	}
	if !s.valid(l, now) {
		return Session{}, ErrEnded
	}
	s.touch(ctx, l, now)
	return l.as(), nil
}

// Alive finds a session by its ID, and is no activity: for sockets that stay
// open. ErrEnded.
func (s *Service) Alive(ctx context.Context, id string) (Session, error) {
	now := s.now()
	if l, ok := s.sessions.id(id); ok && s.valid(l, now) {
		return l.as(), nil
	}
	l, err := s.find(ctx, `s.id::text = $1`, id, func() (*live, bool) { return s.sessions.lastByID(id) })
	if err != nil {
		return Session{}, err
	}
	if !s.valid(l, now) {
		return Session{}, ErrEnded
	}
	return l.as(), nil
}

// find is load, or what was known last while the database is away.
func (s *Service) find(ctx context.Context, where string, arg any, last func() (*live, bool)) (*live, error) {
	ask := func(ctx context.Context) (*live, error) { return s.load(ctx, where, arg) }
	return orLast(ctx, ask, last, func() {
		if l, ok := last(); ok {
			s.sessions.forget(l)
		}
	})
}

func (l *live) as() Session {
	out := l.Session
	out.Seen = time.Unix(0, l.seen.Load())
	return out
}

func (s *Service) valid(l *live, now time.Time) bool {
	return now.Before(l.Until) && now.UnixNano()-l.seen.Load() < int64(s.policy.Load().Idle)
}

// touch notes that the session was used now.
func (s *Service) touch(ctx context.Context, l *live, now time.Time) {
	at := now.UnixNano()
	l.seen.Store(at)
	was := l.written.Load()
	if at-was < int64(touchEvery) || !l.written.CompareAndSwap(was, at) {
		return
	}
	if _, err := s.pool.Exec(ctx, `update signin.session set seen = greatest(seen, $2) where hash = $1`, l.hash[:], now); err != nil {
		// The session is good all the same; the next request tries again.
		l.written.CompareAndSwap(at, was)
		s.log.Debug("the time of a request was not written", "error", err)
	}
}

const sessionColumns = `s.id::text, s.hash, s.person::text, s."from", s.agent, s.since, s.seen, s.until, s.strong, s.pending`

func scanSession(row pgx.CollectableRow) (Session, error) {
	var out Session
	var hash []byte
	err := row.Scan(&out.ID, &hash, &out.Person, &out.From, &out.Agent, &out.Since, &out.Seen, &out.Until, &out.Strong, &out.Pending)
	copy(out.hash[:], hash)
	return out, err
}

// load reads a session of somebody who may sign in, and keeps it in memory.
func (s *Service) load(ctx context.Context, where string, arg any) (*live, error) {
	age := s.sessions.now()
	rows, err := s.pool.Query(ctx, `select `+sessionColumns+` from signin.session s join identity.person p on p.id = s.person
		where p.state = 'active' and `+where, arg)
	if err != nil {
		return nil, fmt.Errorf("find the session: %w", err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanSession)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrEnded
	}
	if err != nil {
		return nil, fmt.Errorf("find the session: %w", err)
	}
	l := &live{Session: out}
	l.seen.Store(out.Seen.UnixNano())
	l.written.Store(out.Seen.UnixNano())
	s.sessions.put(l, age)
	return l, nil
}

// open makes a session of an account that has just shown who it is.
func (s *Service) open(ctx context.Context, tx pgx.Tx, a account, from, agent string, strong bool) (Session, string, error) {
	// One at a time of a person, for the limit below.
	if _, err := tx.Exec(ctx, `select from identity.person where id = $1::uuid for no key update`, a.id); err != nil {
		return Session{}, "", fmt.Errorf("begin the session: %w", err)
	}
	p, now := s.policy.Load(), s.now().Truncate(time.Microsecond)
	token, hash := newToken()
	out := Session{Person: a.id, From: text(from, 100), Agent: text(agent, 200), Since: now, Seen: now, Strong: strong, Pending: s.next(a, strong), hash: hash}
	out.Until = now.Add(lasts(out, p))
	err := tx.QueryRow(ctx, `insert into signin.session (hash, person, "from", agent, since, seen, until, strong, pending)
		values ($1, $2::uuid, $3, $4, $5, $5, $6, $7, $8) returning id::text`,
		hash[:], out.Person, out.From, out.Agent, now, out.Until, strong, out.Pending).Scan(&out.ID)
	if err != nil {
		return Session{}, "", fmt.Errorf("begin the session: %w", err)
	}
	_, err = tx.Exec(ctx, `delete from signin.session where id in (
		select id from signin.session where person = $1::uuid order by since desc, (id::text = $3) desc offset $2)`, a.id, p.Sessions, out.ID)
	if err != nil {
		return Session{}, "", fmt.Errorf("end the oldest sessions: %w", err)
	}
	return out, token, nil
}

func lasts(at Session, p *Policy) time.Duration {
	if at.Pending != "" {
		return p.Pending
	}
	return p.Absolute
}

// step brings a session on to what is next for the account, under a new token:
// who knew the one before has nothing. Whoever steps first, steps alone.
func (s *Service) step(ctx context.Context, tx pgx.Tx, at Session, a account, strong bool) (Session, string, error) {
	token, hash := newToken()
	out := at
	out.hash, out.Strong, out.Pending, out.Seen = hash, at.Strong || strong, s.next(a, at.Strong || strong), s.now().Truncate(time.Microsecond)
	switch {
	case out.Pending == "":
		out.Until = at.Since.Add(s.policy.Load().Absolute)
	case at.Pending == "":
		out.Until = out.Seen.Add(s.policy.Load().Pending)
	}
	tag, err := tx.Exec(ctx, `update signin.session set hash = $2, strong = $3, pending = $4, until = $5, seen = $6 where hash = $1`,
		at.hash[:], hash[:], out.Strong, out.Pending, out.Until, out.Seen)
	if err != nil {
		return Session{}, "", fmt.Errorf("renew the session: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return Session{}, "", ErrEnded
	}
	return out, token, nil
}

// endOthers ends a person's sessions but one; id "" is all of them.
func endOthers(ctx context.Context, tx pgx.Tx, person, id string) error {
	_, err := tx.Exec(ctx, `delete from signin.session where person = $1::uuid and id::text <> $2`, person, id)
	if err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	return nil
}

// text makes what a stranger sent fit for the database.
func text(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}
