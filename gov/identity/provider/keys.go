package provider

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"onecity/internal/audit"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/jackc/pgx/v5"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	// keyLinger is how long after its last signature a key is still published:
	// longer than a token lives.
	keyLinger = 15 * time.Minute
	// keyKept is how long after that a key still proves who an id token is of,
	// when its bearer wants to sign out.
	keyKept = 30 * day
	// keysFresh is how long the keys are believed without asking the database.
	keysFresh = time.Minute
	// keysMaking is the advisory lock that keeps two nodes from making a key at once.
	keysMaking = 0x70726f76_0001
)

// signingKey is one ES256 key; it signs from From until Until, and is
// published until Gone.
type signingKey struct {
	id                string
	key               *ecdsa.PrivateKey
	from, until, gone time.Time
}

func (k *signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k *signingKey) Key() any                                    { return k.key }
func (k *signingKey) ID() string                                  { return k.id }

// publicKey is a signingKey as the world sees it.
type publicKey struct{ k *signingKey }

func (p publicKey) ID() string                         { return p.k.id }
func (p publicKey) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (p publicKey) Use() string                        { return "sig" }
func (p publicKey) Key() any                           { return &p.k.key.PublicKey }

// keyring is the keys as this node knows them.
type keyring struct {
	mu     sync.Mutex
	keys   []*signingKey // by from
	loaded time.Time
}

// stale makes the next question ask the database.
func (r *keyring) stale() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded = time.Time{}
}

// allKeys are the keys that are kept, a new one made in time.
func (p *Provider) allKeys(ctx context.Context) ([]*signingKey, error) {
	p.keys.mu.Lock()
	defer p.keys.mu.Unlock()
	if now := p.now(); !p.keys.loaded.IsZero() && now.Sub(p.keys.loaded) < keysFresh && now.Sub(p.keys.loaded) >= 0 {
		return p.keys.keys, nil
	}
	keys, err := p.keepKeys(ctx)
	if err != nil && len(p.keys.keys) > 0 { // the database is away: what was known still holds
		p.log.Warn("the signing keys cannot be read, going on with those of before", "error", err)
		return p.keys.keys, nil
	}
	if err != nil {
		return nil, err
	}
	p.keys.keys, p.keys.loaded = keys, p.now()
	return keys, nil
}

// signer is the key that signs now.
func (p *Provider) signer(ctx context.Context) (*signingKey, error) {
	keys, err := p.allKeys(ctx)
	if err != nil {
		return nil, err
	}
	if k := current(keys, p.now()); k != nil {
		return k, nil
	}
	p.keys.stale() // it ended within the minute
	if keys, err = p.allKeys(ctx); err != nil {
		return nil, err
	}
	if k := current(keys, p.now()); k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("find a key to sign with: %w", pgx.ErrNoRows)
}

func current(keys []*signingKey, now time.Time) *signingKey {
	for i := len(keys) - 1; i >= 0; i-- {
		if k := keys[i]; !now.Before(k.from) && now.Before(k.until) {
			return k
		}
	}
	return nil
}

// published are the keys for the key set: those that sign, did so lately or
// will soon.
func (p *Provider) published(ctx context.Context) ([]op.Key, error) {
	keys, err := p.allKeys(ctx)
	if err != nil {
		return nil, err
	}
	out := []op.Key{}
	for _, k := range keys {
		if p.now().Before(k.gone) {
			out = append(out, publicKey{k})
		}
	}
	return out, nil
}

// hintKeys verify id tokens that come back as hints, also those of keys that
// are no longer published: they are no proof of anything but who signed in.
type hintKeys struct{ p *Provider }

// VerifySignature is asked by the protocol's library.
func (h hintKeys) VerifySignature(ctx context.Context, jws *jose.JSONWebSignature) ([]byte, error) {
	keys, err := h.p.allKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.id == jws.Signatures[0].Header.KeyID {
			return jws.Verify(&k.key.PublicKey)
		}
	}
	return nil, ErrToken
}

// keepKeys reads the keys; where the newest will soon sign no more, its
// successor is made and published before it is needed.
func (p *Provider) keepKeys(ctx context.Context) (keys []*signingKey, err error) {
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, int64(keysMaking)); err != nil {
			return err
		}
		if keys, err = p.readKeys(ctx, tx); err != nil {
			return err
		}
		now := p.now()
		lead := min(p.o.KeyFor/4, time.Hour)
		if n := len(keys); n > 0 && keys[n-1].until.Sub(now) > lead {
			return nil
		}
		from := now
		if n := len(keys); n > 0 && keys[n-1].until.After(now) {
			from = keys[n-1].until
		}
		made, err := p.makeKey(ctx, tx, from)
		keys = append(keys, made)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep the signing keys: %w", err)
	}
	return keys, nil
}

func (p *Provider) readKeys(ctx context.Context, tx pgx.Tx) ([]*signingKey, error) {
	rows, err := tx.Query(ctx, `select id, sealed, "from", until, gone from provider.signing_key where gone > $1 order by "from"`, p.now().Add(-keyKept))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*signingKey, error) {
		k := &signingKey{}
		var sealed []byte
		if err := row.Scan(&k.id, &sealed, &k.from, &k.until, &k.gone); err != nil {
			return nil, err
		}
		plain, err := p.seal.Open(sealed, "signing key "+k.id)
		if err != nil {
			return nil, err
		}
		any, err := x509.ParsePKCS8PrivateKey(plain)
		if err != nil {
			return nil, fmt.Errorf("read the signing key %s: %w", k.id, err)
		}
		key, ok := any.(*ecdsa.PrivateKey)
		if !ok {
			return nil, fmt.Errorf("the signing key %s is a %T", k.id, any)
		}
		k.key = key
		return k, nil
	})
}

func (p *Provider) makeKey(ctx context.Context, tx pgx.Tx, from time.Time) (*signingKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails, by its contract
	k := &signingKey{id: hex.EncodeToString(id), key: key, from: from, until: from.Add(p.o.KeyFor)}
	k.gone = k.until.Add(keyLinger)
	_, err = tx.Exec(ctx, `insert into provider.signing_key (id, sealed, "from", until, gone, made) values ($1, $2, $3, $4, $5, $6)`,
		k.id, p.seal.Seal(plain, "signing key "+k.id), k.from, k.until, k.gone, p.now())
	if err != nil {
		return nil, err
	}
	return k, p.o.Audit(ctx, tx, audit.Entry{Actor: "system", Action: "identity.oidc.key", Object: "key:" + k.id,
		Outcome: audit.Done, Detail: told(map[string]any{"from": k.from, "until": k.until})})
}
