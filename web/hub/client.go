package hub

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"onecity/cim"

	"github.com/gorilla/websocket"
)

const (
	maxSubs    = 8        // views a client may have open
	maxRequest = 16 << 10 // bytes of a request
	// compressFrom is the size from which a frame is compressed: below, the
	// work is not worth the bytes.
	compressFrom = 1 << 10
	// socketBuffer bounds what the kernel keeps for one client that is slow to
	// read (Linux doubles it).
	socketBuffer = 64 << 10
)

// client is one socket: a goroutine that reads and one that writes.
type client struct {
	hub   *Hub
	conn  *websocket.Conn
	scope cim.Scope
	again func() (cim.Scope, bool) // nil: the scope stays what it was
	turn  uint64                   // to be pinged
	// leaving is the close code with which the socket is to end; 0 means none.
	leaving atomic.Int32
	// noticed are the kinds of notices to be sent, as bits of noticeKinds.
	noticed atomic.Uint32

	// wake is all that the writer waits for: thousands of writers wake ten times
	// a second, and one channel costs a third of a select over what there is.
	wake    chan struct{}
	replies chan []byte
	pingDue atomic.Bool
	done    chan struct{}
	once    sync.Once

	mu   sync.Mutex
	subs []*sub
}

// sub is a view that a client reads, and the position it has got. After it is
// among client.subs, only the writing goroutine changes it.
type sub struct {
	client   *client
	id       string
	view     *view
	at       uint64
	begins   bool   // it has got nothing
	announce []byte // goes before its first frame
}

func newClient(h *Hub, conn *websocket.Conn, scope cim.Scope) *client {
	if tcp, ok := conn.NetConn().(*net.TCPConn); ok {
		// An error only means that the kernel keeps its own size.
		_ = tcp.SetWriteBuffer(socketBuffer)
	}
	return &client{
		hub: h, conn: conn, scope: scope,
		wake: make(chan struct{}, 1), replies: make(chan []byte, 2), done: make(chan struct{}),
	}
}

// poke tells the writer that something may be new. It never waits.
func (c *client) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// end closes the socket and gives everything back.
func (c *client) end() {
	c.once.Do(func() {
		close(c.done)
		c.poke()
		c.conn.Close()
		c.mu.Lock()
		subs := c.subs
		c.subs = nil
		c.mu.Unlock()
		for _, s := range subs {
			s.view.leave(s)
			c.hub.release(s.view)
		}
		c.hub.remove(c)
	})
}

// write sends replies, frames and pings until the socket ends.
func (c *client) write() {
	var subs []*sub
	for range c.wake {
		select {
		case <-c.done:
			return
		case <-c.hub.stopping:
			c.goodbye(websocket.CloseGoingAway, "the server is stopping")
			return
		default:
		}
		if code := int(c.leaving.Load()); code != 0 {
			c.goodbye(code, farewells[code])
			return
		}
		err := c.sendReplies()
		if err == nil && c.pingDue.CompareAndSwap(true, false) {
			err = c.conn.WriteControl(websocket.PingMessage, nil, c.deadline())
		}
		if err == nil {
			err = c.sendNotices()
		}
		if err == nil {
			subs, err = c.deliver(subs)
		}
		if err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				c.hub.count.slow.Add(1)
			}
			c.end()
			return
		}
	}
}

func (c *client) sendReplies() error {
	for {
		select {
		case b := <-c.replies:
			if err := c.text(b); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// goodbye says why, and leaves it to the reader to hang up when the other side
// has, or a second later.
func (c *client) goodbye(code int, why string) {
	until := time.Now().Add(time.Second)
	if c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), until) != nil {
		c.end()
		return
	}
	// Fails only on a closed socket, which the reader notices too.
	_ = c.conn.SetReadDeadline(until)
}

func (c *client) deadline() time.Time { return time.Now().Add(c.hub.opt.WriteTimeout) }

func (c *client) text(b []byte) error {
	// Fails only on a closed socket, on which the write fails too.
	_ = c.conn.SetWriteDeadline(c.deadline())
	c.conn.EnableWriteCompression(false)
	return c.conn.WriteMessage(websocket.TextMessage, b)
}

// deliver brings every sub to its view's newest position. The slice is reused.
func (c *client) deliver(subs []*sub) ([]*sub, error) {
	for more := true; more; {
		more = false
		c.mu.Lock()
		subs = append(subs[:0], c.subs...)
		c.mu.Unlock()
		for _, s := range subs {
			sent, err := c.advance(s)
			if err != nil {
				return subs, err
			}
			more = more || sent
		}
	}
	return subs, nil
}

// advance sends s what is new in its view.
func (c *client) advance(s *sub) (sent bool, err error) {
	if s.announce != nil {
		if err := c.text(s.announce); err != nil {
			return false, err
		}
		s.announce = nil
	}
	f := s.view.next(s.at, s.begins)
	if f == nil {
		return false, nil
	}
	f.make()
	if f.err != nil {
		return false, f.err
	}
	if f.tooMany {
		c.drop(s.id)
		return false, c.text(errorReply(s.id, tooMuch()))
	}
	if err := c.send(f); err != nil {
		return false, err
	}
	s.at, s.begins = f.to, false
	return true, nil
}

func (c *client) send(f *frame) error {
	_ = c.conn.SetWriteDeadline(c.deadline()) // as in text
	c.conn.EnableWriteCompression(f.size >= compressFrom)
	if err := c.conn.WritePreparedMessage(f.message); err != nil {
		return err
	}
	n := &c.hub.count
	n.sent.Add(1)
	n.bytes.Add(uint64(f.size))
	if f.reset {
		n.resets.Add(1)
	}
	return nil
}

// add makes s one of the client's, in place of the one of the same id.
func (c *client) add(s *sub) (ok bool) {
	c.drop(s.id)
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.done:
		return false
	default:
	}
	if len(c.subs) >= maxSubs {
		return false
	}
	c.subs = append(c.subs, s)
	s.view.join(s)
	return true
}

// drop ends the sub of that id.
func (c *client) drop(id string) {
	c.mu.Lock()
	var gone *sub
	for i, s := range c.subs {
		if s.id == id {
			gone = s
			// A new slice: the writer may be reading the old one.
			c.subs = append(append([]*sub{}, c.subs[:i]...), c.subs[i+1:]...)
			break
		}
	}
	c.mu.Unlock()
	if gone != nil {
		gone.view.leave(gone)
		c.hub.release(gone.view)
	}
}
