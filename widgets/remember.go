package widgets

import (
	"context"
	"sync"
	"time"

	"onecity/cim"
)

// Remember asks h each question once a minute of the model's time: widgets are
// drawn every second, for each region somebody looks at, and what is past does
// not change. It is safe for concurrent use.
func Remember(h History) History {
	return &memory{h: h, kept: map[question]*answer{}}
}

// maxQuestions bounds the memory; beyond it everything is forgotten.
const maxQuestions = 4096

// memory keeps the answers to the questions about one minute.
type memory struct {
	h      History
	mu     sync.Mutex
	newest time.Time
	kept   map[question]*answer
}

// question is one call; kind tells the methods apart.
type question struct {
	kind     byte
	scope    cim.ScopeKey
	device   string
	property cim.Property
	from, to int64
	step     time.Duration
}

// answer is filled by the first who asks; the others wait for it.
type answer struct {
	mu     sync.Mutex
	full   bool
	points []Point
	times  []time.Duration
	rates  []Evaluated
}

// of finds the answer to q, asked about the time up to to.
func (m *memory) of(q question, from, to time.Time) *answer {
	q.from, q.to = from.UnixNano(), to.UnixNano()
	m.mu.Lock()
	defer m.mu.Unlock()
	if to.After(m.newest) || len(m.kept) >= maxQuestions {
		clear(m.kept)
		m.newest = to
	}
	a := m.kept[q]
	if a == nil {
		a = &answer{}
		m.kept[q] = a
	}
	return a
}

// fill asks when nobody has yet; a failure is not kept.
func (a *answer) fill(ask func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.full {
		return nil
	}
	if err := ask(); err != nil {
		return err
	}
	a.full = true
	return nil
}

func (m *memory) Series(ctx context.Context, scope cim.Scope, device string, p cim.Property, from, to time.Time, step time.Duration) ([]Point, error) {
	a := m.of(question{kind: 's', scope: scope.Key(), device: device, property: p, step: step}, from, to)
	err := a.fill(func() (err error) {
		a.points, err = m.h.Series(ctx, scope, device, p, from, to, step)
		return err
	})
	return a.points, err
}

func (m *memory) ObservationCounts(ctx context.Context, scope cim.Scope, from, to time.Time) ([]Point, error) {
	a := m.of(question{kind: 'o', scope: scope.Key()}, from, to)
	err := a.fill(func() (err error) {
		a.points, err = m.h.ObservationCounts(ctx, scope, from, to)
		return err
	})
	return a.points, err
}

func (m *memory) HandlingTimes(ctx context.Context, scope cim.Scope, from, to time.Time) ([]time.Duration, error) {
	a := m.of(question{kind: 'h', scope: scope.Key()}, from, to)
	err := a.fill(func() (err error) {
		a.times, err = m.h.HandlingTimes(ctx, scope, from, to)
		return err
	})
	return a.times, err
}

// Evaluated is empty where h knows of none.
func (m *memory) Evaluated(ctx context.Context, scope cim.Scope, at time.Time) ([]Evaluated, error) {
	e, ok := m.h.(Evaluations)
	if !ok {
		return nil, nil
	}
	a := m.of(question{kind: 'e', scope: scope.Key()}, at, at)
	err := a.fill(func() (err error) {
		a.rates, err = e.Evaluated(ctx, scope, at)
		return err
	})
	return a.rates, err
}
