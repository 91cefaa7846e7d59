package hub

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/live"
	"onecity/internal/need"
)

// BenchmarkFanout measures rule 5 at its limit: so many clients on one view,
// 10 frames a second for 10 s, the load generator in the same process. The
// delay of a frame counts from when the fact was published to when a client has
// read it whole; memory is what the process grew by for each client, kernel
// buffers not counted, both ends and the generator's 4 KiB included.
func BenchmarkFanout(b *testing.B) {
	for _, n := range []int{500, 5000} {
		b.Run(fmt.Sprint("clients=", n), func(b *testing.B) { fanout(b, n) })
	}
}

func fanout(b *testing.B, clients int) {
	w := newTown(b, Options{})
	var devices []cim.Device
	for i := range 1000 {
		devices = append(devices, w.device(fmt.Sprint("dev-", i), 120.90+float64(i%40)/1000, 31.35+float64(i/40)/1000))
	}
	w.put(cim.DevicesPut{Devices: devices})
	need.OpenFiles(b, 2*clients+200)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	g := &gallery{b: b, seen: make(chan []sight, clients)}
	began := time.Now()
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() { g.visit(w) })
	}
	wait.Wait() // all are connected and have had everything
	connect := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	grown := after.HeapInuse + after.StackInuse - before.HeapInuse - before.StackInuse

	const seconds, rate, per = 10, 10, 20 // 200 readings a second
	start := time.Now()
	sent := w.hub.Stats()
	tick := time.NewTicker(time.Second / rate)
	var facts []fact
	defer tick.Stop()
	for n := range seconds * rate {
		<-tick.C
		var o cim.Observations
		for i := range per {
			o.Observations = append(o.Observations, w.reading(devices[(n*per+i)%len(devices)].ID, float64(n)).Observations...)
		}
		at := time.Now()
		facts = append(facts, fact{w.send(o), at})
	}
	took := time.Since(start)
	eventually(b, "every reader at the end", func() bool {
		return w.hub.Stats().Sent-sent.Sent >= uint64(clients*(seconds*rate)*9/10) || time.Since(start) > 15*time.Second
	})
	time.Sleep(300 * time.Millisecond)
	stats := w.hub.Stats()
	g.stop(w)
	var all []time.Duration
	for range clients {
		all = delays(all, facts, <-g.seen)
	}
	slices.Sort(all)
	if len(all) == 0 {
		b.Fatal("no frame was measured")
	}
	at := func(p float64) float64 { return float64(all[int(p*float64(len(all)-1))].Microseconds()) / 1000 }
	b.ReportMetric(at(.50), "p50-ms")
	b.ReportMetric(at(.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(float64(stats.Sent-sent.Sent)/took.Seconds()/float64(clients), "frames/s/client")
	b.ReportMetric(float64(stats.Bytes-sent.Bytes)/float64(stats.Sent-sent.Sent), "bytes/frame")
	b.ReportMetric(float64(grown)/1024/float64(clients), "KiB/client")
	b.ReportMetric(connect.Seconds(), "connect-s")
	b.ReportMetric(0, "ns/op")
}

// fact is when a fact was handed to the broker, and the position it got.
type fact struct {
	seq uint64
	at  time.Time
}

// sight is a frame that a client has read.
type sight struct {
	from, to uint64
	at       time.Time
}

// delays adds how old the oldest fact of each frame was when it was read.
func delays(all []time.Duration, facts []fact, seen []sight) []time.Duration {
	for _, s := range seen {
		i, _ := slices.BinarySearchFunc(facts, s.from+1, func(f fact, seq uint64) int { return cmp.Compare(f.seq, seq) })
		if i < len(facts) && facts[i].seq <= s.to {
			all = append(all, s.at.Sub(facts[i].at))
		}
	}
	return all
}

// gallery is the load generator: sockets that read frames and look at the
// clock, as lean as can be, because it shares the machine.
type gallery struct {
	b     *testing.B
	mu    sync.Mutex
	conns []net.Conn
	seen  chan []sight
}

// visit connects one client and returns when it has got everything.
func (g *gallery) visit(w *town) {
	conn, err := net.Dial("tcp", w.server.Listener.Addr().String())
	if err != nil {
		g.b.Error(err)
		return
	}
	const request = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		g.b.Error(err)
		return
	}
	r := bufio.NewReaderSize(conn, 4096)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		g.b.Errorf("no upgrade: %v", err)
		return
	}
	if _, err := conn.Write(masked(`{"op":"sub","id":"x","view":{"layers":["devices"],"rate":10}}`)); err != nil {
		g.b.Error(err)
		return
	}
	for range 2 { // subscribed, everything
		if _, err := skipFrame(r); err != nil {
			g.b.Error(err)
			return
		}
	}
	g.mu.Lock()
	g.conns = append(g.conns, conn)
	g.mu.Unlock()
	go func() {
		seen := make([]sight, 0, 128)
		for {
			f, err := skipFrame(r)
			if err != nil {
				g.seen <- seen
				return
			}
			f.at = time.Now()
			seen = append(seen, f)
		}
	}()
}

func (g *gallery) stop(*town) {
	for _, c := range g.conns {
		c.Close()
	}
}

// masked is a short text frame from a client, masked with zeros.
func masked(s string) []byte {
	f := []byte{0x81, 0x80 | byte(len(s)), 0, 0, 0, 0}
	if len(s) > 125 {
		panic("too long for a short frame")
	}
	return append(f, s...)
}

// skipFrame reads one frame from the server and keeps its positions only.
func skipFrame(r *bufio.Reader) (f sight, err error) {
	head, err := r.Peek(2)
	if err != nil {
		return f, err
	}
	size, extra := int(head[1]&0x7f), 0
	switch size {
	case 126:
		extra = 2
	case 127:
		extra = 8
	}
	head, err = r.Peek(2 + extra)
	if err != nil {
		return f, err
	}
	switch extra {
	case 2:
		size = int(binary.BigEndian.Uint16(head[2:]))
	case 8:
		size = int(binary.BigEndian.Uint64(head[2:]))
	}
	if head, err = r.Peek(2 + extra + min(size, 200)); err != nil {
		return f, err
	}
	f.from, f.to = number(head, `"from":`), number(head, `"seq":`)
	_, err = r.Discard(2 + extra + size)
	return f, err
}

func number(text []byte, after string) (n uint64) {
	_, rest, _ := bytes.Cut(text, []byte(after))
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + uint64(c-'0')
	}
	return n
}

// BenchmarkTick is one tick of a view after 500 devices, in as many cells, have
// said something: what changed is found, and the frame for all readers encoded.
func BenchmarkTick(b *testing.B) {
	for _, layers := range []string{"devices", "cells"} {
		b.Run(layers, func(b *testing.B) { tick(b, layers) })
	}
}

func tick(b *testing.B, layer string) {
	w := newTown(b, Options{})
	const n = 500
	var devices []cim.Device
	for i := range n {
		devices = append(devices, w.device(fmt.Sprint("dev-", i), 120.82+float64(i%25)/100, 31.15+float64(i/25)/100))
	}
	w.put(cim.DevicesPut{Devices: devices})
	l, bad := Spec{Layers: []string{layer}}.look(cim.Whole(), func(string) bool { return false })
	if bad != nil {
		b.Fatal(bad)
	}
	// A view of our own, which no step reaches but ours.
	v := newView(w.hub, l)
	before := w.city.Snapshot()
	steps := make(chan live.Step, 1)
	stop := w.city.Watch(func(s live.Step) {
		if len(s.Changed) >= n {
			steps <- s
		}
	})
	defer stop()
	var all cim.Observations
	for _, d := range devices {
		all.Observations = append(all.Observations, w.reading(d.ID, 12.5).Observations...)
	}
	w.send(all)
	step := <-steps
	v.start(before)
	v.readers[&sub{client: &client{wake: make(chan struct{}, 1)}}] = struct{}{}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		v.now, v.top = before, before.Seq()
		v.recent.forget(before.Seq())
		v.tick([]live.Step{step}, false)
		if v.top != step.Snapshot.Seq() {
			b.Fatal("nothing was seen to change")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/thing")
}
