package streams

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// open starts a broker in its own directory and closes it with the test.
func open(t testing.TB, o Options) *Broker {
	t.Helper()
	if o.Dir == "" && o.URL == "" {
		o.Dir = t.TempDir()
	}
	b, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func fact(id string) Event {
	return Event{ID: id, Source: "/test", Type: "onecity.observations.v1", Data: []byte(`{"observations":[]}`)}
}

// publish stores events with these ids.
func publish(t testing.TB, b *Broker, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := b.Publish(t.Context(), fact(id), Written); err != nil {
			t.Fatal(err)
		}
	}
}

var errEnough = errors.New("enough")

// read collects n events after from.
func read(t testing.TB, b *Broker, from uint64, n int) (es []Received) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := b.Consume(ctx, from, func(e Received) error {
		es = append(es, e)
		if len(es) >= n {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("read %d of %d events: %v", len(es), n, err)
	}
	return es
}

func ids(es []Received) string {
	var s []string
	for _, e := range es {
		s = append(s, e.ID)
	}
	return strings.Join(s, " ")
}

func TestAnEventComesBackAsItWasPublished(t *testing.T) {
	b := open(t, Options{})
	want := Event{
		ID:     "读数 1\r\nNats-Msg-Id: stolen",
		Source: "/feeds/空气 100%",
		Type:   "onecity.indicators.v1",
		Time:   time.Date(2026, 3, 4, 5, 6, 7, 890, time.FixedZone("", 8*3600)),
		Data:   []byte(`{"indicators":[]}`),
	}
	before := time.Now()
	if err := b.Publish(t.Context(), want, Synced); err != nil {
		t.Fatal(err)
	}
	got := read(t, b, 0, 1)[0]
	if got.ID != want.ID || got.Source != want.Source || got.Type != want.Type || !got.Time.Equal(want.Time) || string(got.Data) != string(want.Data) {
		t.Errorf("got %+v, want %+v", got.Event, want)
	}
	if got.Seq != 1 || got.At.Before(before.Add(-time.Second)) || got.At.After(time.Now().Add(time.Second)) {
		t.Errorf("stored as %d at %v", got.Seq, got.At)
	}
}

func TestTheSameEventTwiceIsStoredOnce(t *testing.T) {
	b := open(t, Options{})
	publish(t, b, "a", "b", "a", "c", "b")
	other := fact("a")
	other.Source = "/other"
	if err := b.Publish(t.Context(), other, Written); err != nil {
		t.Fatal(err)
	}
	if got := ids(read(t, b, 0, 4)); got != "a b c a" {
		t.Errorf("stored %q, want a b c and the a of the other source", got)
	}
	if last, err := b.Last(t.Context()); err != nil || last != 4 {
		t.Errorf("newest position %d (%v), want 4", last, err)
	}
}

func TestAReaderGoesOnWhereItStopped(t *testing.T) {
	dir := t.TempDir()
	b := open(t, Options{Dir: dir})
	publish(t, b, "a", "b", "c", "d")
	epoch := b.Epoch()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, Options{Dir: dir})
	if b.Epoch() != epoch || epoch == "" {
		t.Errorf("the epoch changed from %q to %q by a restart", epoch, b.Epoch())
	}
	if got := ids(read(t, b, 2, 2)); got != "c d" {
		t.Errorf("after position 2 came %q, want c d", got)
	}
}

func TestAPositionThatIsNotInTheStreamIsRefused(t *testing.T) {
	b := open(t, Options{})
	publish(t, b, "a", "b", "c", "d")
	never := func(Received) error { t.Error("an event came"); return errEnough }
	if err := b.Consume(t.Context(), 5, never); !errors.Is(err, ErrGone) {
		t.Errorf("ahead of the stream: %v, want ErrGone", err)
	}
	s, err := b.js.Stream(t.Context(), cityStream)
	if err != nil {
		t.Fatal(err)
	}
	for seq := range uint64(3) {
		if err := s.DeleteMsg(t.Context(), seq+1); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Consume(t.Context(), 2, never); !errors.Is(err, ErrGone) {
		t.Errorf("behind the stream's beginning: %v, want ErrGone", err)
	}
	if got := ids(read(t, b, 3, 1)); got != "d" {
		t.Errorf("after position 3 came %q, want d", got)
	}
}

func TestAMalformedEnvelopeIsRefused(t *testing.T) {
	b := open(t, Options{})
	for name, change := range map[string]func(*Event){
		"no id":        func(e *Event) { e.ID = "" },
		"no source":    func(e *Event) { e.Source = "" },
		"no type":      func(e *Event) { e.Type = "" },
		"wildcard":     func(e *Event) { e.Type = "onecity.>.v1" },
		"empty token":  func(e *Event) { e.Type = "onecity.a..b.v1" },
		"a long id":    func(e *Event) { e.ID = strings.Repeat("x", 5000) },
		"another line": func(e *Event) { e.Type = "onecity.a\r\nb.v1" },
	} {
		e := fact("x")
		change(&e)
		if err := b.Publish(t.Context(), e, Written); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
}

func TestTooMuchDataIsRefused(t *testing.T) {
	b := open(t, Options{})
	e := fact("big")
	e.Data = make([]byte, MaxEventBytes)
	if err := b.Publish(t.Context(), e, Written); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	e.Data = make([]byte, MaxEventBytes+1)
	if err := b.Publish(t.Context(), e, Written); !errors.Is(err, ErrTooLarge) {
		t.Errorf("over the limit: %v, want ErrTooLarge", err)
	}
}

func TestManyPublishersAtOnceLoseNothing(t *testing.T) {
	b := open(t, Options{})
	var wg sync.WaitGroup
	const publishers, each = 16, 200
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				d := Written
				if i%50 == 0 {
					d = Synced
				}
				if err := b.Publish(t.Context(), fact(fmt.Sprintf("%d-%d", p, i)), d); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, e := range read(t, b, 0, publishers*each) {
		seen[e.ID] = true
	}
	if len(seen) != publishers*each {
		t.Errorf("%d different events, want %d", len(seen), publishers*each)
	}
}

func TestASecondInstanceOnTheSameDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	b := open(t, Options{Dir: dir})
	if _, err := Open(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Fatalf("second instance: %v, want ErrInUse", err)
	}
	publish(t, b, "the first goes on")
}

func FuzzEscapeIsUndoneByUnescape(f *testing.F) {
	for _, s := range []string{"", "dev-17", "昆山 100%", "a\r\nb", "%41", "%", "%G0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := escape(s)
		if strings.ContainsAny(e, " \r\n\"\x00") {
			t.Errorf("%q became %q, which ends a header", s, e)
		}
		if got := unescape(e); got != s {
			t.Errorf("%q became %q and came back as %q", s, e, got)
		}
		unescape(s) // anything may come from an external server
	})
}

func TestTheSameIDOfAnotherTypeIsAnotherEvent(t *testing.T) {
	b := open(t, Options{})
	other := fact("1")
	other.Type = "onecity.positions.v1"
	publish(t, b, "1")
	if err := b.Publish(t.Context(), other, Written); err != nil {
		t.Fatal(err)
	}
	if es := read(t, b, 0, 2); es[1].Type != other.Type {
		t.Errorf("the second is a %s", es[1].Type)
	}
}

func TestASoleFactIsToldThatItsNameIsTaken(t *testing.T) {
	b := open(t, Options{})
	e := fact("i/v2")
	e.Sole = true
	for range 2 { // the second is a repeat
		if err := b.Publish(t.Context(), e, Synced); err != nil {
			t.Fatal(err)
		}
	}
	e.Data = []byte(`{"observations":[{}]}`)
	if err := b.Publish(t.Context(), e, Synced); !errors.Is(err, ErrTaken) {
		t.Errorf("another fact of the same name: %v, want ErrTaken", err)
	}
	e.Sole = false
	if err := b.Publish(t.Context(), e, Synced); err != nil {
		t.Errorf("one that is not sole: %v", err)
	}
}
