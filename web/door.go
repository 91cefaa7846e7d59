package web

import (
	"net"
	"sync"

	"onecity/web/limit"
)

// perAddress is how many connections one address may hold: an office of 500
// behind one address, with six lines a browser and a live one.
const perAddress = 5000

// door is a listener that takes so many connections from one address, and
// closes others at once: nobody alone takes all that the system has. Our own
// machine, where a proxy or a wall of displays may be, has no bound.
type door struct {
	net.Listener
	most int

	mu   sync.Mutex
	held map[string]int
}

func newDoor(l net.Listener, most int) *door {
	return &door{Listener: l, most: most, held: map[string]int{}}
}

// Accept returns the next connection from an address that may have one more.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil || loopback(c.RemoteAddr()) {
			return c, err
		}
		host, _, err := net.SplitHostPort(c.RemoteAddr().String())
		if err != nil {
			c.Close()
			continue
		}
		from := limit.Address(host)
		if !d.enter(from) {
			c.Close()
			continue
		}
		return &visitor{Conn: c, leave: sync.OnceFunc(func() { d.leave(from) })}, nil
	}
}

func (d *door) enter(from string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held[from] >= d.most {
		return false
	}
	d.held[from]++
	return true
}

func (d *door) leave(from string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held[from]--; d.held[from] == 0 {
		delete(d.held, from)
	}
}

// visitor is a connection that is counted.
type visitor struct {
	net.Conn
	leave func()
}

// Close ends it and makes room for another.
func (v *visitor) Close() error {
	defer v.leave()
	return v.Conn.Close()
}
