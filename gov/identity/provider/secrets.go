package provider

import (
	"context"
	"errors"
	"fmt"

	"onecity/gov/identity"

	"github.com/jackc/pgx/v5"
)

// secretPrefix makes a secret known for what it is where it should not be seen.
const secretPrefix = "ocs_"

// NewSecret gives an application a new secret, shown once. The ones before are
// taken for Options.SecretFor more, or no longer at all when cut is set.
// Who holds the secret has all that the application holds: by must be able to
// give it. *identity.FieldError when its kind has none, or it is closed.
func (p *Provider) NewSecret(ctx context.Context, by identity.By, id string, cut bool) (secret string, err error) {
	var a App
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if a, err = p.app(ctx, tx, id, "for update of a"); err != nil {
			return err
		}
		may, err := p.masters(ctx, tx, by, a)
		if err != nil {
			return err
		}
		if !may {
			return identity.ErrRefused
		}
		if !a.confidential() || a.State == Closed {
			return wrong("kind", a.Kind, "secret", "该应用没有密钥 / this application has no secret", "web, service")
		}
		until := p.now()
		if !cut {
			until = until.Add(p.o.SecretFor)
		}
		// However often it is renewed, the overlap is not made longer.
		_, err = tx.Exec(ctx, `update provider.secret set until = least(coalesce(until, $2), $2) where app = $1`, id, until)
		if err != nil {
			return err
		}
		if secret, err = p.addSecret(ctx, tx, id); err != nil {
			return err
		}
		return p.changed(ctx, tx, by, "identity.app.secret", &a, &a, map[string]any{"old_until": until})
	})
	if errors.Is(err, identity.ErrRefused) {
		return "", p.refuse(ctx, by, "identity.app.secret", a)
	}
	if err != nil {
		return "", fmt.Errorf("give the application %s a secret: %w", id, err)
	}
	return secret, nil
}

func (p *Provider) addSecret(ctx context.Context, tx pgx.Tx, app string) (string, error) {
	secret := secretPrefix + random()
	_, err := tx.Exec(ctx, `insert into provider.secret (hash, app, made) values ($1, $2, $3)`, digest(secret), app, p.now())
	return secret, err
}

// knows reports whether the secret is the application's. It is looked up by
// its digest: a comparison that tells nothing by its time.
func (p *Provider) knows(ctx context.Context, app, secret string) (ok bool, err error) {
	err = p.pool.QueryRow(ctx, `select exists (select from provider.secret where hash = $1 and app = $2 and (until is null or until > $3))`,
		digest(secret), app, p.now()).Scan(&ok)
	if err != nil {
		return false, fmt.Errorf("check the secret of the application %s: %w", app, err)
	}
	return ok, nil
}
