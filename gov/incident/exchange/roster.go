package exchange

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// roster is what is known of the partners in memory, so that what comes in can
// be checked while the database is away.
type roster struct {
	mu   sync.RWMutex
	list map[string]known
}

// known is a partner with what is secret of it.
type known struct {
	Partner
	secrets []keyed
	key     string // api_key
}

// keyed is a secret that is good until then.
type keyed struct {
	text  string
	until *time.Time
}

// good are the secrets that hold at t, the newest first.
func (k known) good(t time.Time) []string {
	var out []string
	for _, s := range k.secrets {
		if s.text != "" && (s.until == nil || s.until.After(t)) {
			out = append(out, s.text)
		}
	}
	return out
}

func (r *roster) get(id string) (known, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.list[id]
	return k, ok
}

func (r *roster) all() []known {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]known, 0, len(r.list))
	for _, k := range r.list {
		out = append(out, k)
	}
	return out
}

// reload reads the partners and opens their secrets. One that was sealed under
// another key is told in the log and holds nothing.
func (s *Service) reload(ctx context.Context) error {
	list := map[string]known{}
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		partners, err := s.read(ctx, tx, "", "")
		if err != nil {
			return err
		}
		for _, p := range partners {
			list[p.ID] = known{Partner: p}
		}
		rows, err := tx.Query(ctx, `select partner, sealed, until from exchange.secret order by made desc`)
		if err != nil {
			return err
		}
		var id string
		var sealed []byte
		var until *time.Time
		if _, err = pgx.ForEachRow(rows, []any{&id, &sealed, &until}, func() error {
			if k, ok := list[id]; ok {
				k.secrets = append(k.secrets, keyed{s.open(sealed, id), until})
				list[id] = k
			}
			return nil
		}); err != nil {
			return err
		}
		rows, err = tx.Query(ctx, `select id, key from exchange.partner where key is not null`)
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, []any{&id, &sealed}, func() error {
			if k, ok := list[id]; ok {
				k.key = s.open(sealed, id)
				list[id] = k
			}
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("read the partners: %w", err)
	}
	s.known.mu.Lock()
	s.known.list = list
	s.known.mu.Unlock()
	return nil
}

func (s *Service) open(sealed []byte, partner string) string {
	text, err := s.seal.Open(sealed, partner)
	if err != nil {
		s.o.Log.Error("a partner's secret cannot be opened: give it a new one", "partner", partner, "error", err)
		return "" // signs and verifies nothing: see good
	}
	return string(text)
}
