package live

import (
	"context"
	"log/slog"
	"time"

	"onecity/cim"
	"onecity/streams"
)

// Publisher is the stream as the clock needs it (streams.Broker is one).
type Publisher interface {
	Publish(ctx context.Context, e streams.Event, d streams.Durability) error
}

// Strike puts a [cim.Tick] into the stream every second until ctx ends. Every
// node may strike: the second is the event's id, so the broker keeps one. A
// second that the stream does not take is not made up for.
func Strike(ctx context.Context, out Publisher) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case t := <-ticker.C:
			body, err := cim.Encode(cim.Tick{})
			if err != nil {
				return err
			}
			e := streams.Event{
				ID:     t.UTC().Format("20060102T150405Z"),
				Source: "/clock",
				Type:   cim.TypeOf(cim.Tick{}),
				Time:   t,
				Data:   body,
			}
			if err := out.Publish(ctx, e, streams.Written); err != nil && ctx.Err() == nil {
				slog.Warn("the clock's tick was not stored", "error", err)
			}
		}
	}
}
