package ingest_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest"
	"onecity/ingest/ingesttest"
)

func reported(c *ingesttest.City, id string) cim.Incident {
	return cim.Incident{ID: id, Version: 1, Class: "C0101", Status: cim.StatusReported, Severity: 3,
		Lon: 121, Lat: 31.4, Reported: c.Clock.Now(), Channel: "citizen"}
}

func TestTheTableOfTransitionsCanBePrinted(t *testing.T) {
	want := `reported → accepted | rejected
accepted → dispatched | rejected
dispatched → handling | dispatched | accepted
handling → handled | dispatched
handled → closed | handling
closed → (end)
rejected → (end)
`
	if got := ingest.FormatSteps(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestEveryOpenStatusLeadsToAnEnd(t *testing.T) {
	for _, s := range ingest.Steps() {
		if s.From.Open() == (len(s.To) == 0) {
			t.Errorf("%s is open: %v, and leads to %v", s.From, s.From.Open(), s.To)
		}
	}
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

func TestAnIncidentGoesThroughTheSevenSteps(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "u-1")
	if err := c.Gate.Incident(t.Context(), "/test", "", reported(c, "i-1")); err != nil {
		t.Fatal(err)
	}
	for i, u := range []ingest.IncidentUpdate{
		{Status: cim.StatusAccepted},
		{Status: cim.StatusDispatched, Unit: "u-1"},
		{Status: cim.StatusHandling},
		{Status: cim.StatusHandled, Note: "井盖已换"},
		{Status: cim.StatusClosed},
	} {
		u.Version = uint32(i + 1)
		in, err := c.Gate.UpdateIncident(t.Context(), "/test", "i-1", u)
		if err != nil || in.Status != u.Status || in.Version != u.Version+1 {
			t.Fatalf("%+v: got %+v, %v", u, in, err)
		}
	}
	c.Until(t, "it is closed in the city", func(r cim.Reader) bool {
		in, ok := r.Incident("i-1")
		return ok && in.Status == cim.StatusClosed && !in.Closed.IsZero() && in.Unit == "u-1" && in.Note == "井盖已换"
	})
}

func TestAWrongChangeOfAnIncidentSaysWhatIsWrong(t *testing.T) {
	c := ingesttest.Start(t)
	if err := c.Gate.Incident(t.Context(), "/test", "", reported(c, "i-1")); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		update ingest.IncidentUpdate
		code   string
	}{
		"a step too far":  {ingest.IncidentUpdate{Status: cim.StatusClosed, Version: 1}, ingest.CodeTransition},
		"no such status":  {ingest.IncidentUpdate{Status: "lost", Version: 1}, ingest.CodeTransition},
		"no such unit":    {ingest.IncidentUpdate{Unit: "nobody", Version: 1}, ingest.CodeUnknownUnit},
		"nothing at all":  {ingest.IncidentUpdate{Version: 1}, ingest.CodeMissing},
		"an endless note": {ingest.IncidentUpdate{Note: strings.Repeat("啊", ingest.MaxText+1), Version: 1}, ingest.CodeTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Gate.UpdateIncident(t.Context(), "/test", "i-1", tc.update)
			var ps ingest.Problems
			if !errors.As(err, &ps) || ps[0].Code != tc.code {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := c.Gate.UpdateIncident(t.Context(), "/test", "i-2", ingest.IncidentUpdate{Note: "x"}); !errors.Is(err, ingest.ErrUnknownIncident) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Gate.UpdateIncident(t.Context(), "/test", "i-1", ingest.IncidentUpdate{Note: "x", Version: 7}); !errors.Is(err, ingest.ErrConflict) {
		t.Errorf("got %v", err)
	}
}

func TestOfManyChangesOfOneVersionExactlyOneIsTaken(t *testing.T) {
	c := ingesttest.Start(t)
	if err := c.Gate.Incident(t.Context(), "/test", "", reported(c, "i-1")); err != nil {
		t.Fatal(err)
	}
	var yes, no atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, err := c.Gate.UpdateIncident(t.Context(), "/test", "i-1", ingest.IncidentUpdate{Status: cim.StatusAccepted, Version: 1})
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
func TestAnIncidentOfElsewhereIsNotChangedUnderItsName(t *testing.T) {
	c := ingesttest.Start(t)
	in := reported(c, "i-1")
	if err := c.Gate.Incident(t.Context(), "/test", "", in); err != nil {
		t.Fatal(err)
	}
	reporter := c.Gate.For(func(what, _ string, _ geo.Code) bool { return what == "incident" })
	worker := c.Gate.For(func(what, _ string, _ geo.Code) bool { return what == "update" })
	in.Version, in.Title = 2, "another"
	var ps ingest.Problems
	if err := reporter.Incident(t.Context(), "/test", "", in); !errors.As(err, &ps) || ps[0].Code != ingest.CodeNotAllowed {
		t.Errorf("who may only report changes it: %v", err)
	}
	moved := in
	moved.Lon -= 0.01
	if err := worker.Incident(t.Context(), "/test", "", moved); !errors.As(err, &ps) || ps[0].Field != "/lon,lat" {
		t.Errorf("it is moved to where the worker reports nothing: %v", err)
	}
	if err := worker.Incident(t.Context(), "/test", "", in); err != nil {
		t.Errorf("who works on it may not change it: %v", err)
	}
}
