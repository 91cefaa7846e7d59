package incident

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"onecity/internal/database"
)

// few is a sample small enough for a test.
func few(t *testing.T, w *town) {
	t.Helper()
	s := Sample{Cases: 2000, Now: morning, Classes: []string{"C0101", "E0101"}}
	for i := range 2 * 3 * 2 {
		s.Regions = append(s.Regions, fmt.Sprintf("32058310%d%03d%03d", i%2, i/2%3, i/6))
	}
	s.Regions = append(s.Regions, "320583", "320583100", "320583101002") // what nobody could place better
	if err := Fill(t.Context(), w.pool, s); err != nil {
		t.Fatal(err)
	}
}

func TestWordsAreFoundInTheCityATownAVillageAndAGrid(t *testing.T) {
	w := open(t)
	few(t, w)
	for _, region := range []string{"", "320583", "320583100", "3205831", "320583101002", "320583101002001", "320583999"} {
		var want []string
		rows, err := w.pool.Query(t.Context(), `select id from incident.record where starts_with(region, $1) and title = '井盖缺失' order by reported desc, id desc limit 200`, region)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			want = append(want, id)
		}
		for name, q := range map[string]struct {
			scope  database.Scope
			region string
		}{"asked for": {Whole(), region}, "allowed": {Scope(database.Piece{Prefix: region}), ""}, "both": {Scope(database.Piece{Prefix: "320583"}), region}} {
			if name == "both" && len(region) < 6 {
				continue
			}
			p, err := w.List(t.Context(), q.scope, Query{Text: "井盖", Region: q.region, Limit: 200})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range p.Items {
				got = append(got, c.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %q: %d cases, want %d", name, region, len(got), len(want))
			}
		}
	}
}

func TestCountsStayRightWhileManyWrite(t *testing.T) {
	w := open(t)
	few(t, w)
	before, err := w.Counts(t.Context(), Whole(), "", time.Time{}, 9)
	if err != nil {
		t.Fatal(err)
	}
	const writers, each = 4, 10
	var group sync.WaitGroup
	for k := range writers {
		group.Go(func() {
			for i := range each {
				c, err := w.Take(t.Context(), Report{ID: fmt.Sprintf("n-%d-%d", k, i), Class: "C0101", Lon: 120.9, Lat: 31.3, Reported: morning, Channel: "grid", Region: "320583100001001"})
				if err != nil {
					t.Error(err)
					return
				}
				if i%2 == 0 {
					_, err = w.Fire(t.Context(), who("person:boss", "", actSend), c.ID, Command{Event: Reject, Version: c.Version, Input: given("reason", "无此事")})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		c, err := w.Counts(t.Context(), Whole(), "", time.Time{}, 9)
		if err != nil {
			t.Fatal(err)
		}
		states, groups, regions := 0, 0, 0
		for _, n := range c.ByState {
			states += n
		}
		for _, n := range c.ByGroup {
			groups += n
		}
		for _, r := range c.ByRegion {
			regions += r.Open
		}
		if c.Open < before.Open || c.Open > before.Open+writers*each || states != c.Open || groups != c.Open || regions != c.Open {
			t.Fatalf("%d are open, %d by state, %d by class, %d by region", c.Open, states, groups, regions)
		}
	}
	after, err := w.Counts(t.Context(), Whole(), "", time.Time{}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := after.Open-before.Open, writers*each/2; got != want || after.ByState[Reported]-before.ByState[Reported] != want {
		t.Errorf("%d more are open, want %d", got, want)
	}
}
