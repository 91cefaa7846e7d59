package streams

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"onecity/internal/need"

	"github.com/nats-io/nats.go/jetstream"
)

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestAFullStreamRefusesAndKeepsWhatItHas(t *testing.T) {
	b := open(t, Options{MaxBytes: 1 << 20})
	n := 0
	var err error
	for ; n < 10000; n++ {
		e := fact(fmt.Sprint(n))
		e.Data = make([]byte, 10_000)
		if err = b.Publish(t.Context(), e, Written); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("after %d events: %v, want ErrFull", n, err)
	}
	if es := read(t, b, 0, n); es[0].ID != "0" || es[n-1].ID != fmt.Sprint(n-1) {
		t.Errorf("kept %s … %s, want 0 … %d", es[0].ID, es[n-1].ID, n-1)
	}
}

func TestForgettingMakesRoomAndKeepsWhatIsNeeded(t *testing.T) {
	b := open(t, Options{MaxBytes: 1 << 20})
	n := 0
	fill := func() {
		for ; ; n++ {
			e := fact(fmt.Sprint(n))
			e.Data = make([]byte, 10_000)
			if err := b.Publish(t.Context(), e, Written); errors.Is(err, ErrFull) {
				return
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
	fill()
	if dropped, err := b.Forget(t.Context(), 5); err != nil || dropped != 5 {
		t.Errorf("dropped %d (%v), want only the 5 that may go", dropped, err)
	}
	before := n
	dropped, err := b.Forget(t.Context(), uint64(n))
	if err != nil || int(dropped) < n/3 || int(dropped) > n/2+1 {
		t.Errorf("dropped %d of %d (%v), want about half", dropped, n, err)
	}
	if dropped, err := b.Forget(t.Context(), uint64(n)); err != nil || dropped != 0 {
		t.Errorf("dropped %d (%v) of a stream with room", dropped, err)
	}
	fill()
	if n < before+before/3 {
		t.Errorf("%d events went in after there was room again", n-before)
	}
	if es := read(t, b, 0, 1); es[0].Seq != 5+dropped+1 {
		t.Errorf("the oldest is %d, want %d", es[0].Seq, 5+dropped+1)
	}
}

func TestAFullDiskRefusesAndRecoversWhenThereIsRoom(t *testing.T) {
	dir := need.SmallDisk(t, 96)
	b := open(t, Options{Dir: filepath.Join(dir, "broker"), Reserve: 16 << 20, MQTT: "127.0.0.1:0", Credentials: knows})
	publish(t, b, "before")
	c := device(t, b, "dev")
	empty := need.Fill(t, dir)
	if err := b.Publish(t.Context(), fact("full"), Written); !errors.Is(err, ErrFull) {
		t.Errorf("publish on a full disk: %v, want ErrFull", err)
	}
	if err := b.PutMedia(t.Context(), "a.jpg", "image/jpeg", make([]byte, 1<<20)); !errors.Is(err, ErrFull) {
		t.Errorf("photo on a full disk: %v, want ErrFull", err)
	}
	until(t, "the device was let go", func() bool { return !c.IsConnected() })
	if d, err := signIn(b.MQTTAddr(), "dev", "pw-dev"); err == nil {
		d.Disconnect(0)
		t.Error("a device was let in with the disk full")
	}
	empty()
	publish(t, b, "after")
	if got := ids(read(t, b, 0, 2)); got != "before after" {
		t.Errorf("kept %q", got)
	}
	until(t, "devices are let in again", func() bool {
		d, err := signIn(b.MQTTAddr(), "dev", "pw-dev")
		if err != nil {
			return false
		}
		defer d.Disconnect(0)
		return say(d, "onecity/v1/dev/telemetry", 1, []byte("x")) == nil
	})
}

func TestOldEventsStayUntilTheyMayBeForgotten(t *testing.T) {
	b := open(t, Options{MaxAge: time.Second})
	publish(t, b, "1", "2", "3")
	es := read(t, b, 0, 3)
	until(t, "they are older than MaxAge", func() bool { return time.Since(es[2].At) > 1100*time.Millisecond })
	if first, err := b.First(t.Context()); err != nil || first != 1 {
		t.Fatalf("the stream begins at %d (%v): age alone dropped something", first, err)
	}
	if dropped, err := b.Forget(t.Context(), 2); err != nil || dropped != 2 {
		t.Errorf("dropped %d (%v), want the 2 that are recorded", dropped, err)
	}
	b.opts.MaxAge = time.Hour
	publish(t, b, "4")
	if dropped, err := b.Forget(t.Context(), 4); err != nil || dropped != 0 {
		t.Errorf("dropped %d (%v) that were young", dropped, err)
	}
	b.opts.MaxAge = time.Since(es[2].At)
	if dropped, err := b.Forget(t.Context(), 4); err != nil || dropped != 1 {
		t.Errorf("dropped %d (%v), want the old one of two", dropped, err)
	}
}

func TestAReaderIsToldWhenEventsGoBeforeItHadThem(t *testing.T) {
	for name, tc := range map[string]struct {
		drop func(jetstream.Stream) error
		gone bool
	}{
		"from the beginning": {func(s jetstream.Stream) error { return s.Purge(t.Context(), jetstream.WithPurgeSequence(3)) }, true},
		"in the middle":      {func(s jetstream.Stream) error { return s.DeleteMsg(t.Context(), 2) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, Options{})
			publish(t, b, "1", "2", "3")
			s, err := b.js.Stream(t.Context(), cityStream)
			if err != nil {
				t.Fatal(err)
			}
			if err := tc.drop(s); err != nil {
				t.Fatal(err)
			}
			if err := b.hole(t.Context(), 2, 2); errors.Is(err, ErrGone) != tc.gone {
				t.Errorf("got %v, want ErrGone: %v", err, tc.gone)
			}
		})
	}
}

func TestARunningReaderEndsWhenTheStreamDropsWhatItHasNotRead(t *testing.T) {
	b := open(t, Options{})
	const n = 8000 // more than a reader holds ahead of its work
	for i := range n {
		publish(t, b, fmt.Sprint(i))
	}
	s, err := b.js.Stream(t.Context(), cityStream)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	last := uint64(0)
	err = b.Consume(ctx, 0, func(e Received) error {
		if last++; e.Seq != last {
			t.Fatalf("got event %d after %d", e.Seq, last-1)
		}
		if last == 1 {
			return s.Purge(ctx, jetstream.WithPurgeSequence(n-10))
		}
		return nil
	})
	if !errors.Is(err, ErrGone) {
		t.Errorf("after event %d: %v, want ErrGone", last, err)
	}
}
