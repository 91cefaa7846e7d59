package streams

import (
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// maxPayload is the largest message of any kind, also over MQTT; the server
// advises against more.
const maxPayload = 8 << 20

// handshakeWait is how long a device may take over its TLS handshake: a radio
// modem in a manhole needs more than the server's own two seconds.
const handshakeWait = 10 * time.Second

// embedded is the NATS server inside this process. It listens for MQTT only;
// the program itself speaks to it over a pipe in memory.
type embedded struct {
	opts *server.Options
	log  *slog.Logger
	now  atomic.Pointer[server.Server]
	// hurt: a write failed. JetStream then refuses to write to that stream for
	// as long as the server runs, so it has to be started anew (see heal).
	hurt atomic.Bool
}

// startServer takes Dir and runs the server there.
func (b *Broker) startServer(door *door) error {
	o := b.opts
	lock, err := lockDir(o.Dir)
	if err != nil {
		return err
	}
	b.lock = lock
	b.room = newRoom(o.Dir, o.Reserve)
	so := &server.Options{
		ServerName:                 "onecity",
		DontListen:                 true,
		NoSigs:                     true,
		NoLog:                      true,
		MaxPayload:                 maxPayload,
		MaxPending:                 256 << 20,
		JetStream:                  true,
		StoreDir:                   o.Dir,
		JetStreamMaxMemory:         64 << 20,
		JetStreamMaxStore:          1 << 50, // the streams' own bounds and room decide
		CustomClientAuthentication: door,
	}
	if o.MQTT != "" {
		if so.MQTT.Host, so.MQTT.Port, err = listenAddr(o.MQTT); err != nil {
			return err
		}
		so.MQTT.AckWait = 30 * time.Second
		so.MQTT.TLSConfig = o.MQTTTLS
		so.MQTT.TLSTimeout = handshakeWait.Seconds()
	}
	e := &embedded{opts: so, log: o.Log}
	if err := e.start(); err != nil {
		return err
	}
	b.srv = e
	return nil
}

func (e *embedded) start() error {
	srv, err := server.NewServer(e.opts.Clone())
	if err != nil {
		return fmt.Errorf("make the embedded NATS server: %w", err)
	}
	srv.SetLoggerV2(serverLog{e.log, &e.hurt}, false, false, false)
	srv.Start()
	e.now.Store(srv)
	if !srv.ReadyForConnections(20 * time.Second) {
		e.stop()
		return fmt.Errorf("the embedded NATS server in %s did not become ready in 20 s", e.opts.StoreDir)
	}
	if !srv.JetStreamEnabled() {
		e.stop()
		return fmt.Errorf("the embedded NATS server could not open its store in %s", filepath.Join(e.opts.StoreDir, "jetstream"))
	}
	if e.opts.MQTT.Port == server.RANDOM_PORT { // only ever at the first start
		v, err := srv.Varz(nil)
		if err != nil {
			e.stop()
			return fmt.Errorf("ask where the MQTT listener is: %w", err)
		}
		e.opts.MQTT.Port = v.MQTT.Port // so that a random one stays
	}
	return nil
}

func (e *embedded) stop() {
	s := e.now.Load()
	s.Shutdown()
	s.WaitForShutdown()
}

// heal starts the server anew after a write failed. Our own connection and the
// devices reconnect by themselves; what was acknowledged is in the files.
func (e *embedded) heal() error {
	e.hurt.Store(false)
	e.stop()
	if err := e.start(); err != nil {
		e.hurt.Store(true)
		return err
	}
	return nil
}

// InProcessConn is how our own connection reaches whichever server runs now.
func (e *embedded) InProcessConn() (net.Conn, error) { return e.now.Load().InProcessConn() }

func (e *embedded) mqttAddr() string {
	host := e.opts.MQTT.Host
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(e.opts.MQTT.Port))
}

// listenAddr reads the MQTT address, and fails when nobody can listen there:
// the server itself would end the process.
func listenAddr(addr string) (host string, port int, err error) {
	host, p, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, fmt.Errorf("MQTT address %q: %w", addr, err)
	}
	port, err = strconv.Atoi(p)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("MQTT address %q: the port is not a number from 0 to 65535", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", 0, fmt.Errorf("listen for MQTT: %w", err)
	}
	if err := l.Close(); err != nil {
		return "", 0, fmt.Errorf("listen for MQTT: %w", err)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}
