package streams

import (
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The headers of an event on the wire: CloudEvents 1.0, NATS Protocol Binding,
// binary content mode (section 3.1); content-type is the attribute
// datacontenttype. jetstream.MsgIDHeader is what the broker drops repeats by.
const (
	headerSpec   = "ce-specversion"
	headerID     = "ce-id"
	headerSource = "ce-source"
	headerType   = "ce-type"
	headerTime   = "ce-time"
	headerMedia  = "content-type"
)

// encode puts an event into a NATS message.
func encode(e Event) (*nats.Msg, error) {
	if e.ID == "" || e.Source == "" || e.Type == "" {
		return nil, fmt.Errorf("%w: id %q, source %q and type %q must all be there", ErrMalformed, e.ID, e.Source, e.Type)
	}
	if n := len(e.ID) + len(e.Source) + len(e.Type); n > 4096 {
		return nil, fmt.Errorf("%w: %d bytes of id, source and type, 4096 are allowed", ErrMalformed, n)
	}
	subject, ok := subjectOf(e.Type)
	if !ok {
		return nil, fmt.Errorf("%w: type %q is not a dotted name", ErrMalformed, e.Type)
	}
	id, source := escape(e.ID), escape(e.Source)
	values := [7]string{"1.0", id, source, e.Type, "application/json", e.Type + "#" + source + "#" + id}
	h := make(nats.Header, 7)
	h[headerSpec] = values[0:1:1]
	h[headerID] = values[1:2:2]
	h[headerSource] = values[2:3:3]
	h[headerType] = values[3:4:4]
	h[headerMedia] = values[4:5:5]
	h[jetstream.MsgIDHeader] = values[5:6:6]
	if !e.Time.IsZero() {
		values[6] = e.Time.Format(time.RFC3339Nano)
		h[headerTime] = values[6:7:7]
	}
	return &nats.Msg{Subject: subject, Header: h, Data: e.Data}, nil
}

// decode is the inverse of encode, of a message as the stream keeps it.
func decode(m jetstream.Msg) (Received, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Received{}, fmt.Errorf("read the position of a message: %w", err)
	}
	h := m.Headers()
	r := Received{
		Event: Event{
			ID:     unescape(first(h, headerID)),
			Source: unescape(first(h, headerSource)),
			Type:   first(h, headerType),
			Data:   m.Data(),
		},
		Seq: meta.Sequence.Stream,
		At:  meta.Timestamp,
	}
	if s := first(h, headerTime); s != "" {
		// A time that nobody can read is a time unsaid; the fact still counts.
		r.Time, _ = time.Parse(time.RFC3339Nano, s)
	}
	return r, nil
}

func first(h nats.Header, key string) string {
	if v := h[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

const hexDigits = "0123456789ABCDEF"

// escape percent-encodes what a header must not hold, as CloudEvents asks
// (space, quote, percent, and everything outside printable ASCII): nothing a
// sender puts into an id can end the header.
func escape(s string) string {
	n := 0
	for i := range len(s) {
		if unsafeByte(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 2*n)
	for i := range len(s) {
		if c := s[i]; unsafeByte(c) {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func unsafeByte(c byte) bool { return c <= ' ' || c >= 0x7f || c == '"' || c == '%' }

// unescape is the inverse of escape; what is no valid escape stays as it is.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := strings.IndexByte(hexDigits, upper(s[i+1])), strings.IndexByte(hexDigits, upper(s[i+2]))
			if hi >= 0 && lo >= 0 {
				b = append(b, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'f' {
		return c - 'a' + 'A'
	}
	return c
}
