package streams

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// maxPayload is the largest message of any kind: a photo with its headers.
const maxPayload = MaxMediaBytes + 64<<10

// startServer runs the NATS server inside this process. It listens for MQTT
// only; the program itself speaks to it over a pipe in memory.
func (b *Broker) startServer(door *door) error {
	o := b.opts
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("make the broker's directory: %w", err)
	}
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
		host, port, err := net.SplitHostPort(o.MQTT)
		if err != nil {
			return fmt.Errorf("MQTT address %q: %w", o.MQTT, err)
		}
		n, err := strconv.Atoi(port)
		if err != nil || n < 0 || n > 65535 {
			return fmt.Errorf("MQTT address %q: the port is not a number from 0 to 65535", o.MQTT)
		}
		if n == 0 {
			n = server.RANDOM_PORT
		} else if err := probe(o.MQTT); err != nil {
			return err
		}
		so.MQTT.Host, so.MQTT.Port = host, n
		so.MQTT.AckWait = 30 * time.Second
	}
	srv, err := server.NewServer(so)
	if err != nil {
		return fmt.Errorf("make the embedded NATS server: %w", err)
	}
	srv.SetLoggerV2(serverLog{o.Log}, false, false, false)
	srv.Start()
	b.srv = srv
	if !srv.ReadyForConnections(20 * time.Second) {
		return fmt.Errorf("the embedded NATS server in %s did not become ready in 20 s", o.Dir)
	}
	if !srv.JetStreamEnabled() {
		return fmt.Errorf("the embedded NATS server could not open its store in %s", filepath.Join(o.Dir, "jetstream"))
	}
	return nil
}

// probe fails when addr cannot be listened on. The server itself would exit
// the process instead of failing.
func probe(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen for MQTT: %w", err)
	}
	return l.Close()
}

func mqttAddr(s *server.Server) string {
	v, err := s.Varz(nil)
	if err != nil {
		return ""
	}
	host := v.MQTT.Host
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(v.MQTT.Port))
}

// connect opens the program's own connection, inside the process or over URL.
func (b *Broker) connect(door *door) error {
	log := b.opts.Log
	opts := []nats.Option{
		nats.Name("onecity"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("connection to NATS lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("connection to NATS is back", "url", c.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, s *nats.Subscription, err error) {
			subject := ""
			if s != nil {
				subject = s.Subject
			}
			log.Warn("NATS", "error", err, "subject", subject)
		}),
	}
	url := b.opts.URL
	if b.srv != nil {
		opts = append(opts, nats.InProcessServer(b.srv), nats.UserInfo(insider, door.secret))
	}
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	b.nc = nc
	if b.js, err = jetstream.New(nc); err != nil {
		return fmt.Errorf("open JetStream: %w", err)
	}
	if b.srv != nil {
		b.city = newSyncer(blocksDir(b.opts.Dir, cityStream))
		b.media = newSyncer(blocksDir(b.opts.Dir, mediaStream))
	}
	return nil
}
