package flow

import (
	"fmt"
	"slices"
	"testing"

	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

func TestTheListWithoutItsConditionShowsWhatTheReaderReachesOnly(t *testing.T) {
	pool := open(t)
	_, err := pool.Exec(t.Context(), `
		insert into flow.item (machine, id, title, state, version, region, org, subject, since, data, started, open, waits)
		select 'm', 'i'||n, '', 's', 1, (array['320583100', '320583101', ''])[1 + n % 3], (array['0001', '00010002'])[1 + n % 2],
			case when n % 5 = 0 then 'person:1' else '' end, now(), '{}', now(), true, true from generate_series(0, 29) n`)
	if err != nil {
		t.Fatal(err)
	}
	wall, err := database.WallOf(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		scope database.Scope
		sees  func(n int) bool
	}{
		{database.Scope{}, func(int) bool { return false }},
		{database.Scope{Regions: []string{""}}, func(int) bool { return true }},
		{database.Scope{Regions: []string{"320583101"}}, func(n int) bool { return n%3 == 1 }},
		{database.Scope{Orgs: []string{"00010002"}, Self: "person:1"}, func(n int) bool { return n%2 == 1 || n%5 == 0 }},
		{database.Scope{Self: "person:2"}, func(int) bool { return false }},
	} {
		var want []string
		for n := range 30 {
			if c.sees(n) {
				want = append(want, fmt.Sprint("i", n))
			}
		}
		got, err := database.Collect(t.Context(), wall, c.scope, "select id from flow.item", nil, pgx.RowTo[string])
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v sees %q, want %q (%v)", c.scope, got, want, err)
		}
	}
	for _, table := range []string{"flow.history", "flow.outbox", "flow.river_job"} {
		if _, err := database.Collect(t.Context(), wall, database.Scope{Regions: []string{""}}, "select 1 from "+table, nil, pgx.RowTo[int32]); err == nil {
			t.Errorf("a reader reads %s", table)
		}
	}
}
