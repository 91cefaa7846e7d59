package feeds_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"onecity/ingest"
	"onecity/streams"
)

// told are the n first words of departments that the stream has of their
// incidents.
func (c city) told(t testing.TB, n int) (said []ingest.Told) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	done := errors.New("enough")
	err := c.Broker.Consume(ctx, 0, func(e streams.Received) error {
		if e.Type != ingest.TypeTold {
			return nil
		}
		var w ingest.Told
		if err := json.Unmarshal(e.Data, &w); err != nil {
			return err
		}
		if said = append(said, w); len(said) == n {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		t.Fatal(err)
	}
	return said
}
