package simulate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"onecity/internal/cityapi"
)

// twice is the share of reports that tell of something that was reported
// already, by somebody else and in other words.
const twice = 0.07

// newcomer is a report by a citizen, the hotline or a grid worker.
func (d *desk) newcomer(ctx context.Context, now time.Time) error {
	if d.rng.Float64() < twice {
		if m := d.recent(); m != nil {
			t := textOf(m.class)
			return d.send(ctx, now, d.class(m.class), m.node, t.says[d.rng.IntN(len(t.says))], "citizen", m.id)
		}
	}
	c := d.draw()
	t := textOf(c.Code)
	channel := "citizen"
	switch r := d.rng.Float64(); {
	case r < 0.35:
		channel = "grid"
	case r < 0.5:
		channel = "department" // the hotline's orders
	}
	return d.send(ctx, now, c, d.scene(channel), t.says[d.rng.IntN(len(t.says))], channel, "")
}

// recent is one of the newest matters that nobody has been sent to.
func (d *desk) recent() *matter {
	for i := len(d.open) - 1; i >= 0 && i >= len(d.open)-6; i-- {
		if m := d.open[i]; m.again == "" && (m.state == "" || m.state == stateReported || m.state == stateEstablished) {
			return m
		}
	}
	return nil
}

// scene is where it happens: a grid worker finds it on the way, a citizen
// mostly where many people, and so somebody on duty, are not far.
func (d *desk) scene(channel string) int32 {
	g := d.town.graph
	if len(d.units) == 0 || channel == "citizen" && d.rng.Float64() < 0.3 {
		return int32(d.rng.IntN(len(g.at)))
	}
	n := d.units[d.rng.IntN(len(d.units))].node
	for range 4 + d.rng.IntN(12) {
		n = g.out[n][d.rng.IntN(len(g.out[n]))].to
	}
	return n
}

// draw picks a class by the weights of its texts.
func (d *desk) draw() cityapi.Class {
	total := 0.0
	for _, c := range d.town.classes {
		total += textOf(c.Code).weight
	}
	at := d.rng.Float64() * total
	for _, c := range d.town.classes {
		if at -= textOf(c.Code).weight; at < 0 {
			return c
		}
	}
	return cityapi.Class{}
}

func (d *desk) class(code string) cityapi.Class {
	for _, c := range d.town.classes {
		if c.Code == code {
			return c
		}
	}
	return cityapi.Class{}
}

func (d *desk) send(ctx context.Context, now time.Time, c cityapi.Class, n int32, says, channel, again string) error {
	if c.Code == "" {
		return nil
	}
	return d.tell(ctx, now, c, n, d.town.graph.at[n], says, d.town.address(n), channel, again)
}

// tell sends a report of something at a place near a corner of the streets.
func (d *desk) tell(ctx context.Context, now time.Time, c cityapi.Class, n int32, at [2]float64, says, address, channel, again string) error {
	d.number++
	if address == "" {
		address = d.town.address(n)
	}
	form := url.Values{
		"service_code": {c.Code}, "description": {says}, "address_string": {address},
		"lat": {strconv.FormatFloat(round6(at[1]), 'f', -1, 64)}, "long": {strconv.FormatFloat(round6(at[0]), 'f', -1, 64)},
		"channel": {channel}, "simulated": {"true"},
	}
	id, err := d.api.Report(ctx, fmt.Sprintf("sim-%d-%d-%d", d.seed, now.UnixMilli(), d.number), form)
	if cityapi.IsRefused(err, http.StatusBadRequest) { // this one will not be taken next time either
		d.stats.Refused.Add(1)
		d.log.Debug("a report was refused", "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("report an incident: %w", err)
	}
	d.stats.Reported.Add(1)
	m := &matter{
		id: id, class: c.Code, title: c.Name, state: stateReported, version: 1, lon: at[0], lat: at[1], due: now.Add(time.Duration(c.Limit) * time.Minute),
		node: n, next: d.soon(now, 5, 25), neglected: d.rng.Float64() < 0.05, again: again,
	}
	// One in a few is left alone for some minutes: a visitor may want to act.
	if d.rng.Float64() < d.leave {
		m.next = d.soon(now, 240, 480)
	}
	d.open = append(d.open, m)
	return nil
}

// refusal reports whether the server has answered, and said no to this one:
// it will say so again, however often it is asked.
func refusal(err error) bool {
	var no *cityapi.Refused
	return errors.As(err, &no) && no.Status >= 400 && no.Status < 500 && no.Status != http.StatusTooManyRequests && no.Status != http.StatusUnauthorized
}
