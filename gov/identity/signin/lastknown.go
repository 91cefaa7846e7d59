package signin

import (
	"context"
	"errors"
	"time"
)

const (
	// lastServes is how long what was known last serves while the database
	// cannot be asked. Until the line was cut it was followed; since then nobody
	// who needs the same database can have ended anything. Another node that
	// still reaches it can: that is what the bound is for.
	lastServes = time.Hour
	// askFor is how long the database is asked when what was known last could
	// serve in its place.
	askFor = 2 * time.Second
)

// lastKnown is what was right when it was last asked for or followed. What is
// dropped is forgotten here too. Its owner locks.
type lastKnown[K comparable, V any] map[K]known[V]

type known[V any] struct {
	v  V
	at time.Time
}

func (l lastKnown[K, V]) put(k K, v V) {
	if len(l) >= most {
		clear(l)
	}
	l[k] = known[V]{v, time.Now()}
}

// followed says that all of these were right until now.
func (l lastKnown[K, V]) followed(of map[K]V) {
	for k, v := range of {
		l.put(k, v)
	}
}

func (l lastKnown[K, V]) get(k K) (v V, ok bool) {
	e, ok := l[k]
	if !ok || time.Since(e.at) > lastServes {
		return v, false
	}
	return e.v, true
}

// orLast asks; where there is no answer, because the database is away, what
// was known last is the answer.
func orLast[V any](ctx context.Context, ask func(context.Context) (V, error), last func() (V, bool), forget func()) (V, error) {
	was, ok := last()
	if !ok {
		return ask(ctx)
	}
	short, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	v, err := ask(short)
	switch {
	case err == nil:
		return v, nil
	case errors.Is(err, ErrEnded):
		forget()
		return v, err
	case ctx.Err() != nil: // who asked has gone
		return v, err
	}
	return was, nil
}
