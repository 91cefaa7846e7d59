package audit_test

import (
	"strings"
	"testing"

	"onecity/internal/audit"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

func TestTheLogWithoutItsConditionShowsWhatTheReaderCoversOnly(t *testing.T) {
	pool := fresh(t)
	l := openLog(t, pool, audit.Options{})
	var entries []audit.Entry
	regions, orgs := []string{"", "320583003", "320583003011", "320583004"}, []string{"", "0001", "00010002"}
	for n := range 24 {
		e := entry(n)
		e.Region, e.Org = regions[n%4], orgs[n%3]
		entries = append(entries, e)
	}
	add(t, l, pool, entries...)
	wall, err := database.WallOf(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []database.Scope{
		{}, {Regions: []string{""}}, {Orgs: []string{""}}, {Regions: []string{"320583003"}}, {Regions: []string{"320583003011"}, Orgs: []string{"00010002"}}, {Self: "person:1"},
	} {
		want := 0
		for _, e := range entries {
			ok := false
			for _, p := range s.Regions {
				ok = ok || strings.HasPrefix(e.Region, p)
			}
			for _, p := range s.Orgs {
				ok = ok || strings.HasPrefix(e.Org, p)
			}
			if ok {
				want++
			}
		}
		got, err := database.Collect(t.Context(), wall, s, "select id::text from audit.entry", nil, pgx.RowTo[string])
		if err != nil || len(got) != want {
			t.Errorf("%+v sees %d entries, want %d (%v)", s, len(got), want, err)
		}
		// The same through the log's own search.
		r, err := l.Search(t.Context(), audit.Within{Regions: s.Regions, Orgs: s.Orgs}, audit.Filter{}, audit.Page{Limit: 100})
		if err != nil || len(r.Entries) != want {
			t.Errorf("%+v finds %d entries, want %d (%v)", s, len(r.Entries), want, err)
		}
	}
	if _, err := database.Collect(t.Context(), wall, database.Scope{Regions: []string{""}}, "select checkpoint from audit.log", nil, pgx.RowTo[string]); err == nil {
		t.Error("a reader reads what is not in the list of tables")
	}
}
