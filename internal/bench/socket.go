package bench

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
)

// socket is a WebSocket client as lean as can be, because the load generator
// shares the machine with the server: it reads text frames of the server and
// answers nothing (the server pings, and the measures are over by the time it
// would mind).
type socket struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

// dial connects to /ws and subscribes to a view, given as JSON of at most 100
// bytes or so.
func dial(addr, token, view string, buffer int) (*socket, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, in: bufio.NewReaderSize(conn, buffer)}
	_, err = io.WriteString(conn, "GET /ws HTTP/1.1\r\nHost: "+addr+"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Authorization: Bearer "+token+"\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
	if err == nil {
		var res *http.Response
		if res, err = http.ReadResponse(s.in, nil); err == nil {
			res.Body.Close() // an upgrade has none
			if res.StatusCode != http.StatusSwitchingProtocols {
				err = errors.New("no upgrade: " + res.Status)
			}
		}
	}
	if err == nil {
		err = s.send(`{"op":"sub","id":"b","view":` + view + `}`)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open a live socket: %w", err)
	}
	return s, nil
}

// send writes a text frame, masked with zeros.
func (s *socket) send(text string) error {
	f := []byte{0x81}
	if len(text) < 126 {
		f = append(f, 0x80|byte(len(text)))
	} else {
		f = binary.BigEndian.AppendUint16(append(f, 0x80|126), uint16(len(text)))
	}
	f = append(f, 0, 0, 0, 0)
	_, err := s.conn.Write(append(f, text...))
	return err
}

// head reads the beginning of the next text frame and its length; pings and
// pongs are passed over, and answered.
func (s *socket) head() (size int, err error) {
	for {
		h, err := s.in.Peek(2)
		if err != nil {
			return 0, err
		}
		op, size, extra := h[0]&0x0f, int(h[1]&0x7f), 0
		switch size {
		case 126:
			extra = 2
		case 127:
			extra = 8
		}
		if h, err = s.in.Peek(2 + extra); err != nil {
			return 0, err
		}
		switch extra {
		case 2:
			size = int(binary.BigEndian.Uint16(h[2:]))
		case 8:
			size = int(binary.BigEndian.Uint64(h[2:]))
		}
		if _, err := s.in.Discard(2 + extra); err != nil {
			return 0, err
		}
		if op == 1 {
			return size, nil
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(s.in, payload); err != nil {
			return 0, err
		}
		switch op {
		case 8:
			return 0, io.EOF
		case 9:
			pong := append([]byte{0x8a, 0x80 | byte(size), 0, 0, 0, 0}, payload...)
			if _, err := s.conn.Write(pong); err != nil {
				return 0, err
			}
		}
	}
}

// whole reads the next frame; it is good until the next call.
func (s *socket) whole() ([]byte, error) {
	size, err := s.head()
	if err != nil {
		return nil, err
	}
	if cap(s.body) < size {
		s.body = make([]byte, size)
	}
	s.body = s.body[:size]
	_, err = io.ReadFull(s.in, s.body)
	return s.body, err
}

// position reads the next frame but keeps only where it goes from and to.
func (s *socket) position() (from, to uint64, err error) {
	size, err := s.head()
	if err != nil {
		return 0, 0, err
	}
	head, err := s.in.Peek(min(size, 200))
	if err != nil {
		return 0, 0, err
	}
	from, to = after(head, `"from":`), after(head, `"seq":`)
	_, err = s.in.Discard(size)
	return from, to, err
}

// after is the whole number that follows name.
func after(text []byte, name string) (n uint64) {
	_, rest, _ := bytes.Cut(text, []byte(name))
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, _ = strconv.ParseUint(string(rest[:end]), 10, 64)
	return n
}

func (s *socket) close() { s.conn.Close() }
