package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// The load under which a dispatch is measured: what is open, who is on the
// streets, and how often each says where it is.
const (
	openCases    = 500
	movingUnits  = 500
	saysEvery    = 3 * time.Second
	sendsASecond = 5 // 36 times what 500 incidents an hour need
)

// Dispatch measures the route of a dispatch from the operator's POST to the
// frame on the socket of an enforcement terminal: 500 open cases, 500 units that
// move, the view that the terminal has (incidents, five frames a second). The
// delay counts from before the POST to when a frame that shows the case as sent
// to the unit has been read.
func Dispatch(ctx context.Context, e *Env) ([]Figure, error) {
	s, err := newServer(e, "kunshan")
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	field := benchUnits(movingUnits)
	if err := s.putUnits(ctx, field); err != nil {
		return nil, err
	}
	cases, err := s.openCases(ctx, openCases)
	if err != nil {
		return nil, err
	}
	sock, err := dial(s.addr, s.token(), `{"layers":["incidents"],"rate":5}`, 64<<10)
	if err != nil {
		return nil, err
	}
	w := &rung{at: map[string]time.Time{}}
	read := make(chan error, 1)
	go func() { read <- w.read(sock) }()
	defer func() { sock.close(); <-read }()

	lasting := e.lasting(60 * time.Second)
	n := min(len(cases), int(lasting.Seconds()*sendsASecond))
	e.Log("dispatch: %d of %d open cases are sent out while %d units move", n, len(cases), len(field))
	moving, stop := context.WithCancel(ctx)
	defer stop()
	group, gctx := errgroup.WithContext(moving)
	group.Go(func() error { return s.moveUnits(gctx, field) })
	sent := make([]time.Time, n)
	posts := make([]time.Duration, n)
	began := time.Now()
	for i := range n {
		select {
		case <-gctx.Done():
			return nil, errors.Join(group.Wait(), gctx.Err())
		case <-time.After(time.Until(began.Add(time.Duration(i) * time.Second / sendsASecond))):
		}
		body, err := json.Marshal(map[string]any{"event": "assign", "version": cases[i].Version, "input": map[string]any{"unit": field[i%len(field)].ID}})
		if err != nil {
			return nil, err
		}
		sent[i] = time.Now()
		if err := s.post(ctx, "/api/v1/cases/"+cases[i].ID+"/events", body, nil); err != nil {
			return nil, fmt.Errorf("send case %s out: %w", cases[i].ID, err)
		}
		posts[i] = time.Since(sent[i])
	}
	missing := func() (m int) {
		for _, c := range cases[:n] {
			if w.when(c.ID).IsZero() {
				m++
			}
		}
		return m
	}
	if err := until(ctx, 30*time.Second, "every dispatch was seen", func() (bool, error) { return missing() == 0, nil }); err != nil {
		return nil, fmt.Errorf("%w; %d of %d are missing", err, missing(), n)
	}
	stop()
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("move units: %w", err)
	}
	delays := make([]time.Duration, 0, n)
	for i, c := range cases[:n] {
		delays = append(delays, w.when(c.ID).Sub(sent[i]))
	}
	note := fmt.Sprintf("%d dispatches, %d a second; %d cases open, %d units each saying every %s where it is; push tick of 200 ms included; POST p99 %.0f ms",
		n, sendsASecond, len(cases), len(field), saysEvery, quantile(posts, .99))
	return []Figure{
		{What: "Dispatch (POST) → frame at an enforcement terminal's socket, p50", Unit: "ms", Target: 500, Reached: quantile(delays, .5), Note: note},
		{What: "— p99", Unit: "ms", Target: 1000, Reached: quantile(delays, .99)},
	}, nil
}

// rung keeps when each case was first shown as sent to somebody.
type rung struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (w *rung) when(id string) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at[id]
}

// read takes frames until the socket is closed.
func (w *rung) read(s *socket) error {
	for {
		body, err := s.whole()
		if err != nil {
			return err
		}
		at := time.Now()
		var f struct {
			Incidents []struct {
				ID   string `json:"id"`
				Step string `json:"step"`
				Unit string `json:"unit"`
			} `json:"incidents"`
		}
		if err := json.Unmarshal(body, &f); err != nil {
			return fmt.Errorf("read a frame: %w", err)
		}
		w.mu.Lock()
		for _, i := range f.Incidents {
			if i.Step == "assigned" && i.Unit != "" && w.at[i.ID].IsZero() {
				w.at[i.ID] = at
			}
		}
		w.mu.Unlock()
	}
}
