package hub

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"onecity/cim"
	"onecity/cim/live"
	"onecity/web/problem"

	"github.com/gorilla/websocket"
)

// City is the running model as the hub needs it; *live.City is one.
type City interface {
	Snapshot() *cim.Snapshot
	Watch(fn func(live.Step)) (stop func())
	Epoch() string
}

// Options of a Hub. City and Scope are needed; zero values of the others mean
// the default that is named.
type Options struct {
	City    City
	Widgets Widgets // nil: there are none
	// Scope is what the sender of a request may see.
	Scope func(*http.Request) cim.Scope
	// Again, when it is not nil, makes of a request what tells later what its
	// sender may see then; ok is false when they may no longer be here. It is
	// asked by Recheck.
	Again func(*http.Request) func() (scope cim.Scope, ok bool)
	// Origin says whether a page of another origin may connect; nil means
	// pages of the same origin, and programs, which send none.
	Origin func(*http.Request) bool
	// WriteTimeout ends a client that takes nothing for so long: 10 s.
	WriteTimeout time.Duration
	// Ping is the time between pings; after 2½ without a word the client is
	// gone: 25 s.
	Ping time.Duration
	// MaxClients and MaxViews bound the memory: 20,000 and 1,024.
	MaxClients, MaxViews int
	// Linger keeps a view without readers, so that one who comes back gets
	// what changed and not everything: 60 s. At most MaxIdle linger: 64.
	Linger  time.Duration
	MaxIdle int
}

// Hub serves the live socket. Run owns every goroutine in it.
type Hub struct {
	opt      Options
	city     City
	board    *board
	upgrader websocket.Upgrader
	count    counters

	mu      sync.Mutex
	running context.Context // nil before Run and after it
	views   map[lookName]*view
	clients map[*client]struct{}
	work    sync.WaitGroup

	stopping chan struct{}
}

// Why a reader cannot be served.
var (
	errStopping     = errors.New("the server is stopping")
	errTooManyViews = errors.New("too many different views are open")
)

// New makes a Hub; it refuses readers until Run.
func New(o Options) *Hub {
	o.WriteTimeout = orElse(o.WriteTimeout, 10*time.Second)
	o.Ping = orElse(o.Ping, 25*time.Second)
	o.Linger = orElse(o.Linger, time.Minute)
	o.MaxClients = orElse(o.MaxClients, 20_000)
	o.MaxViews = orElse(o.MaxViews, 1024)
	o.MaxIdle = orElse(o.MaxIdle, 64)
	h := &Hub{
		opt: o, city: o.City, board: newBoard(o.Widgets),
		views: map[lookName]*view{}, clients: map[*client]struct{}{},
		stopping: make(chan struct{}),
	}
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: 10 * time.Second,
		ReadBufferSize:   512, // requests are short, and there are many readers
		WriteBufferSize:  1024,
		WriteBufferPool:  &sync.Pool{},
		// Frames are compressed once for all readers, see client.send.
		EnableCompression: true,
		CheckOrigin:       o.Origin,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			w.Header().Set("Sec-Websocket-Version", "13")
			problem.New(status, reason.Error()).Write(w)
		},
	}
	return h
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Run serves until ctx ends; then it tells every reader 1001 (going away),
// waits up to 2 s for them to hang up, and for all its goroutines.
func (h *Hub) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.mu.Lock()
	h.running = work
	h.mu.Unlock()
	unwatch := h.city.Watch(h.step)
	h.work.Go(func() { h.board.run(work) })

	sweep := time.NewTicker(min(h.opt.Linger, 10*time.Second))
	defer sweep.Stop()
	ping := time.NewTicker(h.opt.Ping / pingTurns)
	defer ping.Stop()
	for turn := uint64(0); ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-sweep.C:
			h.sweep(h.opt.Linger)
		case <-ping.C:
			h.ping(turn % pingTurns)
			turn++
		}
	}

	h.mu.Lock()
	h.running = nil
	h.mu.Unlock()
	unwatch()
	close(h.stopping)
	h.poke()
	gone := make(chan struct{})
	go func() { h.work.Wait(); close(gone) }()
	grace := time.NewTimer(2 * time.Second)
	defer grace.Stop()
	cancel() // views and the board; readers see h.stopping
	select {
	case <-gone:
	case <-grace.C:
		h.mu.Lock()
		for c := range h.clients {
			c.conn.Close()
		}
		h.mu.Unlock()
		<-gone
	}
	return ctx.Err()
}

// pingTurns spreads the pings of all clients over the time between two.
const pingTurns = 16

// ping pings the clients whose turn it is.
func (h *Hub) ping(turn uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		if c.turn == turn {
			c.pingDue.Store(true)
			c.poke()
		}
	}
}

// poke wakes every writer.
func (h *Hub) poke() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		c.poke()
	}
}

// step hands a step of the model to every view, in the model's goroutine.
func (h *Hub) step(s live.Step) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range h.views {
		v.offer(s)
	}
}

// open is the view of that look, made if nobody looks that way yet.
func (h *Hub) open(l look) (*view, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running == nil {
		return nil, errStopping
	}
	v, ok := h.views[l.name()]
	if !ok {
		if len(h.views) >= h.opt.MaxViews && !h.evict() {
			return nil, errTooManyViews
		}
		v = newView(h, l)
		// Under the lock that step takes: the view sees every step after now.
		v.start(h.city.Snapshot())
		h.views[l.name()] = v
		h.board.want(v.slots())
		ctx, stop := context.WithCancel(h.running)
		v.stop = stop
		h.work.Go(func() { v.run(ctx) })
	}
	v.users++
	return v, nil
}

// release gives a view back.
func (h *Hub) release(v *view) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v.users--; v.users > 0 {
		return
	}
	v.idle = time.Now()
	idle := 0
	for _, v := range h.views {
		if v.users == 0 {
			idle++
		}
	}
	if idle > h.opt.MaxIdle {
		h.evict()
	}
}

// sweep drops views that had no reader for so long.
func (h *Hub) sweep(linger time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range h.views {
		if v.users == 0 && time.Since(v.idle) >= linger {
			h.drop(v)
		}
	}
}

// evict drops the view that has been idle longest; false when all are read.
func (h *Hub) evict() bool {
	var oldest *view
	for _, v := range h.views {
		if v.users == 0 && (oldest == nil || v.idle.Before(oldest.idle)) {
			oldest = v
		}
	}
	if oldest == nil {
		return false
	}
	h.drop(oldest)
	return true
}

func (h *Hub) drop(v *view) {
	v.stop()
	delete(h.views, v.look.name())
	h.board.release(v.slots())
}

// ServeHTTP makes a live socket of the request.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	full, running := len(h.clients) >= h.opt.MaxClients, h.running != nil
	h.mu.Unlock()
	if full || !running {
		h.count.refused.Add(1)
		w.Header().Set("Retry-After", "5")
		problem.New(http.StatusServiceUnavailable, "no room for another live socket").Write(w)
		return
	}
	scope := h.opt.Scope(r)
	conn, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // answered already
	}
	c := newClient(h, conn, scope)
	if h.opt.Again != nil {
		c.again = h.opt.Again(r)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running == nil {
		conn.Close()
		return
	}
	h.clients[c] = struct{}{}
	c.turn = h.count.connected.Add(1) % pingTurns
	h.work.Go(c.read)
	h.work.Go(c.write)
	// The rights may have changed between the look at them and now.
	c.recheck()
}

func (h *Hub) remove(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
}
