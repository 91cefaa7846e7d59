package audit_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"onecity/internal/audit"
)

var all = audit.Within{All: true}

// library is a log of 60 entries in two towns and two organisations.
func library(t *testing.T) *audit.Log {
	t.Helper()
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{})
	began := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	entries := make([]audit.Entry, 60)
	for i := range entries {
		entries[i] = audit.Entry{
			At:    began.Add(time.Duration(i/2) * time.Hour), // two at a time: the page's edge falls between equals
			Actor: fmt.Sprint("person:", i%5), Action: []string{"incident.assign", "incident.close", "identity.binding.grant"}[i%3],
			Object: fmt.Sprint("incident:", i), Region: []string{"320583003011", "320583004"}[i%2], Org: []string{"00010002", "00010003", ""}[i%3],
			Outcome: []string{audit.Done, audit.Refused}[i%2], Why: []string{"夜间巡查", "100%_确认"}[i%2],
			Detail: []byte(fmt.Sprintf(`{"备注":"第%d号井盖"}`, i)),
		}
	}
	add(t, l, pool, entries...)
	return l
}

func search(t *testing.T, l *audit.Log, w audit.Within, f audit.Filter) []audit.Found {
	t.Helper()
	var found []audit.Found
	p := audit.Page{Limit: 7}
	for {
		r, err := l.Search(t.Context(), w, f, p)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, r.Entries...)
		if p.After = r.Next; r.Next == "" {
			return found
		}
		if len(r.Entries) != p.Limit {
			t.Fatalf("a page of %d with more behind it", len(r.Entries))
		}
	}
}

func TestPagesGiveEveryEntryOnceNewestFirst(t *testing.T) {
	l := library(t)
	found := search(t, l, all, audit.Filter{})
	seen := map[string]bool{}
	for i, e := range found {
		seen[e.Object] = true
		if i > 0 && e.At.After(found[i-1].At) {
			t.Fatalf("%s comes after %s", e.At, found[i-1].At)
		}
		if e.Number != -1 {
			t.Fatalf("an entry that is not sealed has leaf %d", e.Number)
		}
	}
	if len(found) != 60 || len(seen) != 60 {
		t.Fatalf("%d entries, %d of them different", len(found), len(seen))
	}
}

func TestAReaderFindsWhatIsInTheirSubtreesAndNothingElse(t *testing.T) {
	l := library(t)
	for _, c := range []struct {
		name   string
		within audit.Within
		want   int
	}{
		{"nobody", audit.Within{}, 0},
		{"all", all, 60},
		{"the city", audit.Within{Regions: []string{"320583"}}, 60},
		{"a town", audit.Within{Regions: []string{"320583003"}}, 30},
		{"a village of another", audit.Within{Regions: []string{"320583004012"}}, 0},
		{"two towns", audit.Within{Regions: []string{"320583003", "320583004"}}, 60},
		{"an organisation", audit.Within{Orgs: []string{"00010002"}}, 20},
		{"its parent", audit.Within{Orgs: []string{"0001"}}, 40},
		{"a town or an organisation", audit.Within{Regions: []string{"320583003"}, Orgs: []string{"00010002"}}, 40},
		{"a pattern is no prefix", audit.Within{Regions: []string{"%"}, Orgs: []string{"_"}}, 0},
	} {
		found := search(t, l, c.within, audit.Filter{})
		if len(found) != c.want {
			t.Errorf("%s: %d entries, want %d", c.name, len(found), c.want)
		}
		for _, e := range search(t, l, all, audit.Filter{}) {
			_, err := l.Get(t.Context(), c.within, e.ID)
			listed := false
			for _, f := range found {
				listed = listed || f.ID == e.ID
			}
			if listed != (err == nil) || err != nil && !errors.Is(err, audit.ErrNotFound) {
				t.Fatalf("%s: entry %s listed %v, read: %v", c.name, e.ID, listed, err)
			}
		}
	}
}

func TestFiltersNarrow(t *testing.T) {
	l := library(t)
	noon := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		filter audit.Filter
		want   int
	}{
		"since":           {audit.Filter{Since: noon}, 36},
		"until":           {audit.Filter{Until: noon}, 24},
		"actor":           {audit.Filter{Actor: "person:3"}, 12},
		"action":          {audit.Filter{Action: "incident."}, 40},
		"object":          {audit.Filter{Object: "incident:7"}, 1},
		"outcome":         {audit.Filter{Outcome: audit.Refused}, 30},
		"region":          {audit.Filter{Region: "320583004"}, 30},
		"org":             {audit.Filter{Org: "00010003"}, 20},
		"text in why":     {audit.Filter{Text: "巡查"}, 30},
		"text in detail":  {audit.Filter{Text: "第12号井盖"}, 1},
		"signs are signs": {audit.Filter{Text: "100%_"}, 30},
		"no such":         {audit.Filter{Text: "100%%"}, 0},
		"all at once":     {audit.Filter{Since: noon, Action: "incident", Outcome: audit.Done, Text: "巡查", Actor: "person:0"}, 2},
		"bytes":           {audit.Filter{Text: "\x00\xff", Actor: "\x00"}, 0},
	} {
		if found := search(t, l, all, c.filter); len(found) != c.want {
			t.Errorf("%s: %d entries, want %d", name, len(found), c.want)
		}
	}
	if found := search(t, l, audit.Within{Regions: []string{"320583003"}}, audit.Filter{Region: "320583004"}); len(found) != 0 {
		t.Errorf("a filter widens what a reader may see: %d entries", len(found))
	}
}

func TestAPageThatSearchDidNotGiveIsRefused(t *testing.T) {
	l := library(t)
	for _, after := range []string{"x", "AAAA", "____________________________________", "\x00"} {
		if _, err := l.Search(t.Context(), all, audit.Filter{}, audit.Page{After: after}); err != nil && !errors.Is(err, audit.ErrPage) {
			t.Errorf("%q: %v", after, err)
		}
	}
}
