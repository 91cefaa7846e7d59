package simulate

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"onecity/internal/cityapi"

	"github.com/gorilla/websocket"
)

// socketLine is one unit's WebSocket, /ws/units/{id}.
type socketLine struct {
	url    string
	header http.Header
	stats  *Stats
	ws     *websocket.Conn
	reader sync.WaitGroup
	again  time.Time // when it may be tried again, on the timeline
}

// tryAgain is how long a line that broke is left alone.
const tryAgain = 5 * time.Second

func newSocketLine(base, id, token string, stats *Stats) *socketLine {
	base = "ws" + strings.TrimPrefix(strings.TrimRight(base, "/"), "http")
	return &socketLine{url: base + "/ws/units/" + url.PathEscape(id), header: cityapi.Bearer(token), stats: stats}
}

// send writes one position, opening the line where it is not.
func (l *socketLine) send(ctx context.Context, now time.Time, body any) {
	b, err := json.Marshal(body)
	if err != nil || l.ws == nil && (now.Before(l.again) || !l.open(ctx)) {
		l.lost(now)
		return
	}
	if err := l.ws.SetWriteDeadline(time.Now().Add(10 * time.Second)); err == nil {
		err = l.ws.WriteMessage(websocket.TextMessage, b)
		if err == nil {
			return
		}
	}
	l.close()
	l.lost(now)
}

func (l *socketLine) lost(now time.Time) {
	l.stats.Lost.Add(1)
	if l.ws == nil && !now.Before(l.again) {
		l.again = now.Add(tryAgain)
	}
}

func (l *socketLine) open(ctx context.Context) bool {
	d := websocket.Dialer{HandshakeTimeout: 10 * time.Second}
	ws, res, err := d.DialContext(ctx, l.url, l.header)
	if res != nil {
		res.Body.Close()
	}
	if err != nil {
		return false
	}
	l.ws = ws
	l.reader.Go(func() { l.read(ws) })
	return true
}

// read counts the answers until the line ends.
func (l *socketLine) read(ws *websocket.Conn) {
	for {
		var a struct {
			Ack  uint64 `json:"ack"`
			Nack uint64 `json:"nack"`
		}
		if err := ws.ReadJSON(&a); err != nil {
			return
		}
		if a.Ack > 0 {
			l.stats.Positions.Add(1)
		}
		if a.Nack > 0 {
			l.stats.Refused.Add(1)
		}
	}
}

func (l *socketLine) close() {
	if l.ws == nil {
		return
	}
	// Say goodbye and hear the answers that are still on the way; to hang up at
	// once would throw away what the server has not read yet.
	_ = l.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = l.ws.SetReadDeadline(time.Now().Add(2 * time.Second))
	l.reader.Wait()
	l.ws.Close()
	l.ws = nil
}
