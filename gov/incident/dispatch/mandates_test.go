package dispatch_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/gov/incident/dispatch"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

func TestWhoAnswersIsTheMostSpecificRowThatHolds(t *testing.T) {
	b, _, _ := book(t)
	rng := rand.New(rand.NewPCG(1, 24))
	classes := []string{"", "E", "E01", "E0101", "E0102", "C", "C01", "C0101"}
	regions := []string{"", "320583", "320583100", "320583101", "320583100001", "320583100001001"}
	var rows []dispatch.Mandate
	for _, class := range classes {
		for _, region := range regions {
			if rng.IntN(3) > 0 {
				continue
			}
			since := noon.Add(-time.Duration(rng.IntN(100)) * time.Hour)
			m := dispatch.Mandate{Class: class, Region: region, Org: "0001", Since: since}
			if rng.IntN(2) == 0 {
				until := since.Add(time.Duration(1+rng.IntN(100)) * time.Hour)
				m.Until = &until
			}
			kept, err := b.Entrust(t.Context(), root, m)
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, kept)
		}
	}
	named, nobody := 0, 0
	for _, class := range []string{"E0101", "E0102", "E0999", "C0101", "C0201", "X"} {
		for _, region := range append(regions, "320583999", "999") {
			for _, at := range []time.Time{noon, noon.Add(-50 * time.Hour), noon.Add(200 * time.Hour)} {
				// The reference: everything that holds, the longest class first, then the
				// longest region.
				var want *dispatch.Mandate
				for i, m := range rows {
					if !strings.HasPrefix(class, m.Class) || !strings.HasPrefix(region, m.Region) || at.Before(m.Since) || m.Until != nil && !at.Before(*m.Until) {
						continue
					}
					if want == nil || len(m.Class)*100+len(m.Region) > len(want.Class)*100+len(want.Region) {
						want = &rows[i]
					}
				}
				got, err := b.Responsible(t.Context(), class, region, at)
				if err != nil {
					t.Fatal(err)
				}
				if (got == nil) != (want == nil) || got != nil && got.ID != want.ID {
					t.Errorf("%s in %s: %+v, want %+v", class, region, got, want)
				}
				if want == nil {
					nobody++
				} else {
					named++
				}
			}
		}
	}
	if named < 30 || nobody < 5 {
		t.Errorf("%d named, %d nobody: the test tries too little", named, nobody)
	}
}

func TestWhoIsEntrustedEndsWhoWasBefore(t *testing.T) {
	b, _, l := book(t)
	first, err := b.Entrust(t.Context(), town, dispatch.Mandate{Class: "E01", Region: "320583100", Org: "0001", OrgName: "城管", Since: noon.Add(-48 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Entrust(t.Context(), town, dispatch.Mandate{Class: "E01", Region: "320583100", Org: "0002", Kinds: []string{"sanitation"}, Version: first.Version})
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]string{noon.Add(-time.Hour): "0001", noon: "0002", noon.Add(1000 * time.Hour): "0002"} {
		if m, err := b.Responsible(t.Context(), "E0101", "320583100001", at); err != nil || m == nil || m.Org != want {
			t.Errorf("at %v: %+v, %v, want %s", at, m, err, want)
		}
	}
	all, err := b.Mandates(t.Context(), town, dispatch.MandateFilter{All: true})
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	// Whoever read the first row is too late.
	if _, err := b.Entrust(t.Context(), town, dispatch.Mandate{Class: "E01", Region: "320583100", Org: "0003", Version: first.Version}); !errors.Is(err, dispatch.ErrConflict) {
		t.Errorf("an old version: %v", err)
	}
	// Nobody from tomorrow on.
	if _, err := b.Entrust(t.Context(), town, dispatch.Mandate{Class: "E01", Region: "320583100", Since: noon.Add(24 * time.Hour), Version: second.Version}); err != nil {
		t.Fatal(err)
	}
	if m, err := b.Responsible(t.Context(), "E0101", "320583100", noon.Add(25*time.Hour)); err != nil || m != nil {
		t.Errorf("after the end: %+v, %v", m, err)
	}
	if n := len(l.entries); n != 3 || l.entries[1].Action != "incident.mandate" || l.entries[1].Region != "320583100" || l.entries[1].Before == "" {
		t.Errorf("%d entries of the log: %+v", n, l.entries)
	}
}

func TestAMandateThatMakesNoSenseIsRefusedWithTheField(t *testing.T) {
	b, _, _ := book(t)
	past, later := noon.Add(-time.Hour), noon.Add(48*time.Hour)
	if _, err := b.Entrust(t.Context(), root, dispatch.Mandate{Class: "E02", Org: "0001", Since: later}); err != nil {
		t.Fatal(err)
	}
	for field, m := range map[string]dispatch.Mandate{
		"/class":  {Class: "e01", Org: "0001"},
		"/region": {Region: "昆山", Org: "0001"},
		"/org":    {Org: "01"},
		"/until":  {Org: "0001", Until: &past},
		"/kinds":  {Org: "0001", Kinds: []string{""}},
		"/since":  {Class: "E02", Org: "0002"}, // overlaps the one that begins later
	} {
		var wrong *dispatch.FieldError
		if _, err := b.Entrust(t.Context(), root, m); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestOnlyWhoMayEditARegionEntrustsThere(t *testing.T) {
	b, _, l := book(t)
	for region, ok := range map[string]bool{"320583100": true, "320583100001": true, "320583": false, "": false, "320583101": false} {
		_, err := b.Entrust(t.Context(), town, dispatch.Mandate{Class: "E01", Region: region, Org: "0001"})
		if ok != (err == nil) || !ok && !errors.Is(err, dispatch.ErrRefused) {
			t.Errorf("in %q: %v", region, err)
		}
	}
	refused := 0
	for _, e := range l.entries {
		if e.Outcome == "refused" {
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("%d refusals in the log", refused)
	}
}

// The list shows what holds in the reader's regions; behind the wall alone,
// without the query's own condition, the same.
func TestTheListShowsWhatHoldsInTheReadersRegions(t *testing.T) {
	b, pool, _ := book(t)
	for _, region := range []string{"", "320583", "320583100", "320583100001", "320583100002", "320583101", "32058310"} {
		if _, err := b.Entrust(t.Context(), root, dispatch.Mandate{Class: "E01", Region: region, Org: "0001"}); err != nil {
			t.Fatal(err)
		}
	}
	wall, err := database.WallOf(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		by   dispatch.By
		want string
	}{
		{root, ", 320583, 32058310, 320583100, 320583100001, 320583100002, 320583101"},
		{town, ", 320583, 32058310, 320583100, 320583100001, 320583100002"},
		{village, ", 320583, 32058310, 320583100, 320583100001"},
		{dispatch.By{Subject: "person:nobody"}, ""},
	} {
		list, err := b.Mandates(t.Context(), c.by, dispatch.MandateFilter{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range list {
			got = append(got, m.Region)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s lists %q, want %q", c.by.Subject, s, c.want)
		}
		rows, err := database.Collect(t.Context(), wall, database.Scope{Regions: c.by.Sees, Self: c.by.Subject}, `select region from dispatch.mandate order by region`, nil, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if s := strings.Join(rows, ", "); s != c.want {
			t.Errorf("%s reads %q behind the wall, want %q", c.by.Subject, s, c.want)
		}
	}
	list, err := b.Mandates(t.Context(), root, dispatch.MandateFilter{Region: "320583100"})
	if err != nil || len(list) != 6 {
		t.Errorf("of one town: %d rows, %v", len(list), err)
	}
}

func TestOfManyWhoEntrustAtOnceOneWins(t *testing.T) {
	b, _, _ := book(t)
	first, err := b.Entrust(t.Context(), root, dispatch.Mandate{Class: "E01", Org: "0001", Since: noon.Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			_, errs[i] = b.Entrust(t.Context(), root, dispatch.Mandate{Class: "E01", Org: "0002", Version: first.Version})
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, dispatch.ErrConflict) {
			t.Errorf("a loser is told %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
}
