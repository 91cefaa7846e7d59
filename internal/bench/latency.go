package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"onecity/cim"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"golang.org/x/sync/errgroup"
)

// Latency measures the route of a reading from a device's MQTT client to a
// browser's socket: 2,000 messages a second from 100 devices, one observation
// each, QoS 1; a view of 30 frames a second. The delay counts from before the
// publish to when a frame that holds the value, or a newer one of the same
// device, has been read.
func Latency(ctx context.Context, e *Env) ([]Figure, error) {
	s, err := newServer(e, "kunshan")
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	const senders, perSecond = 100, 2000
	ds := devices(senders)
	passwords, err := s.register(ctx, ds)
	if err != nil {
		return nil, err
	}
	lasting := e.lasting(20 * time.Second)
	each := int(lasting.Seconds() * perSecond / senders)
	w := &watch{sent: make([][]time.Time, senders), seen: make([][]time.Time, senders), next: make([]int, senders)}
	for i := range ds {
		w.sent[i], w.seen[i] = make([]time.Time, each), make([]time.Time, each)
	}
	sock, err := dial(s.addr, s.token(), `{"layers":["devices"],"rate":30}`, 64<<10)
	if err != nil {
		return nil, err
	}
	read := make(chan error, 1)
	go func() { read <- w.read(sock) }()
	defer func() { sock.close(); <-read }()

	clients, err := signIn(s.mqtt, ds, passwords)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, c := range clients {
			c.Disconnect(50)
		}
	}()
	e.Log("latency: %d devices publish %d observations a second for %s", senders, perSecond, lasting)
	began, before := time.Now(), s.used()
	group, gctx := errgroup.WithContext(ctx)
	for i, c := range clients {
		group.Go(func() error {
			period := time.Second * senders / perSecond
			return w.publish(gctx, c, i, ds[i].ID, began.Add(period*time.Duration(i)/senders), period)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	took := time.Since(began)
	spent := s.used().since(before).per(float64(senders*each), "observation")
	if err := until(ctx, 30*time.Second, "every observation was seen", func() (bool, error) { return w.missing() == 0, nil }); err != nil {
		return nil, fmt.Errorf("%w; %d of %d are missing", err, w.missing(), senders*each)
	}
	all := w.delays(each / 10) // the first tenth warms up
	note := fmt.Sprintf("%.0f observations/s from %d MQTT clients, QoS 1; push tick of 33 ms included; %s", float64(senders*each)/took.Seconds(), senders, spent)
	return []Figure{
		{What: "MQTT publish → frame at a browser's socket, p50", Unit: "ms", Target: 30, Reached: quantile(all, .5), Note: note},
		{What: "— p99", Unit: "ms", Target: 120, Reached: quantile(all, .99)},
	}, nil
}

// watch keeps when each value of each device was published and first seen.
type watch struct {
	mu   sync.Mutex
	sent [][]time.Time
	seen [][]time.Time
	next []int // per device, the first value not seen
}

func signIn(addr string, ds []cim.Device, passwords map[string]string) ([]mqtt.Client, error) {
	var clients []mqtt.Client
	for _, d := range ds {
		o := mqtt.NewClientOptions().AddBroker("tcp://" + addr).SetClientID(d.ID).SetUsername(d.ID).SetPassword(passwords[d.ID]).SetAutoReconnect(false)
		c := mqtt.NewClient(o)
		t := c.Connect()
		if !t.WaitTimeout(30 * time.Second) {
			return clients, errors.New("sign in over MQTT: no answer")
		}
		if t.Error() != nil {
			return clients, fmt.Errorf("sign in over MQTT: %w", t.Error())
		}
		clients = append(clients, c)
	}
	return clients, nil
}

// publish sends a device's values 0, 1, 2 … as hundredths of a degree, one a
// period, without waiting for the answer before the next.
func (w *watch) publish(ctx context.Context, c mqtt.Client, i int, id string, from time.Time, period time.Duration) error {
	var last mqtt.Token
	for n := range w.sent[i] {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(from.Add(time.Duration(n) * period))):
		}
		now := time.Now()
		w.mu.Lock()
		w.sent[i][n] = now
		w.mu.Unlock()
		last = c.Publish("onecity/v1/"+id+"/telemetry", 1, false,
			fmt.Sprintf(`{"property":"temperature","time":%q,"value":%.2f}`, now.UTC().Format(time.RFC3339Nano), float64(n)/100))
	}
	if !last.WaitTimeout(30 * time.Second) {
		return errors.New("no answer to the last message")
	}
	return last.Error()
}

// read takes frames until the socket is closed.
func (w *watch) read(s *socket) error {
	for {
		body, err := s.whole()
		if err != nil {
			return err
		}
		at := time.Now()
		var f struct {
			Devices []struct {
				ID     string                       `json:"id"`
				Values map[string][]json.RawMessage `json:"values"`
			} `json:"devices"`
		}
		if !bytes.Contains(body, []byte(`"temperature"`)) {
			continue
		}
		if err := json.Unmarshal(body, &f); err != nil {
			return fmt.Errorf("read a frame: %w", err)
		}
		w.mu.Lock()
		for _, d := range f.Devices {
			var i int
			if _, err := fmt.Sscanf(d.ID, "bench-%d", &i); err != nil || len(d.Values["temperature"]) == 0 {
				continue
			}
			v, err := strconv.ParseFloat(string(d.Values["temperature"][0]), 64)
			if err != nil {
				continue
			}
			for n := int(v*100 + .5); w.next[i] <= n && w.next[i] < len(w.seen[i]); w.next[i]++ {
				w.seen[i][w.next[i]] = at
			}
		}
		w.mu.Unlock()
	}
}

func (w *watch) missing() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.seen {
		n += len(w.seen[i]) - w.next[i]
	}
	return n
}

// delays are those of each device's values from number from on.
func (w *watch) delays(from int) (all []time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.seen {
		for n := from; n < len(w.seen[i]); n++ {
			all = append(all, w.seen[i][n].Sub(w.sent[i][n]))
		}
	}
	return all
}
