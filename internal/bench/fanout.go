package bench

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"onecity/cim"

	"golang.org/x/sync/errgroup"
)

// Fanout measures 5,000 clients on one View at 10 frames a second: how long
// from the sending of a reading to when a client has read the frame with it,
// and how much the program's memory grows by a client. 200 readings a second
// come in, 20 at a time.
func Fanout(ctx context.Context, e *Env) ([]Figure, error) {
	clients := e.scale(5000)
	if err := needFiles(clients + 1000); err != nil {
		return nil, err
	}
	s, err := newServer(e, "kunshan")
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	ds := devices(200)
	if _, err := s.register(ctx, ds); err != nil {
		return nil, err
	}
	before, err := s.resident()
	if err != nil {
		return nil, err
	}
	const view = `{"layers":["devices"],"rate":10}`
	clock := &reference{}
	first, err := dial(s.addr, s.token(), view, 64<<10)
	if err != nil {
		return nil, err
	}
	e.Log("fan-out: %d clients connect", clients)
	c := &crowd{}
	defer c.close()
	connecting := time.Now()
	if err := c.connect(ctx, s.addr, s.token(), view, clients); err != nil {
		first.close()
		return nil, err
	}
	connected := time.Since(connecting)
	after, err := s.resident()
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() { defer close(done); clock.read(first) }()

	lasting := e.lasting(15 * time.Second)
	e.Log("fan-out: %d clients for %s", clients, lasting)
	used := s.used()
	err = s.readings(ctx, ds, clock, lasting)
	used = s.used().since(used)
	time.Sleep(2 * time.Second) // what is slower than that is a slow reader's
	c.close()
	first.close()
	<-done
	if err != nil {
		return nil, err
	}
	all, frames := c.delays(clock)
	spent := used.per(float64(max(frames, 1)), "frame of a client")
	rate := float64(frames) / lasting.Seconds() / float64(clients)
	return []Figure{
		{What: fmt.Sprintf("%s WebSocket clients on the same View, 10 frames/s: p99", number(float64(clients))), Unit: "ms", Target: 250, Reached: quantile(all, .99),
			Note: fmt.Sprintf("from the sending of the oldest reading in a frame to when a client has read it; %.1f frames/s reached each client; %s", rate, spent)},
		{What: "— p50", Unit: "ms", Reached: quantile(all, .5)},
		{What: "— memory per client", Unit: "KiB", Target: 40, Reached: float64(after-before) / 1024 / float64(clients),
			Note: "growth of the program's resident memory from none to all connected"},
		{What: "— all connect at once", Unit: "s", Reached: connected.Seconds()},
	}, nil
}

// readings posts 20 readings ten times a second; the first of them is the
// clock's.
func (s *server) readings(ctx context.Context, ds []cim.Device, clock *reference, lasting time.Duration) error {
	const at = 20
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var body []byte
	for n := 0; n < int(lasting/(100*time.Millisecond)); n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		now := time.Now()
		body = append(body[:0], `{"source":"/bench","observations":[`...)
		stamp := now.UTC().Format(time.RFC3339Nano)
		body = fmt.Appendf(body, `{"device":%q,"property":"temperature","time":%q,"value":%.2f}`, ds[0].ID, stamp, float64(n)/100)
		for k := 1; k < at; k++ {
			d := ds[1+(n*at+k)%(len(ds)-1)]
			body = fmt.Appendf(body, `,{"device":%q,"property":"temperature","time":%q,"value":%.2f}`, d.ID, stamp, float64(n%300)/10)
		}
		clock.sent(now)
		if err := s.post(ctx, "/api/v1/observations", append(body, "]}"...), nil); err != nil {
			return err
		}
	}
	return nil
}

// reference is one client that reads its frames whole, and so learns at which
// position of the stream each value of the clock stands. Frames of all clients
// of a View agree on that.
type reference struct {
	mu    sync.Mutex
	began []time.Time // when value n was sent
	seq   []uint64    // position of the first frame that had it
}

func (r *reference) sent(at time.Time) {
	r.mu.Lock()
	r.began = append(r.began, at)
	r.mu.Unlock()
}

func (r *reference) read(s *socket) {
	for {
		body, err := s.whole()
		if err != nil {
			return
		}
		_, rest, ok := bytes.Cut(body, []byte(`"bench-00000"`))
		if !ok {
			continue
		}
		if _, rest, ok = bytes.Cut(rest, []byte(`"temperature":[`)); !ok {
			continue
		}
		var v float64
		if _, err := fmt.Sscanf(string(rest[:min(len(rest), 16)]), "%g", &v); err != nil {
			continue
		}
		to := after(body[:min(len(body), 200)], `"seq":`)
		r.mu.Lock()
		for n := int(v*100 + .5); len(r.seq) <= n; {
			r.seq = append(r.seq, to)
		}
		r.mu.Unlock()
	}
}

// oldest is when the oldest value of a frame was sent.
func (r *reference) oldest(from, to uint64) (time.Time, bool) {
	n, _ := slices.BinarySearch(r.seq, from+1)
	if n == len(r.seq) || r.seq[n] > to {
		return time.Time{}, false
	}
	return r.began[n], true
}

// crowd is the clients.
type crowd struct {
	mu    sync.Mutex
	socks []*socket
	seen  []sight
	wait  sync.WaitGroup
}

type sight struct {
	from, to uint64
	at       time.Time
}

// connect opens n sockets, 200 at a time, and waits until each has its first
// frame, which holds everything.
func (c *crowd) connect(ctx context.Context, addr, token, view string, n int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(200)
	for range n {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s, err := dial(addr, token, view, 4096)
			if err != nil {
				return err
			}
			c.mu.Lock()
			c.socks = append(c.socks, s)
			c.mu.Unlock()
			for range 2 { // subscribed, everything
				if _, _, err := s.position(); err != nil {
					return fmt.Errorf("first frame: %w", err)
				}
			}
			c.wait.Go(func() { c.read(s) })
			return nil
		})
	}
	return group.Wait()
}

func (c *crowd) read(s *socket) {
	seen := make([]sight, 0, 256)
	for {
		from, to, err := s.position()
		if err != nil {
			break
		}
		seen = append(seen, sight{from, to, time.Now()})
	}
	c.mu.Lock()
	c.seen = append(c.seen, seen...)
	c.mu.Unlock()
}

func (c *crowd) close() {
	for _, s := range c.socks {
		s.close()
	}
	c.wait.Wait()
}

func (c *crowd) delays(clock *reference) (all []time.Duration, frames int) {
	for _, s := range c.seen {
		frames++
		if at, ok := clock.oldest(s.from, s.to); ok {
			all = append(all, s.at.Sub(at))
		}
	}
	return all, frames
}

// needFiles raises the limit of open files of this process, which the program
// inherits.
func needFiles(n int) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("ask for the limit of open files: %w", err)
	}
	if l.Cur >= uint64(n) {
		return nil
	}
	l.Cur = min(l.Max, uint64(n))
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil || l.Cur < uint64(n) {
		return fmt.Errorf("%d open files are needed, %d are allowed (ulimit -n)", n, l.Max)
	}
	return nil
}
