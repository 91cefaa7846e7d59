package streams

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Options say where the broker is and how much it may keep.
type Options struct {
	// Dir holds the embedded server's files. Ignored with URL.
	Dir string
	// URL of an external NATS server or cluster; empty means embedded.
	URL string
	// MQTT is the listen address of the embedded server's MQTT 3.1.1 listener,
	// such as "127.0.0.1:1883"; empty means none, port 0 picks one.
	MQTT string
	// MQTTTLS makes the embedded server's MQTT listener speak TLS, and nothing
	// else; nil means plain TCP. Its certificate may change while it is open.
	MQTTTLS *tls.Config
	// Credentials answers whether a device may sign in over MQTT; it may then
	// publish below "onecity/v1/<id>/" and nowhere else. Nil lets nobody in.
	// It is called from many goroutines and must answer within a second.
	Credentials func(id, password string) bool
	// MaxBytes bounds the CITY stream on disk (default 8 GiB); a full stream
	// refuses new facts, it drops old ones only when whoever keeps the record
	// says so (Forget), and those older than MaxAge (default 72 h) with them.
	// Age alone drops nothing, however long history is away.
	MaxBytes int64
	MaxAge   time.Duration
	// Reserve is how much of the disk below Dir stays free (default 64 MiB):
	// nearer to the brim nothing is accepted, because a server that has hit
	// the brim itself needs a restart.
	Reserve int64
	// Replicas of each stream in an external cluster (default 1). It counts
	// only when the streams are created; see docs/adr/0001.
	Replicas int
	// Log gets what the embedded server and the connection say; nil means
	// slog.Default().
	Log *slog.Logger
}

func (o *Options) defaults() {
	if o.MaxBytes == 0 {
		o.MaxBytes = 8 << 30
	}
	if o.MaxAge == 0 {
		o.MaxAge = 72 * time.Hour
	}
	if o.Reserve == 0 {
		o.Reserve = 64 << 20
	}
	if o.Replicas == 0 {
		o.Replicas = 1
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
}

// Broker is the open broker. It is safe for concurrent use.
type Broker struct {
	opts  Options
	srv   *embedded // nil with an external server
	lock  *dirLock  // nil with an external server
	room  *room     // nil with an external server
	nc    *nats.Conn
	js    jetstream.JetStream
	epoch string
	city  *syncer
	media *syncer
	stop  context.CancelFunc
	wg    sync.WaitGroup
}

// Open starts the embedded server, or connects, and declares the streams. ctx
// bounds the opening only. ErrInUse when another program holds Dir.
func Open(ctx context.Context, o Options) (_ *Broker, err error) {
	o.defaults()
	run, stop := context.WithCancel(context.Background())
	b := &Broker{opts: o, stop: stop}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	door := newDoor(o.Credentials)
	if o.URL == "" {
		if err := b.startServer(door); err != nil {
			return nil, err
		}
	}
	if err := b.connect(door); err != nil {
		return nil, err
	}
	if err := b.declare(ctx); err != nil {
		return nil, err
	}
	if err := b.liftQoS0(); err != nil {
		return nil, err
	}
	if b.srv != nil {
		if err := syncTree(o.Dir); err != nil {
			return nil, fmt.Errorf("sync the new streams in %s: %w", o.Dir, err)
		}
		door.open()
		b.wg.Go(func() { b.watchRoom(run, door) })
	}
	return b, nil
}

// Close stops what Open started, after everything accepted is on disk.
func (b *Broker) Close() error {
	b.stop()
	b.wg.Wait()
	var errs []error
	if b.nc != nil {
		b.nc.Close()
	}
	if b.srv != nil {
		b.srv.stop()
		b.srv = nil
		if err := syncTree(b.opts.Dir); err != nil {
			errs = append(errs, fmt.Errorf("sync %s: %w", b.opts.Dir, err))
		}
	}
	if b.lock != nil {
		errs = append(errs, b.lock.release())
		b.lock = nil
	}
	return errors.Join(errs...)
}

// MQTTAddr is where the MQTT listener is, "" without one.
func (b *Broker) MQTTAddr() string {
	if b.srv == nil || b.opts.MQTT == "" {
		return ""
	}
	return b.srv.mqttAddr()
}

// Epoch names this CITY stream's life (its creation): a position of another
// epoch means nothing.
func (b *Broker) Epoch() string { return b.epoch }

// Last is the position of the newest event of CITY, 0 when empty.
func (b *Broker) Last(ctx context.Context) (uint64, error) {
	s, err := b.js.Stream(ctx, cityStream)
	if err != nil {
		return 0, fmt.Errorf("ask for the newest position of %s: %w", cityStream, err)
	}
	return s.CachedInfo().State.LastSeq, nil
}

// First is the position of the oldest event that is still in CITY; one past
// Last when there is none.
func (b *Broker) First(ctx context.Context) (uint64, error) {
	s, err := b.js.Stream(ctx, cityStream)
	if err != nil {
		return 0, fmt.Errorf("ask for the oldest position of %s: %w", cityStream, err)
	}
	st := s.CachedInfo().State
	if st.Msgs == 0 {
		return st.LastSeq + 1, nil
	}
	return st.FirstSeq, nil
}

func epochOf(created time.Time) string {
	return strconv.FormatInt(created.UnixNano(), 36)
}
