package handover_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"onecity/gov/incident/handover"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

// log keeps the entries that were written, for the tests to look at.
type log struct {
	mu      sync.Mutex
	entries []audit.Entry
}

func (l *log) append(_ context.Context, _ pgx.Tx, e audit.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
	return nil
}

func (l *log) actions() (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		out = append(out, e.Actor+" "+e.Action)
	}
	return out
}

// operator dispatches in a region and all inside it.
func operator(name, region string) flow.Actor {
	return flow.Actor{Subject: "person:" + name, Allow: func(action string, it flow.Item) bool {
		return action == "incident.dispatch" && strings.HasPrefix(it.Region, region)
	}}
}

func open(t *testing.T) (*handover.Service, *log) {
	t.Helper()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	l := &log{}
	s, err := handover.Open(t.Context(), pool, l.append)
	if err != nil {
		t.Fatal(err)
	}
	return s, l
}

var city = []string{"320583"}

func TestHandingOver(t *testing.T) {
	s, l := open(t)
	wang, li, zhao := operator("wang", "320583"), operator("li", "320583"), operator("zhao", "320583")
	items := []handover.Concern{{Case: "a", No: "昆-1", Title: "井盖缺失", State: "assigned", Severity: 2, Why: "late"}}

	t.Run("a note is read as it was written", func(t *testing.T) {
		n, err := s.Write(t.Context(), wang, handover.Note{ID: "n1", Region: "320583", Text: " 暴雨，盯住下穿通道 ", Items: items})
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.List(t.Context(), city, true, "", 10)
		if err != nil || len(p.Items) != 1 {
			t.Fatalf("%v, %v", p, err)
		}
		got := p.Items[0]
		if got.Text != "暴雨，盯住下穿通道" || got.By != "person:wang" || !got.At.Equal(n.At) || !slices.Equal(got.Items, items) || got.Taken != nil {
			t.Errorf("%+v", got)
		}
	})
	t.Run("the same note sent again is one note, and another's id stays theirs", func(t *testing.T) {
		if _, err := s.Write(t.Context(), wang, handover.Note{ID: "n1", Region: "320583", Text: "别的内容"}); err != nil {
			t.Fatal(err)
		}
		var wrong *handover.InvalidError
		if _, err := s.Write(t.Context(), li, handover.Note{ID: "n1", Region: "320583", Text: "我的"}); !errors.As(err, &wrong) {
			t.Errorf("with another's id: %v", err)
		}
		if p, _ := s.List(t.Context(), city, false, "", 10); len(p.Items) != 1 || p.Items[0].Text != "暴雨，盯住下穿通道" {
			t.Errorf("%+v", p.Items)
		}
	})
	t.Run("who wrote it does not sign it off", func(t *testing.T) {
		if _, err := s.Take(t.Context(), wang, "n1"); !errors.Is(err, handover.ErrOwn) {
			t.Errorf("%v", err)
		}
	})
	t.Run("two sign off at once: one does, the other is told who", func(t *testing.T) {
		var both sync.WaitGroup
		failed := make(chan error, 2)
		for _, a := range []flow.Actor{li, zhao} {
			both.Go(func() { _, err := s.Take(t.Context(), a, "n1"); failed <- err })
		}
		both.Wait()
		errs := []error{<-failed, <-failed}
		lost := slices.IndexFunc(errs, func(err error) bool { return err != nil })
		var taken *handover.TakenError
		if lost < 0 || errs[1-lost] != nil || !errors.As(errs[lost], &taken) {
			t.Fatalf("%v", errs)
		}
		if taken.Note.TakenBy != "person:li" && taken.Note.TakenBy != "person:zhao" {
			t.Errorf("it was told %q", taken.Note.TakenBy)
		}
		winner := operator(strings.TrimPrefix(taken.Note.TakenBy, "person:"), "320583")
		if n, err := s.Take(t.Context(), winner, "n1"); err != nil || n.Taken == nil {
			t.Errorf("again by who took it: %+v, %v", n, err)
		}
		if p, _ := s.List(t.Context(), city, true, "", 10); len(p.Items) != 0 {
			t.Errorf("%d still wait", len(p.Items))
		}
		want := []string{"person:wang incident.handover.write", taken.Note.TakenBy + " incident.handover.take"}
		if got := l.actions(); !slices.Equal(got, want) {
			t.Errorf("the log has %v", got)
		}
	})
	t.Run("a district's note is the city's too, and no other district's", func(t *testing.T) {
		east := operator("qian", "320583101")
		if _, err := s.Write(t.Context(), east, handover.Note{ID: "n2", Region: "320583101", Text: "东区"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(t.Context(), east, handover.Note{ID: "n3", Region: "320583", Text: "全市"}); !errors.Is(err, handover.ErrNotAllowed) {
			t.Errorf("for the city: %v", err)
		}
		for region, want := range map[string]int{"320583": 2, "320583101": 1, "320583102": 0} {
			p, err := s.List(t.Context(), []string{region}, false, "", 10)
			if err != nil || len(p.Items) != want {
				t.Errorf("%s reads %d notes (%v), not %d", region, len(p.Items), err, want)
			}
		}
		if _, err := s.Take(t.Context(), operator("sun", "320583102"), "n2"); !errors.Is(err, handover.ErrUnknown) {
			t.Errorf("taken by another district: %v", err)
		}
	})
	t.Run("pages follow each other and end", func(t *testing.T) {
		for i := range 5 {
			if _, err := s.Write(t.Context(), wang, handover.Note{ID: fmt.Sprint("p", i), Region: "320583", Text: "班"}); err != nil {
				t.Fatal(err)
			}
		}
		var seen []string
		for after := ""; ; {
			p, err := s.List(t.Context(), city, false, after, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range p.Items {
				seen = append(seen, n.ID)
			}
			if after = p.Next; after == "" {
				break
			}
		}
		if want := []string{"p4", "p3", "p2", "p1", "p0", "n2", "n1"}; !slices.Equal(seen, want) {
			t.Errorf("%v", seen)
		}
	})
}

func TestWhatCannotBeKeptIsNamed(t *testing.T) {
	s, _ := open(t)
	many := make([]handover.Concern, handover.MaxItems+1)
	for field, n := range map[string]handover.Note{
		"/id":           {Text: "x"},
		"/text":         {ID: "a", Text: " \n"},
		"/items":        {ID: "a", Text: "x", Items: many},
		"/items/0/case": {ID: "a", Text: "x", Items: []handover.Concern{{No: "1"}}},
		"/items/0/why":  {ID: "a", Text: "x", Items: []handover.Concern{{Case: "c", Why: "so"}}},
		"/items/0":      {ID: "a", Text: "x", Items: []handover.Concern{{Case: "c", Title: strings.Repeat("长", 201)}}},
	} {
		n.Region = "320583"
		_, err := s.Write(t.Context(), operator("wang", ""), n)
		var wrong *handover.InvalidError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
