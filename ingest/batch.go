package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/streams"
)

// batch is one call on its way through the Gate: one snapshot and one time
// for all of its items.
type batch struct {
	findings
	gate    *Gate
	city    cim.Reader
	regions *geo.Regions
	now     time.Time
	source  string
	id      string
	// replaces: the facts say how something stands, and what was said before
	// may be said again.
	replaces bool

	// last is the device that the observation before was of; batches come
	// mostly sorted by device.
	last lastDevice
	// untimed are the datastreams of which a value without a time came.
	untimed map[datastream]struct{}
}

// begin opens a batch of n items, or answers why it is refused as a whole.
func (g *Gate) begin(source, id string, n int) (*batch, *Accepted) {
	if p := checkBatch(source, id, n); p != nil {
		return nil, &Accepted{Rejected: n, Problems: []Problem{*p}}
	}
	city := g.City()
	return &batch{findings: findings{max: g.spell}, gate: g, city: city, regions: city.Regions(), now: g.now(), source: source, id: id}, nil
}

// CheckSender says what is wrong with the source or the id that a sender gave;
// nil is nothing. Field is /source or /id.
func CheckSender(source, id string) *Problem { return checkBatch(source, id, 0) }

func checkBatch(source, id string, n int) *Problem {
	switch {
	case n > MaxBatch:
		return &Problem{Item: MaxBatch, Field: "/", Value: strconv.Itoa(n), Code: CodeTooMany,
			Message:  fmt.Sprintf("一批 %d 条，超过上限 / a batch of %d is over the limit", n, n),
			Expected: fmt.Sprintf("at most %d", MaxBatch)}
	case source == "" || len(source) > 2*MaxID || !plain(source):
		return &Problem{Field: "/source", Value: Shorten(source), Code: CodeMalformed,
			Message: "来源不合规 / the source is not usable", Expected: "a URI reference such as /feeds/air, printable, at most 256 bytes"}
	case len(id) > MaxID || !plain(id):
		return &Problem{Field: "/id", Value: Shorten(id), Code: CodeMalformed,
			Message: "批次编号不合规 / the id of the batch is not usable", Expected: "printable characters, at most 128 bytes"}
	}
	return nil
}

// sieve keeps the items without a problem. It copies nothing as long as all
// are good; check may fill in what an item left out.
func sieve[T any](f *findings, items []T, check func(*T) *Problem) []T {
	good := items
	copied := false
	for i := range items {
		p := check(&items[i])
		switch {
		case p != nil:
			f.add(i, p)
			if !copied {
				good, copied = append(make([]T, 0, len(items)-1), items[:i]...), true
			}
		case copied:
			good = append(good, items[i])
		}
	}
	return good
}

// storeFacts stores good items as facts that wrap makes of them.
func storeFacts[T any](ctx context.Context, b *batch, good []T, wrap func([]T) cim.Fact) (Accepted, error) {
	var failed error
	a, err := b.store(ctx, cim.TypeOf(wrap(nil)), len(good), func(from, to int) []byte {
		data, err := cim.Encode(wrap(good[from:to]))
		if err != nil {
			failed = err
		}
		return data
	})
	if failed != nil {
		return Accepted{}, fmt.Errorf("encode a batch of %s: %w", b.source, failed)
	}
	return a, err
}

// store publishes n good items, encoded by encode(from, to), halving what is
// too large for one event.
func (b *batch) store(ctx context.Context, typ string, n int, encode func(from, to int) []byte) (Accepted, error) {
	a := Accepted{Accepted: n, Rejected: b.rejected, Problems: b.problems}
	if n == 0 || b.gate.dry {
		return a, nil
	}
	if err := b.publish(ctx, typ, 0, n, true, encode); err != nil {
		return Accepted{}, fmt.Errorf("store a batch of %s: %w", b.source, err)
	}
	return a, nil
}

func (b *batch) publish(ctx context.Context, typ string, from, to int, whole bool, encode func(from, to int) []byte) error {
	data := encode(from, to)
	if len(data) > streams.MaxEventBytes && to-from > 1 {
		mid := (from + to) / 2
		if err := b.publish(ctx, typ, from, mid, false, encode); err != nil {
			return err
		}
		return b.publish(ctx, typ, mid, to, false, encode)
	}
	return b.gate.out.Publish(ctx, streams.Event{
		ID: b.eventID(data, whole), Source: b.source, Type: typ, Time: b.now, Data: data,
	}, streams.Written)
}

// eventID is the sender's id when the event is all that the sender sent.
// Otherwise it depends on the content too: a batch that is sent again because
// some of it was refused, and of which more is good now, is not the same event.
func (b *batch) eventID(data []byte, whole bool) string {
	if b.id != "" && whole && b.rejected == 0 {
		return b.id
	}
	if b.replaces {
		// A, then B, then A again are three facts, not two.
		data = append(b.now.AppendFormat(nil, time.RFC3339Nano), data...)
	}
	sum := sha256.Sum256(data)
	h := hex.EncodeToString(sum[:16])
	if b.id == "" {
		return h
	}
	return b.id + "~" + h
}
