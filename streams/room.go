package streams

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// room watches that we do not write the disk to the brim: JetStream gives a
// stream up after one failed write, so refusing early is the gentle way. When
// somebody else fills the disk first, [embedded.heal] is the other.
type room struct {
	dir     string
	reserve int64
	flying  atomic.Int64 // bytes being published right now
}

func newRoom(dir string, reserve int64) *room { return &room{dir: dir, reserve: reserve} }

// take asks for n bytes; give them back with done when they are stored.
func (r *room) take(n int) (done func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	flying := r.flying.Add(int64(n))
	free, err := freeBytes(r.dir)
	if err == nil && free-flying < r.reserve {
		err = fmt.Errorf("%w: %d MiB of the disk of %s are free, %d MiB are the reserve",
			ErrFull, free>>20, r.dir, r.reserve>>20)
	}
	if err != nil {
		r.flying.Add(-int64(n))
		return nil, err
	}
	return func() { r.flying.Add(-int64(n)) }, nil
}

func freeBytes(dir string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("ask how much of the disk of %s is free: %w", dir, err)
	}
	return int64(st.Bavail) * st.Bsize, nil
}

// watchRoom lets devices go while there is no room for what they say: a device
// without PUBACK keeps its message and comes again.
func (b *Broker) watchRoom(ctx context.Context, d *door) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		free, err := freeBytes(b.opts.Dir)
		full := err == nil && free < b.opts.Reserve
		if was := d.full.Swap(full); was != full {
			b.opts.Log.Warn("room on the broker's disk", "full", full, "freeMiB", free>>20, "reserveMiB", b.opts.Reserve>>20)
		}
		switch {
		case full:
			b.letDevicesGo()
		case b.srv.hurt.Load():
			err := b.srv.heal()
			b.opts.Log.Warn("the embedded NATS server was started anew after a failed write", "error", err)
		}
	}
}

func (b *Broker) letDevicesGo() {
	// It is asked again at the next tick.
	_, _ = b.dismiss(func(c *server.ConnInfo) bool { return c.MQTTClient != "" })
}
