package provider

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// claimed is what an access token says that we have signed.
type claimed struct {
	family, subject, app string
	scopes               []string
	until                time.Time
}

// signatures remembers tokens whose signature was found good, by their
// SHA-256: a signature stays good, and to check one takes a tenth of a
// millisecond. Whether the token still holds is asked each time (alive).
type signatures struct {
	mu    sync.RWMutex
	known map[[sha256.Size]byte]claimed
}

func (s *signatures) get(k [sha256.Size]byte) (claimed, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, ok := s.known[k]
	return c, ok
}

func (s *signatures) put(k [sha256.Size]byte, c claimed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxBelieved {
		s.known = map[[sha256.Size]byte]claimed{}
	}
	s.known[k] = c
}

// maxBearer is the most bytes of an access token; ours have less than half.
const maxBearer = 4096

// read is what an access token says that we have signed and that is not over;
// else ErrToken.
func (p *Provider) read(ctx context.Context, bearer string) (claimed, error) {
	if len(bearer) > maxBearer {
		return claimed{}, ErrToken
	}
	k := sha256.Sum256([]byte(bearer))
	c, ok := p.signed.get(k)
	if !ok {
		t, err := op.VerifyAccessToken[*oidc.AccessTokenClaims](ctx, bearer, p.op.AccessTokenVerifier(op.ContextWithIssuer(ctx, p.Issuer())))
		if err != nil {
			return claimed{}, fmt.Errorf("%w: %w", ErrToken, err)
		}
		// An id token has no jti: it does not pass for an access token.
		c = claimed{family: familyOf(t.JWTID), subject: t.Subject, app: t.ClientID, scopes: t.Scopes, until: t.GetExpiration()}
		if c.family == "" {
			return claimed{}, ErrToken
		}
		p.signed.put(k, c)
	}
	if !time.Now().Before(c.until) {
		return claimed{}, ErrToken
	}
	return c, nil
}
