package streams

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// connect opens the program's own connection, inside the process or over URL.
func (b *Broker) connect(door *door) error {
	log := b.opts.Log
	opts := []nats.Option{
		nats.Name("onecity"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
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
	if b.srv != nil {
		opts = append(opts, nats.InProcessServer(b.srv), nats.UserInfo(insider, door.secret))
	}
	nc, err := nats.Connect(b.opts.URL, opts...)
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
