package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// Approve answers a request: this person is signed in, in this session of
// ours, since authTime, in the ways amr (RFC 8176: Password, OTP, Passkey;
// Multi when it was with a second factor). The answer is where the browser
// goes: back to the application, with a code, or with an OAuth error where the
// person may not use it. ErrAgain when another sign-in is needed; the request
// stays open.
func (p *Provider) Approve(ctx context.Context, id, subject, session string, authTime time.Time, amr []string) (redirectURL string, err error) {
	if session == "" {
		return "", errors.New("approve a sign-in: a session is needed, with which it ends")
	}
	if amr == nil {
		amr = []string{}
	}
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		r, err := p.open(ctx, tx, id, "for update of r")
		if err != nil {
			return err
		}
		if !fits(r.Request, subject, authTime, amr) {
			return ErrAgain
		}
		why, err := p.mayUse(ctx, tx, r.App, subject)
		if err != nil {
			return err
		}
		e := audit.Entry{Actor: subject, Session: session, Action: "identity.oidc.signin", Object: "app:" + r.App,
			Detail: told(map[string]any{"state": r.State, "scopes": r.Scopes, "amr": amr, "reason": why})}
		if why != "" {
			e.Outcome = audit.Refused
			redirectURL, err = p.answerNo(ctx, tx, r, AccessDenied, why)
			return errors.Join(err, p.write(ctx, tx, r.App, e))
		}
		code := random()
		now := p.now()
		_, err = tx.Exec(ctx, `update provider.request set answered = $2, subject = $3, session = $4, auth_time = $5, amr = $6, code = $7, code_until = $8 where id = $1`,
			r.ID, now, subject, session, authTime, amr, digest(code), now.Add(codeFor))
		if err != nil {
			return err
		}
		redirectURL, err = backTo(r, url.Values{"code": {code}})
		return errors.Join(err, p.write(ctx, tx, r.App, e))
	})
	if err != nil {
		return "", fmt.Errorf("approve a sign-in: %w", err)
	}
	return redirectURL, nil
}

// fits reports whether a sign-in is what the application asks for.
func fits(r Request, subject string, authTime time.Time, amr []string) bool {
	if r.Subject != "" && r.Subject != subject {
		return false
	}
	if !r.After.IsZero() && authTime.Before(r.After) {
		return false
	}
	return !r.Strong || acrOf(amr) == TwoFactors
}

// mayUse tells why a person may not use an application; "" when they may:
// whoever works for the city uses those that are live, and the people of its
// owner those that are drafted and tested.
func (p *Provider) mayUse(ctx context.Context, tx pgx.Tx, app, subject string) (why string, err error) {
	id, ok := strings.CutPrefix(subject, "person:")
	if !ok {
		return "no person", nil
	}
	var state, owner, path, person string
	err = tx.QueryRow(ctx, `select a.state, o.path, po.path, pe.state
		from provider.app a join identity.org o on o.id = a.org, identity.person pe join identity.org po on po.id = pe.org
		where a.id = $1 and pe.id::text = $2`, app, id).Scan(&state, &owner, &path, &person)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "no such person", nil
	case err != nil:
		return "", fmt.Errorf("ask whether %s may use %s: %w", subject, app, err)
	case person != "active":
		return "the person is " + person, nil
	case state == Live:
		return "", nil
	case !usable(state):
		return "the application is " + state, nil
	case !strings.HasPrefix(path, owner):
		return "only people of the owner may test the application", nil
	}
	return "", nil
}

// Deny answers a request with no; why is AccessDenied or LoginRequired.
func (p *Provider) Deny(ctx context.Context, id string, why Denial) (redirectURL string, err error) {
	if !slices.Contains([]Denial{AccessDenied, LoginRequired}, why) {
		return "", fmt.Errorf("deny a sign-in: there is no denial %q", why)
	}
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		r, err := p.open(ctx, tx, id, "for update of r")
		if err != nil {
			return err
		}
		redirectURL, err = p.answerNo(ctx, tx, r, why, "")
		if err != nil || why == LoginRequired { // nobody has done anything
			return err
		}
		return p.write(ctx, tx, r.App, audit.Entry{Actor: "app:" + r.App, Action: "identity.oidc.signin", Object: "app:" + r.App,
			Outcome: audit.Refused, Detail: told(map[string]any{"reason": "the person does not want to"})})
	})
	if err != nil {
		return "", fmt.Errorf("deny a sign-in: %w", err)
	}
	return redirectURL, nil
}

func (p *Provider) answerNo(ctx context.Context, tx pgx.Tx, r *authRequest, why Denial, description string) (string, error) {
	if _, err := tx.Exec(ctx, `update provider.request set answered = $2 where id = $1`, r.ID, p.now()); err != nil {
		return "", err
	}
	q := url.Values{"error": {string(why)}}
	if description != "" {
		q.Set("error_description", description)
	}
	return backTo(r, q)
}

// backTo is the application's redirect address with an answer.
func backTo(r *authRequest, answer url.Values) (string, error) {
	u, err := url.Parse(r.redirect)
	if err != nil {
		return "", fmt.Errorf("read the redirect address of %s: %w", r.App, err)
	}
	if r.state != "" {
		answer.Set("state", r.state)
	}
	if u.RawQuery != "" { // what is registered stays as it is
		u.RawQuery += "&"
	}
	u.RawQuery += answer.Encode()
	return u.String(), nil
}
