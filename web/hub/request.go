package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"onecity/ingest"
	"onecity/web/problem"

	"github.com/gorilla/websocket"
)

// request is a message from a client; docs/protocol.md gives the shape.
type request struct {
	Op    string    `json:"op"`
	ID    string    `json:"id"`
	View  *Spec     `json:"view"`
	Since *position `json:"since"`
}

// position is what a client has got before.
type position struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

// A client may send so many requests at once, and so many a second.
const (
	burst     = 60
	perSecond = 20
)

// read takes requests until the socket ends.
func (c *client) read() {
	defer c.end()
	c.conn.SetReadLimit(maxRequest)
	quiet := c.hub.opt.Ping * 5 / 2
	// SetReadDeadline fails only on a closed socket: the next read says so.
	_ = c.conn.SetReadDeadline(time.Now().Add(quiet))
	c.conn.SetPongHandler(func(string) error {
		return c.conn.SetReadDeadline(time.Now().Add(quiet))
	})
	tokens, last := float64(burst), time.Now()
	for {
		kind, body, err := c.conn.ReadMessage()
		if err != nil {
			if errors.Is(err, websocket.ErrReadLimit) {
				c.hub.count.badlyBehaved.Add(1)
			}
			return
		}
		now := time.Now()
		_ = c.conn.SetReadDeadline(now.Add(quiet))
		tokens = min(burst, tokens+perSecond*now.Sub(last).Seconds()) - 1
		last = now
		if tokens < 0 || kind != websocket.TextMessage {
			c.hub.count.badlyBehaved.Add(1)
			c.goodbye(websocket.ClosePolicyViolation, "too many requests, or not text")
			return
		}
		c.hub.count.requests.Add(1)
		if reply := c.answer(body); reply != nil && !c.reply(reply) {
			return
		}
	}
}

// reply waits for the writer: who does not read its answers is not read.
func (c *client) reply(b []byte) bool {
	select {
	case c.replies <- b:
		c.poke()
		return true
	case <-c.done:
		return false
	case <-c.hub.stopping:
		return false
	}
}

// answer does what a request asks; the reply is nil when a frame will be it.
func (c *client) answer(body []byte) []byte {
	var r request
	if err := json.Unmarshal(body, &r); err != nil {
		return errorReply(r.ID, problem.New(http.StatusBadRequest, "not a request: "+err.Error()))
	}
	if len(r.ID) > 64 {
		return errorReply("", problem.New(http.StatusBadRequest, "the id is longer than 64 bytes"))
	}
	switch r.Op {
	case "sub":
		if p := c.subscribe(r); p != nil {
			return errorReply(r.ID, p)
		}
		return nil
	case "unsub":
		c.drop(r.ID)
		return nil
	case "ping":
		return []byte(`{"op":"pong"}`)
	}
	return errorReply(r.ID, problem.New(http.StatusBadRequest, "unknown op",
		ingest.Problem{Field: "/op", Value: shorten(r.Op), Code: "unknown-op", Message: "no such op", Expected: "sub, unsub, ping"}))
}

func (c *client) subscribe(r request) *problem.Problem {
	if r.View == nil {
		return problem.New(http.StatusUnprocessableEntity, "no view",
			ingest.Problem{Field: "/view", Code: "missing", Message: "a view is needed"})
	}
	l, bad := r.View.look(c.scope, c.hub.board.known)
	if len(bad) > 0 {
		return problem.New(http.StatusUnprocessableEntity, "the view cannot be shown", bad...)
	}
	v, err := c.hub.open(l)
	if err != nil {
		return problem.New(http.StatusServiceUnavailable, err.Error())
	}
	s := &sub{client: c, id: r.ID, view: v, begins: true, announce: subscribedReply(r.ID, v.key)}
	if p := r.Since; p != nil && p.Epoch == c.hub.city.Epoch() && v.knows(p.Seq) {
		s.at, s.begins = p.Seq, false
		c.hub.count.resumed.Add(1)
	}
	if !c.add(s) {
		c.hub.release(v)
		return problem.New(http.StatusTooManyRequests, fmt.Sprintf("at most %d views on one socket", maxSubs))
	}
	c.poke()
	return nil
}

func tooMuch() *problem.Problem {
	return problem.New(http.StatusUnprocessableEntity,
		fmt.Sprintf("the view holds more than %d things; narrow it with bbox, region or layers, or use tiles", maxThings))
}

func subscribedReply(id, key string) []byte {
	t := append(text(nil), '{')
	t = t.key("op").str("subscribed")
	t = t.key("id").str(id)
	t = t.key("view").str(key)
	return append(t, '}')
}

func errorReply(id string, p *problem.Problem) []byte {
	body, err := json.Marshal(p)
	if err != nil { // a Problem holds nothing that cannot be JSON
		body = []byte("null")
	}
	t := append(text(nil), '{')
	t = t.key("op").str("error")
	t = t.key("id").str(id)
	t = t.key("problem")
	t = append(t, body...)
	return append(t, '}')
}
