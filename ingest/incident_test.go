package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest"
	"onecity/ingest/ingesttest"
	"onecity/streams"
)

func reported(c *ingesttest.City, id string) cim.Incident {
	return cim.Incident{ID: id, Version: 1, Class: "C0101", Status: cim.StatusReported, Severity: 3,
		Lon: 121, Lat: 31.4, Reported: c.Clock.Now(), Channel: "citizen"}
}

func TestAnIncidentCanBeReadAtOnceAfterItWasStored(t *testing.T) {
	c := ingesttest.Start(t)
	if err := c.Gate.Incident(t.Context(), "/test", "", reported(c, "i-1")); err != nil {
		t.Fatal(err)
	}
	if in, ok := c.Gate.FindIncident("i-1"); !ok || in.Version != 1 {
		t.Errorf("got %+v, %v", in, ok)
	}
}

func TestTheGateTakesReportsAndLeavesWhatBecomesOfThemToThoseWhoHandleThem(t *testing.T) {
	c := ingesttest.Start(t)
	for name, change := range map[string]func(*cim.Incident){
		"/version": func(in *cim.Incident) { in.Version = 2 },
		"/status":  func(in *cim.Incident) { in.Status = cim.StatusClosed },
	} {
		in := reported(c, "i-1")
		change(&in)
		var ps ingest.Problems
		if err := c.Gate.Incident(t.Context(), "/test", "", in); !errors.As(err, &ps) || ps[0].Field != name {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := c.Gate.Incident(t.Context(), "/test", "", reported(c, "i-1")); err != nil {
		t.Fatal(err)
	}
	if in, _ := c.Gate.FindIncident("i-1"); in.Step != "reported" {
		t.Errorf("its step is %q", in.Step)
	}
}

func TestWhoReportsIsToldToThoseWhoHandleItAndNotToTheModel(t *testing.T) {
	c := ingesttest.Start(t)
	if err := c.Gate.By("person:li").Report(t.Context(), "/test", reported(c, "i-1"), "lamp-7"); err != nil {
		t.Fatal(err)
	}
	var put cim.IncidentPut
	e := next(t, c, cim.TypeOf(put))
	if err := json.Unmarshal(e.Data, &put); err != nil || put.Reporter != "person:li" || put.Object != "lamp-7" {
		t.Errorf("the stream has %s, %v", e.Data, err)
	}
}

func TestWhatASenderSaysOfItsIncidentIsOneFactHoweverOftenItIsSaid(t *testing.T) {
	c := ingesttest.Start(t)
	if err := c.Gate.Incident(t.Context(), "/test", "", reported(c, "i-1")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := c.Gate.Told(t.Context(), "/feeds/hotline", ingest.Told{ID: "i-1", Status: cim.StatusHandling, Note: "已派人"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Gate.Told(t.Context(), "/feeds/hotline", ingest.Told{ID: "i-1", Status: cim.StatusClosed}); err != nil {
		t.Fatal(err)
	}
	var seen []ingest.Told
	collect(t, c, func(e streams.Received) bool {
		if e.Type == ingest.TypeTold {
			var w ingest.Told
			if err := json.Unmarshal(e.Data, &w); err != nil {
				t.Fatal(err)
			}
			seen = append(seen, w)
		}
		return len(seen) == 2
	})
	if seen[0].Note != "已派人" || seen[1].Status != cim.StatusClosed || seen[0].Source != "/feeds/hotline" || seen[0].Event == seen[1].Event {
		t.Errorf("the stream has %+v", seen)
	}
}

func TestAWrongWordOfASenderSaysWhatIsWrong(t *testing.T) {
	c := ingesttest.Start(t)
	if err := c.Gate.Incident(t.Context(), "/test", "", reported(c, "i-1")); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		told ingest.Told
		code string
	}{
		"no such status":  {ingest.Told{ID: "i-1", Status: "lost"}, ingest.CodeUnknownCode},
		"nothing at all":  {ingest.Told{ID: "i-1"}, ingest.CodeMissing},
		"an endless note": {ingest.Told{ID: "i-1", Note: strings.Repeat("啊", ingest.MaxText+1)}, ingest.CodeTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			var ps ingest.Problems
			if err := c.Gate.Told(t.Context(), "/test", tc.told); !errors.As(err, &ps) || ps[0].Code != tc.code {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := c.Gate.Told(t.Context(), "/test", ingest.Told{ID: "i-2", Note: "x"}); !errors.Is(err, ingest.ErrUnknownIncident) {
		t.Errorf("got %v", err)
	}
}

func TestOfManyReportsUnderOneIDExactlyOneIsTaken(t *testing.T) {
	c := ingesttest.Start(t)
	var yes, no atomic.Int32
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			in := reported(c, "i-1")
			in.Title = strings.Repeat("啊", i+1)
			err := c.Gate.Incident(t.Context(), "/test", "", in)
			switch {
			case err == nil:
				yes.Add(1)
			case errors.Is(err, ingest.ErrConflict):
				no.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if yes.Load() != 1 || no.Load() != 19 {
		t.Errorf("%d were told yes and %d no", yes.Load(), no.Load())
	}
}

// next is the first event of a type in the stream.
func next(t *testing.T, c *ingesttest.City, typ string) (found streams.Received) {
	t.Helper()
	collect(t, c, func(e streams.Received) bool {
		found = e
		return e.Type == typ
	})
	return found
}

// collect reads the stream from its beginning until enough.
func collect(t *testing.T, c *ingesttest.City, enough func(streams.Received) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	done := errors.New("enough")
	if err := c.Broker.Consume(ctx, 0, func(e streams.Received) error {
		if enough(e) {
			return done
		}
		return nil
	}); !errors.Is(err, done) {
		t.Fatal(err)
	}
}

func TestEverythingThatIsWrongWithAnIncidentIsSaidAtOnce(t *testing.T) {
	c := ingesttest.Start(t)
	in := reported(c, "i 1")
	in.Class, in.Severity, in.Lon, in.Lat, in.Description = "X", 9, 31.4, 121, "a\x00b"
	err := c.Gate.Incident(t.Context(), "/test", "", in)
	var ps ingest.Problems
	if !errors.As(err, &ps) || len(ps) != 5 {
		t.Errorf("got %v", err)
	}
}

func TestOfTwoProcessesThatChangeTheSameVersionOneIsTold(t *testing.T) {
	c := ingesttest.Start(t)
	empty := cim.NewModel().Snapshot()
	var gates [2]*ingest.Gate // each sees the city before the other's change
	for i := range gates {
		gates[i] = ingest.NewGate(func() *cim.Snapshot { return empty }, c.Broker, c.Clock.Now)
	}
	mine, theirs := reported(c, "i-1"), reported(c, "i-1")
	theirs.Title = "另一件事"
	if err := gates[0].Incident(t.Context(), "/test", "", mine); err != nil {
		t.Fatal(err)
	}
	if err := gates[1].Incident(t.Context(), "/test", "", theirs); !errors.Is(err, ingest.ErrConflict) {
		t.Errorf("the second was told %v, want ErrConflict", err)
	}
	if in, ok := gates[1].FindIncident("i-1"); ok {
		t.Errorf("it is pending as %+v", in)
	}
}

// A department's row may name an incident that is there already.
func TestNobodySpeaksOfAnIncidentOfElsewhereOrReportsOneThere(t *testing.T) {
	c := ingesttest.Start(t)
	in := reported(c, "i-1")
	if err := c.Gate.Incident(t.Context(), "/test", "", in); err != nil {
		t.Fatal(err)
	}
	reporter := c.Gate.For(func(what, _ string, _ geo.Code) bool { return what == "incident" })
	worker := c.Gate.For(func(what, _ string, _ geo.Code) bool { return what == "update" })
	var ps ingest.Problems
	if err := reporter.Told(t.Context(), "/test", ingest.Told{ID: "i-1", Note: "x"}); !errors.As(err, &ps) || ps[0].Code != ingest.CodeNotAllowed {
		t.Errorf("who may only report speaks of it: %v", err)
	}
	if err := worker.Incident(t.Context(), "/test", "", reported(c, "i-2")); !errors.As(err, &ps) || ps[0].Field != "/lon,lat" {
		t.Errorf("one is reported where the worker reports nothing: %v", err)
	}
	if err := worker.Told(t.Context(), "/test", ingest.Told{ID: "i-1", Note: "x"}); err != nil {
		t.Errorf("who works on it may not speak of it: %v", err)
	}
}
