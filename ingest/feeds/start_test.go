package feeds_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"onecity/geo"
	"onecity/ingest"
	"onecity/ingest/feeds"
	"onecity/ingest/ingesttest"
)

// eight is when the deliveries of the tests are of.
var eight = time.Date(2026, 1, 31, 8, 0, 0, 0, time.FixedZone("", 8*3600))

// city is a running city with the example feeds, a quarter past eight.
type city struct {
	*ingesttest.City
	*feeds.Service
	dir string
}

func start(t testing.TB, change ...func(*feeds.Options)) city {
	t.Helper()
	c := ingesttest.Start(t)
	c.Clock.Set(eight.Add(15 * time.Minute))
	contracts, err := feeds.Examples()
	if err != nil {
		t.Fatal(err)
	}
	o := feeds.Options{Dir: t.TempDir(), Contracts: contracts, Gate: c.Gate, Bury: c.Broker.Bury,
		Settle: 40 * time.Millisecond, Rescan: 100 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&o)
	}
	s, err := feeds.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return city{c, s, o.Dir}
}

// inCRS delivers a feed of the examples in another coordinate system.
func inCRS(feed string, crs geo.CRS) func(*feeds.Options) {
	return func(o *feeds.Options) {
		for _, c := range o.Contracts {
			if c.ID == feed {
				c.CRS = crs
			}
		}
	}
}

// watch runs the watched folder until the test ends.
func (c city) watch(t testing.TB) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := c.Watch(ctx); ctx.Err() == nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
}

func (c city) deliver(t testing.TB, feed, name string, body []byte) feeds.Report {
	t.Helper()
	r, err := c.Deliver(t.Context(), feed, name, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wrong is what a report says is wrong, one line a problem: cell, column, code.
func wrong(ps []ingest.Problem) string {
	var lines []string
	for _, p := range ps {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", p.Item, p.Cell, p.Field, p.Code)))
	}
	return strings.Join(lines, "\n")
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// problems of a dead letter.
func problems(t testing.TB, why json.RawMessage) (ps []ingest.Problem) {
	t.Helper()
	if err := json.Unmarshal(why, &ps); err != nil {
		t.Fatal(err)
	}
	return ps
}
