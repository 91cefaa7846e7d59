package simulate

import (
	"context"
	"slices"
	"sync"
	"time"

	"onecity/cim"
)

// lines are the connections of those who have one of their own. Who has none
// sends by HTTP, in batches.
type lines struct {
	devices []*mqttLine   // of the first devices
	mqtt    []*mqttLine   // by unit, nil for most
	sockets []*socketLine // by unit, nil for most

	mu     sync.Mutex
	secret map[string]string // read whenever a line signs in
}

// passwords keeps those that were told, and asks for a new one where it was
// told to a run before.
func (l *lines) passwords(ctx context.Context, r *run, told map[string]string) error {
	if r.MQTT == "" {
		return nil
	}
	for _, id := range r.onMQTT() {
		p, ok := told[id]
		if !ok {
			var err error
			if p, err = r.api.Password(ctx, id); err != nil {
				return err
			}
		}
		l.mu.Lock()
		if l.secret == nil {
			l.secret = make(map[string]string)
		}
		l.secret[id] = p
		l.mu.Unlock()
	}
	return nil
}

func (l *lines) password(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.secret[id]
}

// unitsOnMQTT of every MQTTLines devices that have a line, so many units do.
const unitsOnMQTT = 4

// onMQTT are the ids of devices and units with an MQTT line.
func (r *run) onMQTT() (ids []string) {
	for _, d := range r.devices[:min(len(r.devices), r.MQTTLines)] {
		ids = append(ids, d.ID)
	}
	n := r.MQTTLines / unitsOnMQTT
	for _, u := range r.units {
		if !u.socket && n > 0 {
			ids = append(ids, u.ID)
			n--
		}
	}
	return ids
}

// signIn is how long the first readings wait for lines to come up.
const signIn = 5 * time.Second

// open opens the lines.
func (r *run) open(ctx context.Context) {
	l := &r.lines
	l.mqtt, l.sockets = make([]*mqttLine, len(r.units)), make([]*socketLine, len(r.units))
	n := r.SocketLines
	for i, u := range r.units {
		if u.socket && n > 0 {
			l.sockets[i] = newSocketLine(r.URL, u.ID, r.Token, r.stats)
			n--
		}
	}
	if r.MQTT == "" {
		return
	}
	open := func(id, what string) *mqttLine {
		return openMQTT(r.MQTT, id, "onecity/v1/"+id+"/"+what, func() string { return l.password(id) }, r.stats)
	}
	n = r.MQTTLines / unitsOnMQTT
	for i, u := range r.units {
		if !u.socket && n > 0 {
			l.mqtt[i] = open(u.ID, "position")
			n--
		}
	}
	for _, d := range r.devices[:min(len(r.devices), r.MQTTLines)] {
		l.devices = append(l.devices, open(d.ID, "telemetry"))
	}
	ctx, cancel := context.WithTimeout(ctx, signIn)
	defer cancel()
	for _, line := range slices.Concat(l.devices, l.mqtt) {
		if line != nil {
			line.await(ctx)
		}
	}
}

// device sends over the device's own line; false where it has none.
func (l *lines) device(i int, now time.Time, values map[string]float64, r *run) bool {
	if i >= len(l.devices) {
		return false
	}
	body := struct {
		Time   time.Time          `json:"time"`
		Values map[string]float64 `json:"values"`
	}{now, values}
	l.devices[i].send(body, len(values), func(n int64) { r.stats.Observations.Add(n) })
	return true
}

// unit sends over the unit's own line; false where it has none.
func (l *lines) unit(ctx context.Context, i int, now time.Time, p cim.Position, r *run) bool {
	body := struct {
		Time    time.Time `json:"time"`
		Lon     float64   `json:"lon"`
		Lat     float64   `json:"lat"`
		Speed   float32   `json:"speed"`
		Heading float32   `json:"heading"`
		Status  string    `json:"status"`
	}{p.Time, p.Lon, p.Lat, p.Speed, p.Heading, p.Status}
	switch {
	case l.sockets[i] != nil:
		l.sockets[i].send(ctx, now, body)
	case l.mqtt[i] != nil:
		l.mqtt[i].send(body, 1, func(n int64) { r.stats.Positions.Add(n) })
	default:
		return false
	}
	return true
}

func (l *lines) close() {
	for _, m := range append(l.devices, l.mqtt...) {
		if m != nil {
			m.close()
		}
	}
	for _, s := range l.sockets {
		if s != nil {
			s.close()
		}
	}
}
