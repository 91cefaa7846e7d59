package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"

	"encoding/base32"

	"github.com/jackc/pgx/v5"
)

// The tokens of programs: "oc_" + id (80 bits) + "_" + secret (256 bits), in
// small letters and digits, so that a double click takes the whole.
const tokenPrefix = "oc_"

var (
	base32Small   = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	tokenIDSize   = base32Small.EncodedLen(10)
	secretTextLen = base32Small.EncodedLen(32)
)

// pass is a token in memory.
type pass struct {
	Token
	hash    [32]byte
	written atomic.Int64 // Unix nanoseconds of the use that the database has
}

// parseToken takes a token apart; ok is false when it is none.
func parseToken(token string) (id string, hash [32]byte, ok bool) {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(rest) != tokenIDSize+1+secretTextLen || rest[tokenIDSize] != '_' {
		return "", hash, false
	}
	id, secret := rest[:tokenIDSize], rest[tokenIDSize+1:]
	if !small(id) || !small(secret) {
		return "", hash, false
	}
	return id, sha256.Sum256([]byte(secret)), true
}

func small(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

func randomText(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // never fails, by its contract
	return base32Small.EncodeToString(raw)
}

// Check says which subject a token is of. ErrEnded.
func (s *Service) Check(ctx context.Context, token string) (subject string, err error) {
	id, hash, ok := parseToken(token)
	if !ok {
		return "", ErrEnded
	}
	p, ok := s.tokens.get(id)
	if !ok {
		ask := func(ctx context.Context) (*pass, error) { return s.loadToken(ctx, id) }
		last := func() (*pass, bool) { return s.tokens.last(id) }
		if p, err = orLast(ctx, ask, last, func() { s.tokens.forget(id) }); err != nil {
			return "", err
		}
	}
	now := s.now()
	if subtle.ConstantTimeCompare(p.hash[:], hash[:]) != 1 || p.Revoked != nil || p.Expires != nil && !now.Before(*p.Expires) {
		return "", ErrEnded
	}
	at, was := now.UnixNano(), p.written.Load()
	if at-was >= int64(touchEvery) && p.written.CompareAndSwap(was, at) {
		if _, err := s.pool.Exec(ctx, `update signin.token set used = greatest(used, $2) where id = $1`, id, now); err != nil {
			p.written.CompareAndSwap(at, was)
			s.log.Debug("the use of a token was not written", "token", id, "error", err)
		}
	}
	return p.Subject, nil
}

const tokenColumns = `id, subject, name, by, made, used, expires, revoked`

func (s *Service) loadToken(ctx context.Context, id string) (*pass, error) {
	age := s.tokens.now()
	p := &pass{}
	t := &p.Token
	var hash []byte
	err := s.pool.QueryRow(ctx, `select `+tokenColumns+`, hash from signin.token where id = $1`, id).
		Scan(&t.ID, &t.Subject, &t.Name, &t.By, &t.Made, &t.Used, &t.Expires, &t.Revoked, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrEnded
	}
	if err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	copy(p.hash[:], hash)
	if t.Used != nil {
		p.written.Store(t.Used.UnixNano())
	}
	s.tokens.put(id, p, age)
	return p, nil
}

// Issue makes a token of t.Subject ("app:…") for the program t.Name, until
// t.Expires if there is one; secret is the whole token, to be shown once. Who
// issues must be able to give all that the subject holds. identity.ErrRefused.
func (s *Service) Issue(ctx context.Context, by identity.By, t Token) (out Token, secret string, err error) {
	if !strings.HasPrefix(t.Subject, "app:") || t.Subject == "app:" {
		return Token{}, "", fmt.Errorf("a token is of an application, not of %q: %w", t.Subject, identity.ErrNotFound)
	}
	out = Token{ID: randomText(10), Subject: t.Subject, Name: text(t.Name, 200), By: by.Subject, Made: s.now().Truncate(time.Microsecond), Expires: t.Expires}
	e := tokenEvent(by, "signin.token.issue", out)
	if err := s.mayToken(ctx, by, e); err != nil {
		return Token{}, "", err
	}
	text := randomText(32)
	hash := sha256.Sum256([]byte(text))
	err = s.inTx(ctx, "issue a token", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into signin.token (id, hash, subject, name, by, made, expires) values ($1, $2, $3, $4, $5, $6, $7)`,
			out.ID, hash[:], out.Subject, out.Name, out.By, out.Made, out.Expires)
		if err != nil {
			return err
		}
		return s.record(ctx, tx, e)
	})
	if err != nil {
		return Token{}, "", err
	}
	return out, tokenPrefix + out.ID + "_" + text, nil
}

// Revoke makes a token void, on all nodes within a second.
// identity.ErrNotFound, identity.ErrRefused.
func (s *Service) Revoke(ctx context.Context, by identity.By, id string) error {
	p, err := s.loadToken(ctx, id)
	if errors.Is(err, ErrEnded) {
		return identity.ErrNotFound
	}
	if err != nil {
		return err
	}
	e := tokenEvent(by, "signin.token.revoke", p.Token)
	if err := s.mayToken(ctx, by, e); err != nil {
		return err
	}
	err = s.inTx(ctx, "revoke a token", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update signin.token set revoked = $2 where id = $1 and revoked is null`, id, s.now())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return s.record(ctx, tx, e)
	})
	s.tokens.drop(id)
	return err
}

// RevokeAll makes all tokens of a subject void.
func (s *Service) RevokeAll(ctx context.Context, by identity.By, subject string) error {
	if err := s.mayToken(ctx, by, tokenEvent(by, "signin.token.revoke", Token{Subject: subject})); err != nil {
		return err
	}
	all, err := s.Tokens(ctx, by, subject)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Revoked == nil {
			if err := s.Revoke(ctx, by, t.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// Tokens lists those of a subject, the newest first; "" is all that by may
// issue.
func (s *Service) Tokens(ctx context.Context, by identity.By, subject string) ([]Token, error) {
	rows, err := s.pool.Query(ctx, `select `+tokenColumns+` from signin.token where $1 in ('', subject) order by made desc, id`, subject)
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Token])
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	out, known := all[:0], map[string]bool{}
	for _, t := range all {
		may, asked := known[t.Subject]
		if !asked {
			if may, err = s.mastersApp(ctx, by, t.Subject); err != nil {
				return nil, fmt.Errorf("list the tokens: %w", err)
			}
			known[t.Subject] = may
		}
		if may {
			out = append(out, t)
		}
	}
	return out, nil
}

func (s *Service) mastersApp(ctx context.Context, by identity.By, subject string) (bool, error) {
	if by.Subject != "system" && !by.Rights.CanSomewhere(access.AppEdit) {
		return false, nil
	}
	return s.dir.MastersApp(ctx, by, subject)
}

func (s *Service) mayToken(ctx context.Context, by identity.By, e event) error {
	may, err := s.mastersApp(ctx, by, e.object)
	if err != nil || may {
		return err
	}
	err = s.inTx(ctx, e.action, func(tx pgx.Tx) error {
		return s.record(ctx, tx, e.because("the rights do not reach the application"))
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("%s of %s: %w", e.action, e.object, identity.ErrRefused)
}

func tokenEvent(by identity.By, action string, t Token) event {
	e := event{actor: by.Subject, from: by.From, session: by.Session, why: by.Why, action: action, object: t.Subject}
	return e.with(map[string]any{"token": t.ID, "name": t.Name, "expires": t.Expires})
}
