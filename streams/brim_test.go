package streams

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/internal/need"
)

// Somebody else may fill the disk between our look at it and our write: then
// JetStream hits the brim itself, gives its stream up, and has to be started
// anew. Here nobody looks, so that it happens every time.
func TestFactsOnTheirWayWhenTheDiskFillsUpAreThereOnce(t *testing.T) {
	dir := need.SmallDisk(t, 128)
	b := open(t, Options{Dir: filepath.Join(dir, "broker"), Log: slog.New(slog.DiscardHandler)})
	b.room = nil
	first := b.srv.now.Load()

	var read []string
	reader, stopReading := context.WithCancel(t.Context())
	defer stopReading()
	reading := make(chan error, 1)
	var seen atomic.Int64
	go func() {
		reading <- b.Consume(reader, 0, func(e Received) error {
			read = append(read, e.ID)
			seen.Store(int64(len(read)))
			return nil
		})
	}()
	var accepted, refused atomic.Int64
	quit := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() { writeCarefully(t, b, w, quit, &accepted, &refused) })
	}
	more := func(what string, n *atomic.Int64, by int64) {
		t.Helper()
		before := n.Load()
		until(t, what, func() bool { return n.Load() >= before+by })
	}
	for range 2 {
		more("facts are accepted", &accepted, 100)
		empty := need.Fill(t, dir)
		until(t, "JetStream has failed to write", b.srv.hurt.Load)
		more("facts are refused", &refused, 4)
		empty()
		more("facts are accepted again", &accepted, 100)
	}
	close(quit)
	writers.Wait()
	if b.srv.now.Load() == first {
		t.Error("the server was never started anew: it has not hit the brim")
	}

	want := accepted.Load()
	if last, err := b.Last(t.Context()); err != nil || last != uint64(want) {
		t.Errorf("%d facts are in the stream (%v), %d were accepted", last, err, want)
	}
	until(t, "the reader has them all", func() bool { return seen.Load() >= want })
	stopReading()
	if err := <-reading; !errors.Is(err, context.Canceled) {
		t.Errorf("the reader ended with %v", err)
	}
	next := map[int]int{} // writer → the number of its next fact
	for _, id := range read {
		var w, n int
		if _, err := fmt.Sscanf(id, "%d-%d", &w, &n); err != nil || n != next[w] {
			t.Fatalf("read %s when fact %d of writer %d was due (%v)", id, next[w], w, err)
		}
		next[w]++
	}
	t.Logf("%d facts were accepted, %d times one was refused", want, refused.Load())
}

// writeCarefully publishes one fact after the other, each again until it is accepted.
func writeCarefully(t *testing.T, b *Broker, writer int, quit <-chan struct{}, accepted, refused *atomic.Int64) {
	for n := 0; ; n++ {
		e := fact(fmt.Sprintf("%d-%d", writer, n))
		e.Data = make([]byte, 1000)
		for !said(t, b, e) {
			refused.Add(1)
			select {
			case <-t.Context().Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
		accepted.Add(1)
		select {
		case <-quit:
			return
		default:
		}
	}
}

// said reports whether e was accepted. A stream that has been given up answers
// nothing, so this sender does not wait for long.
func said(t *testing.T, b *Broker, e Event) bool {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	return b.Publish(ctx, e, Written) == nil
}
