package hub

import (
	"sync"

	"onecity/cim"

	"github.com/gorilla/websocket"
)

// maxThings bounds one frame; a view that holds more must be narrowed.
const maxThings = 50_000

// frame is what changed in a view from one position to another, for all who
// stand at the first. It is encoded once, when first wanted.
type frame struct {
	view  *view
	from  uint64
	to    uint64
	reset bool // everything; from means nothing

	once  sync.Once
	city  *cim.Snapshot
	marks []mark
	drawn []drawing

	message *websocket.PreparedMessage
	size    int
	tooMany bool
	err     error
}

// make encodes the frame, or waits for who does.
func (f *frame) make() {
	f.once.Do(func() {
		body := f.encode()
		f.size = len(body)
		f.message, f.err = websocket.NewPreparedMessage(websocket.TextMessage, body)
		f.city, f.marks, f.drawn = nil, nil, nil
		f.view.hub.count.encoded.Add(1)
	})
}

// encode is the frame's text.
func (f *frame) encode() []byte {
	e := encoder{look: &f.view.look, city: f.city.In(f.view.look.scope)}
	t := make(text, 0, 256+128*len(f.marks))
	t = append(t, '{')
	t = t.key("op").str("frame")
	t = t.key("view").str(f.view.key)
	t = t.key("epoch").str(f.view.hub.city.Epoch())
	if !f.reset {
		t = t.key("from").uint(f.from)
	}
	t = t.key("seq").uint(f.to)
	t = t.key("time").time(f.city.At())
	if f.reset {
		t = t.key("reset").bool(true)
		t = e.all(t)
	} else {
		t = e.some(t, f.marks)
	}
	f.tooMany = e.count > maxThings
	if len(f.drawn) > 0 {
		t = t.key("widgets")
		t = append(t, '{')
		for _, d := range f.drawn {
			t = t.key(d.name)
			t = append(t, d.body...)
		}
		t = append(t, '}')
	}
	return append(t, '}')
}
