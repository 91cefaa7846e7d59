package signin

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Arrive signs in a person whom another OpenID provider has signed in (the
// claim amr, RFC 8176, says how): its word is taken, for a second factor too.
// ErrRefused when the person is not active.
func (s *Service) Arrive(ctx context.Context, person string, amr []string, from, agent string) (Session, string, error) {
	var out Session
	var token string
	err := s.inTx(ctx, "sign in from upstream", func(tx pgx.Tx) error {
		a, err := s.byID(ctx, tx, person)
		if err != nil {
			return err
		}
		if a.state != "active" {
			return ErrRefused
		}
		a.first = false // the password is the other provider's affair
		strong := slices.Contains(amr, "mfa") || slices.Contains(amr, "hwk") || slices.Contains(amr, "otp")
		if strong {
			a.needs = false // the second factor is there
		}
		if out, token, err = s.open(ctx, tx, a, from, agent, strong); err != nil {
			return err
		}
		return s.record(ctx, tx, does(a, "signin.ok", out).with(map[string]any{"method": "upstream", "amr": amr, "next": out.Pending}))
	})
	return out, token, err
}
