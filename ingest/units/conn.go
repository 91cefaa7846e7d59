package units

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"onecity/cim"
	"onecity/ingest"

	"github.com/gorilla/websocket"
)

// Limits of a connection.
const (
	// MaxMessage is the largest message, in bytes; a longer one ends the line.
	MaxMessage = 4 << 10
	// quiet is how long a unit may say nothing at all, and pingEvery how often
	// it is asked; writeWait is how long it may take to read an answer, and
	// storeWait how long the stream may take.
	quiet     = 75 * time.Second
	pingEvery = 30 * time.Second
	writeWait = 10 * time.Second
	storeWait = 15 * time.Second
)

// conn is one unit's line. It is read, stored and answered in one goroutine,
// one message after the other: a unit that sends faster than the stream takes
// is held back by its own line, and memory stays bounded.
type conn struct {
	ws    *websocket.Conn
	unit  string
	gate  *ingest.Gate
	ended chan struct{}

	mu     sync.Mutex
	closed bool // ended is closed
}

var errStopping = errors.New("the server is stopping")

// answer to one message; see the package comment.
type answer struct {
	Ack      uint64           `json:"ack,omitempty"`
	Nack     uint64           `json:"nack,omitempty"`
	Retry    bool             `json:"retry,omitempty"`
	Problems []ingest.Problem `json:"problems,omitempty"`
}

func (c *conn) serve(ctx context.Context) error {
	var pinging sync.WaitGroup
	pinging.Go(c.ping)
	defer pinging.Wait()
	defer c.ws.Close()
	defer c.stop()

	c.ws.SetReadLimit(MaxMessage)
	c.ws.SetPongHandler(func(string) error { return c.heard() })
	if err := c.heard(); err != nil {
		return err
	}
	for n := uint64(1); ; n++ {
		kind, body, err := c.ws.ReadMessage()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := c.heard(); err != nil {
			return err
		}
		if kind != websocket.TextMessage {
			c.goodbye(websocket.CloseUnsupportedData, "expected text messages")
			return fmt.Errorf("message %d is not text", n)
		}
		if err := c.say(c.take(ctx, n, body)); err != nil {
			return err
		}
	}
}

// take stores one message and says how it went.
func (c *conn) take(ctx context.Context, n uint64, body []byte) answer {
	p, problem := ingest.ParsePosition(c.unit, c.gate.Now(), body)
	if problem != nil {
		return answer{Nack: n, Problems: []ingest.Problem{*problem}}
	}
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	a, err := c.gate.Positions(ctx, "/units/"+c.unit, "", []cim.Position{p})
	switch {
	case err != nil:
		return answer{Nack: n, Retry: true, Problems: []ingest.Problem{{Field: "/", Code: ingest.CodeNotStored,
			Message: "暂时无法保存，请稍后重发 / it could not be stored, send it again later"}}}
	case a.Accepted == 0:
		return answer{Nack: n, Problems: a.Problems}
	}
	return answer{Ack: n}
}

func (c *conn) say(a answer) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	if err := c.ws.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if err := c.ws.WriteMessage(websocket.TextMessage, body); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// heard puts off the time at which the unit counts as gone.
func (c *conn) heard() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errStopping
	}
	if err := c.ws.SetReadDeadline(time.Now().Add(quiet)); err != nil {
		return fmt.Errorf("set the read deadline: %w", err)
	}
	return nil
}

// ping asks the unit whether it is there, until the line ends.
func (c *conn) ping() {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-c.ended:
			return
		case <-tick.C:
			if c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)) != nil {
				return // the read that waits fails too
			}
		}
	}
}

// stop ends the line because the server stops.
func (c *conn) stop() { c.end(websocket.CloseGoingAway, "") }

// end ends the line: the read that waits fails at once, and no other begins.
func (c *conn) end(code int, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	close(c.ended)
	c.goodbye(code, why)
	_ = c.ws.SetReadDeadline(time.Now()) // a line that is closed already needs none
}

func (c *conn) goodbye(code int, why string) {
	// A unit that is gone does not hear it; that is its right.
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(time.Second))
}
