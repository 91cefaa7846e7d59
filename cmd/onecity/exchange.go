package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/incident"
	"onecity/gov/incident/exchange"
	"onecity/gov/incident/warning"
	"onecity/ingest"
	"onecity/internal/flow"
	"onecity/streams"
	"onecity/web"
	"onecity/web/hub"
)

// openJoined opens what is told to others: partners and warnings. The engine
// comes after them, since it runs the warnings' machine and hands the outbox to
// the partners.
func (o *office) openJoined(ctx context.Context, c *config) (err error) {
	if o.exchange, err = exchange.Open(ctx, o.pool, exchange.Options{
		Audit: o.log.Append, KeyFile: c.in("exchange.key"), Source: c.base(), Loopback: private(c.listen),
	}); err != nil {
		return fmt.Errorf("open the exchange with partners: %w", err)
	}
	if o.warnings, err = warning.Open(ctx, o.pool, warning.Options{
		Audit: o.log.Append, Base: c.base(), Authority: c.host(), Sender: "城市运行管理中心",
	}); err != nil {
		return fmt.Errorf("open the warnings: %w", err)
	}
	return nil
}

// toPartners queues what partners hear of before it lets a message of the outbox
// go on: the message stays in the outbox until both have it, and both drop what
// they have had.
func toPartners(x *exchange.Service, next flow.Publish) flow.Publish {
	return func(ctx context.Context, m flow.Message) error {
		if err := tell(ctx, x, m); err != nil {
			return err
		}
		return next(ctx, m)
	}
}

func tell(ctx context.Context, x *exchange.Service, m flow.Message) error {
	switch m.Kind {
	case incident.KindRecord:
		var c incident.Case
		if err := json.Unmarshal(m.Body, &c); err != nil {
			slog.Error("a case in the outbox cannot be read, no partner hears of it", "case", m.Object, "error", err)
			return nil // it would stop the outbox for ever
		}
		return x.Tell(ctx, c)
	case warning.Kind:
		var c warning.Change
		if err := json.Unmarshal(m.Body, &c); err != nil {
			slog.Error("a warning in the outbox cannot be read, no partner hears of it", "warning", m.Object, "error", err)
			return nil
		}
		w := c.Warning
		data, err := json.Marshal(warning.Change{Event: c.Event, Warning: w.Public()})
		if err != nil {
			return fmt.Errorf("write warning %s: %w", w.ID, err)
		}
		return x.TellWarning(ctx, w.ID, w.Version, m.At, w.Regions, data)
	}
	return nil
}

// partnerReports puts a partner's report through the gate.
func partnerReports(gate *ingest.Gate) exchange.Report {
	return func(ctx context.Context, p exchange.Partner, r incident.Report) error {
		if r.Severity < 0 || r.Severity > 4 {
			return fmt.Errorf("%w: severity %d; it must be 1 to 4, or 0 for the class's", exchange.ErrEvent, r.Severity)
		}
		in := cim.Incident{
			ID: r.ID, Version: 1, Class: r.Class, Title: r.Title, Description: r.Description, Severity: uint8(r.Severity), Lon: r.Lon, Lat: r.Lat,
			Address: r.Address, Reported: r.Reported, Updated: gate.Now(), Status: cim.StatusReported, Step: string(incident.Reported),
			Channel: r.Channel, Simulated: r.Simulated,
		}
		if in.Reported.IsZero() {
			in.Reported = in.Updated
		}
		if class, ok := cim.ClassOf(in.Class); ok {
			in.Due = in.Reported.Add(class.Limit)
			if in.Severity == 0 {
				in.Severity = class.Severity
			}
			if in.Title == "" {
				in.Title = class.Name
			}
		}
		within := gate.For(func(_, _ string, region geo.Code) bool { return geo.Code(p.Region).Contains(region) }).By("partner:" + p.ID)
		err := within.Incident(ctx, "/exchange/"+p.ID, "", in)
		var wrong ingest.Problems
		switch {
		case errors.Is(err, ingest.ErrConflict): // it was taken before
			return nil
		case errors.As(err, &wrong):
			return fmt.Errorf("%w: %w", exchange.ErrEvent, wrong)
		}
		return err
	}
}

// broadcast tells the open pages of every warning that is issued or ends, as
// soon as the stream has it.
func broadcast(broker *streams.Broker, server *web.Server) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			err := broker.Follow(ctx, cim.OfficePrefix+warning.Kind+".v1", func(e streams.Received) {
				var m struct {
					Body warning.Change `json:"body"`
				}
				if err := json.Unmarshal(e.Data, &m); err != nil {
					slog.Error("a warning in the stream cannot be read", "position", e.Seq, "error", err)
				}
				server.Announce(hub.NoticeWarning, m.Body.Warning.Regions)
			})
			if ctx.Err() != nil {
				return ctx.Err()
			}
			slog.Warn("warnings are not followed, trying again", "error", err)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
		}
	}
}
