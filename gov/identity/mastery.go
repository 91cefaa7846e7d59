package identity

import (
	"context"
	"fmt"
	"time"

	"onecity/gov/identity/access"

	"github.com/jackc/pgx/v5"
)

// Querier is a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// MastersSubject reports whether by could have given all that the subject
// holds, so that its credentials may go through by's hands. What begins only
// later counts, and what a locked person would hold again: the table of rights
// has neither, and a credential taken today is good tomorrow. So does what was
// given to an application before anybody drafted it.
func MastersSubject(ctx context.Context, q Querier, by By, subject string) (bool, error) {
	if by.Subject == "system" {
		return true, nil
	}
	rows, err := q.Query(ctx, `select `+bindingColumns+` from identity.binding b where b.subject = $1`, subject)
	if err != nil {
		return false, fmt.Errorf("find what %s holds: %w", subject, err)
	}
	holds, err := pgx.CollectRows(rows, scanBinding)
	if err != nil {
		return false, fmt.Errorf("find what %s holds: %w", subject, err)
	}
	return by.Rights.CanMasterAll(holds, time.Now()), nil
}

// masters reports whether by may take the person's credentials into its hands.
func masters(ctx context.Context, q Querier, by By, p seated) (bool, error) {
	if by.Subject == "system" {
		return true, nil
	}
	if !by.can(access.PersonEdit, p.object()) {
		return false, nil
	}
	return MastersSubject(ctx, q, by, p.Subject())
}
