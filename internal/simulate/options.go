package simulate

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"
)

// Options of a run. [Defaults] are good for a demonstration.
type Options struct {
	// URL is the server's address, such as "http://127.0.0.1:8080".
	URL string
	// Token is what the simulator shows: an app token that may write the city's
	// things, send for them and report.
	Token string
	// Workers is what the crews show: an app token of another subject, since who
	// did the work does not verify it. Empty: nobody works, all is left to people.
	Workers string
	// Leave is the share of reports that is left alone for some minutes, so that
	// people can act on them.
	Leave float64
	// Recorded are reports to be made as they were recorded, beside those of
	// IncidentsPerHour. Speed is how many times faster than it happened, and how
	// much faster people decide, drive and work; below 1 it is 1.
	Recorded []Recorded
	Speed    float64
	// MQTT is the broker's address, "host:port"; empty sends everything by HTTP
	// and WebSocket.
	MQTT string
	Seed uint64
	// Rate is observations a second, over all devices; a device speaks four times
	// a second at most.
	Rate float64
	// Devices and Units are how many there are.
	Devices, Units int
	// IncidentsPerHour is how many people report in an hour; what sensors feel
	// becomes an incident by the city's alarm rules.
	IncidentsPerHour float64
	// For is how long it lasts; 0 is until it is told to stop.
	For time.Duration
	// MQTTLines and SocketLines bound how many devices and units hold a line of
	// their own; the others send in batches by HTTP, as behind a gateway.
	MQTTLines, SocketLines int
	Log                    *slog.Logger

	// Retry is how long to wait before the server is asked again at the start; 0
	// is a second.
	Retry time.Duration
	// Start is the first moment of the timeline; zero is now. Pace waits until a
	// moment of the timeline is due and tells how late it is; nil goes by the
	// clock.
	Start time.Time
	Pace  func(ctx context.Context, due time.Time) (late time.Duration, err error)
}

// Defaults are 150 observations a second from 600 devices, 120 units, and 180
// incidents an hour, about what a city of two million reports.
func Defaults() Options {
	return Options{
		URL: "http://127.0.0.1:8080", MQTT: "127.0.0.1:1883", Seed: 1,
		Rate: 150, Devices: 600, Units: 120, IncidentsPerHour: 180, Leave: 0.12,
		MQTTLines: 120, SocketLines: 40,
	}
}

// Check says what is wrong with the options.
func (o *Options) Check() error {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return errors.New("--url: expected the server's address, such as http://127.0.0.1:8080")
	case o.Rate < 0 || o.Rate > 1e6:
		return errors.New("--rate: expected 0 to 1,000,000 observations a second")
	case o.Devices < 0 || o.Devices > 1_000_000:
		return errors.New("--devices: expected 0 to 1,000,000")
	case o.Units < 0 || o.Units > 100_000:
		return errors.New("--units: expected 0 to 100,000")
	case o.IncidentsPerHour < 0 || o.IncidentsPerHour > 100_000:
		return errors.New("--incidents-per-hour: expected 0 to 100,000")
	case !(o.Speed >= 0 && o.Speed <= 60):
		return errors.New("--speed: expected 1 to 60")
	case !(o.Leave >= 0 && o.Leave <= 1):
		return errors.New("--leave: expected a share of 0 to 1")
	case o.For < 0:
		return errors.New("--for: expected no negative time")
	}
	return nil
}

// byClock waits until due.
func byClock(ctx context.Context, due time.Time) (late time.Duration, err error) {
	wait := time.Until(due)
	if wait <= 0 {
		return -wait, ctx.Err()
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return 0, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
