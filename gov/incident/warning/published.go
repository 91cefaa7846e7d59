package warning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// CAPMedia is CAP's media type.
const CAPMedia = "application/cap+xml"

// afterwards is how long a warning that is over stays in the feed, so that who
// reads it now and then learns of its end.
const afterwards = 24 * time.Hour

// CAP is a warning as a CAP 1.2 document.
func (s *Service) CAP(ctx context.Context, w Warning) ([]byte, error) {
	var replaced *Warning
	if w.Replaces != "" {
		old, err := load(ctx, s.pool, w.Replaces, "")
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("find what warning %s replaces: %w", w.ID, err)
		}
		if err == nil {
			replaced = &old
		}
	}
	return s.Message(w, replaced).XML()
}

// Published are the warnings that hold, or ended within a day, and touch what
// sees reaches, the one that changed last first.
func (s *Service) Published(ctx context.Context, sees func(region string) bool) ([]Warning, error) {
	rows, err := s.pool.Query(ctx, `select body, state, version from warning.warning
		where state = 'issued' or state in ('replaced', 'cancelled', 'expired') and made > $1`, s.now().Add(-longest-afterwards))
	if err != nil {
		return nil, fmt.Errorf("read the warnings that were published: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Warning, error) { return scan(row) })
	if err != nil {
		return nil, fmt.Errorf("read the warnings that were published: %w", err)
	}
	since := s.now().Add(-afterwards)
	all = slices.DeleteFunc(all, func(w Warning) bool {
		return w.State != Issued && w.Ended.Before(since) || !slices.ContainsFunc(w.Regions, sees)
	})
	slices.SortFunc(all, func(a, b Warning) int { return b.Updated.Compare(a.Updated) })
	return all, nil
}
