package simulate

import (
	"context"
	"encoding/json"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// mqttLine is one device's or unit's own connection to the broker.
type mqttLine struct {
	client  paho.Client
	topic   string
	stats   *Stats
	up      paho.Token
	pending []sent
}

// sent waits for its PUBACK: the server's yes.
type sent struct {
	token paho.Token
	count func(int64)
	n     int64
}

// mostPending bounds what one line waits for.
const mostPending = 256

// openMQTT begins to connect, and goes on trying until close. password is asked
// at each attempt, since a new one may have been given out.
func openMQTT(addr, id, topic string, password func() string, stats *Stats) *mqttLine {
	o := paho.NewClientOptions().
		AddBroker("tcp://" + addr).SetClientID(id).
		SetCredentialsProvider(func() (string, string) { return id, password() }).
		SetCleanSession(true).SetKeepAlive(60 * time.Second).
		SetConnectTimeout(10 * time.Second).SetWriteTimeout(10 * time.Second).
		SetAutoReconnect(true).SetMaxReconnectInterval(10 * time.Second).
		SetConnectRetry(true).SetConnectRetryInterval(2 * time.Second)
	l := &mqttLine{client: paho.NewClient(o), topic: topic, stats: stats}
	l.up = l.client.Connect() // with ConnectRetry its token ends only when it is up
	return l
}

// await waits until the line is up or ctx ends.
func (l *mqttLine) await(ctx context.Context) {
	select {
	case <-l.up.Done():
	case <-ctx.Done():
	}
}

// send publishes body; n is how much of what it counts for. A line that is down
// loses it, as a sensor without a memory would.
func (l *mqttLine) send(body any, n int, count func(int64)) {
	l.sweep()
	if !l.client.IsConnectionOpen() || len(l.pending) >= mostPending {
		l.stats.Lost.Add(int64(n))
		return
	}
	b, err := json.Marshal(body)
	if err != nil { // a number that JSON does not have
		l.stats.Lost.Add(int64(n))
		return
	}
	l.pending = append(l.pending, sent{l.client.Publish(l.topic, 1, false, b), count, int64(n)})
}

// sweep counts what has been answered since.
func (l *mqttLine) sweep() {
	still := l.pending[:0]
	for _, s := range l.pending {
		select {
		case <-s.token.Done():
			if s.token.Error() != nil {
				l.stats.Lost.Add(s.n)
			} else {
				s.count(s.n)
			}
		default:
			still = append(still, s)
		}
	}
	l.pending = still
}

func (l *mqttLine) close() {
	for _, s := range l.pending {
		s.token.WaitTimeout(2 * time.Second)
	}
	l.sweep()
	l.client.Disconnect(100)
}
