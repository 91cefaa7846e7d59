package dispatch_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"onecity/gov/incident/dispatch"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

func day(region, date string, version int64, turns ...dispatch.Turn) dispatch.RosterDay {
	return dispatch.RosterDay{Region: region, Date: date, Version: version, Turns: turns}
}

func TestADayOfTheRosterIsReadAsItWasWritten(t *testing.T) {
	b, _, l := book(t)
	kept, err := b.SetRoster(t.Context(), town, day("320583100", "2026-11-24", 0,
		dispatch.Turn{Shift: "early", Unit: "car-1", UnitName: "执法车一"},
		dispatch.Turn{Shift: "late", Person: "person:p1", PersonName: "王小明", Note: "电话待命"},
		dispatch.Turn{Shift: "night", PersonName: " 李雷 "}))
	if err != nil || kept.Version != 1 || len(kept.Turns) != 3 {
		t.Fatalf("%+v, %v", kept, err)
	}
	days, err := b.Roster(t.Context(), town, "320583100", "2026-11-23", 3)
	if err != nil || len(days) != 3 {
		t.Fatalf("%+v, %v", days, err)
	}
	if days[0].Version != 0 || len(days[0].Turns) != 0 || days[1].Version != 1 || len(days[1].Turns) != 3 {
		t.Fatalf("%+v", days)
	}
	// Eight in the morning in Shanghai is midnight in Greenwich.
	night, early := days[1].Turns[0], days[1].Turns[1]
	if night.PersonName != "李雷" || early.Unit != "car-1" || !early.From.Equal(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) || early.Until.Sub(early.From) != 8*time.Hour {
		t.Errorf("%+v %+v", night, early)
	}
	for at, want := range map[time.Time]string{noon: "car-1", noon.Add(4 * time.Hour): "", noon.Add(-5 * time.Hour): ""} {
		on, err := b.OnDuty(t.Context(), at)
		if err != nil || len(on) != 1 || on[0].Unit != want {
			t.Errorf("on duty at %v: %+v, %v", at, on, err)
		}
	}
	today, err := b.Roster(t.Context(), town, "320583100", "", 1)
	if err != nil || today[0].Date != "2026-11-24" {
		t.Errorf("today is %+v, %v", today, err)
	}
	kept, err = b.SetRoster(t.Context(), town, day("320583100", "2026-11-24", 1, dispatch.Turn{Shift: "early", Unit: "car-2"}))
	if err != nil || kept.Version != 2 {
		t.Fatalf("%+v, %v", kept, err)
	}
	if on, err := b.OnDuty(t.Context(), noon); err != nil || len(on) != 1 || on[0].Unit != "car-2" {
		t.Errorf("the day was not replaced: %+v, %v", on, err)
	}
	if _, err := b.SetRoster(t.Context(), town, day("320583100", "2026-11-24", 1)); !errors.Is(err, dispatch.ErrConflict) {
		t.Errorf("an old version: %v", err)
	}
	if len(l.entries) != 2 || l.entries[1].Action != "incident.roster" || l.entries[1].Object != "roster:320583100@2026-11-24" {
		t.Errorf("the log: %+v", l.entries)
	}
}

func TestNobodyIsOnDutyInTwoPlacesAtOnce(t *testing.T) {
	b, pool, _ := book(t)
	if _, err := b.SetRoster(t.Context(), root, day("320583100", "2026-11-24", 0, dispatch.Turn{Shift: "early", Unit: "car-1", Person: "person:p1"})); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		turns []dispatch.Turn
		field string
	}{
		{[]dispatch.Turn{{Shift: "late", Unit: "car-1"}}, ""},
		{[]dispatch.Turn{{Shift: "early", Unit: "car-1"}}, "/turns/0/unit"},
		{[]dispatch.Turn{{Shift: "early", Unit: "car-9"}, {Shift: "early", Unit: "car-2", Person: "person:p1"}}, "/turns/1/person"},
		{[]dispatch.Turn{{Shift: "night", Unit: "car-3"}, {Shift: "night", Unit: "car-3"}}, "/turns/1/unit"},
		{[]dispatch.Turn{{Shift: "noon", Unit: "car-3"}}, "/turns/0/shift"},
		{[]dispatch.Turn{{Shift: "night", PersonName: "  "}}, "/turns/0/unit"},
		{[]dispatch.Turn{{Shift: "night", Person: "p1"}}, "/turns/0/person"},
	} {
		days, err := b.Roster(t.Context(), root, "320583101", "2026-11-24", 1)
		if err != nil {
			t.Fatal(err)
		}
		before := len(days[0].Turns)
		_, err = b.SetRoster(t.Context(), root, day("320583101", "2026-11-24", days[0].Version, c.turns...))
		if c.field == "" {
			if err != nil {
				t.Errorf("%+v: %v", c.turns, err)
			}
			continue
		}
		var wrong *dispatch.FieldError
		if !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%+v: %v, want %s", c.turns, err, c.field)
		}
		days, err = b.Roster(t.Context(), root, "320583101", "2026-11-24", 1)
		if err != nil || len(days[0].Turns) != before {
			t.Errorf("%+v was refused and left %+v, %v", c.turns, days, err)
		}
	}
	// The constraint is the database's: also who writes past the program is refused.
	_, err := pool.Exec(t.Context(), `insert into dispatch.turn (region, date, slot, unit, during) values ('320583101', '2026-11-24', 'late', 'car-1', '[2026-11-24 07:59+00, 2026-11-24 08:01+00)')`)
	if err == nil {
		t.Error("an overlap of a minute was kept")
	}
}

func TestOfManyWhoWriteADayAtOnceOneWins(t *testing.T) {
	b, _, _ := book(t)
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			_, errs[i] = b.SetRoster(t.Context(), root, day("320583", "2026-11-25", 0, dispatch.Turn{Shift: "early", Unit: "car-1"}))
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

func TestTheRosterIsReadAndWrittenWhereTheRightsReach(t *testing.T) {
	b, pool, _ := book(t)
	for _, region := range []string{"320583", "320583100", "320583101"} {
		if _, err := b.SetRoster(t.Context(), root, day(region, "2026-11-24", 0, dispatch.Turn{Shift: "early", Unit: "car-" + region, Person: "person:" + region})); err != nil {
			t.Fatal(err)
		}
	}
	for region, ok := range map[string]bool{"320583100": true, "320583": false, "320583101": false, "": false} {
		_, read := b.Roster(t.Context(), town, region, "2026-11-24", 1)
		_, write := b.SetRoster(t.Context(), town, day(region, "2026-11-25", 0))
		if (read == nil) != ok || (write == nil) != ok || !ok && (!errors.Is(read, dispatch.ErrRefused) || !errors.Is(write, dispatch.ErrRefused)) {
			t.Errorf("%q: read %v, write %v", region, read, write)
		}
	}
	wall, err := database.WallOf(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	for self, want := range map[string]int{"person:town": 1, "person:320583101": 2, "": 1} {
		units, err := database.Collect(t.Context(), wall, database.Scope{Regions: []string{"320583100"}, Self: self}, `select unit from dispatch.turn`, nil, pgx.RowTo[string])
		if err != nil || len(units) != want {
			t.Errorf("%q reads %v behind the wall, %v", self, units, err)
		}
	}
}

func TestTheShiftsOfADayOnWhichTheClockIsPutBackStillMeet(t *testing.T) {
	_, pool, _ := book(t)
	zone, err := time.LoadLocation("Europe/Andorra")
	if err != nil {
		t.Fatal(err)
	}
	b, err := dispatch.Open(t.Context(), pool, dispatch.Options{Zone: func() *time.Location { return zone }})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := b.SetRoster(t.Context(), root, day("AD", "2026-10-25", 0,
		dispatch.Turn{Shift: "night", Unit: "a"}, dispatch.Turn{Shift: "early", Unit: "b"}, dispatch.Turn{Shift: "late", Unit: "c"}))
	if err != nil {
		t.Fatal(err)
	}
	for i, hours := range []time.Duration{9, 8, 8} {
		if d := kept.Turns[i].Until.Sub(kept.Turns[i].From); d != hours*time.Hour {
			t.Errorf("%s lasts %v", kept.Turns[i].Shift, d)
		}
		if i > 0 && !kept.Turns[i].From.Equal(kept.Turns[i-1].Until) {
			t.Errorf("%s begins %v, the one before ends %v", kept.Turns[i].Shift, kept.Turns[i].From, kept.Turns[i-1].Until)
		}
	}
}

func TestADemoCityBeginsWithMadeUpListsAndKeepsThem(t *testing.T) {
	b, _, _ := book(t)
	orgs := []dispatch.SeedOrg{{"0001", "昆山市人民政府", "320583"}, {"00010002", "昆山市城市运行管理中心", "320583"}, {"00010003", "昆山市综合行政执法局", "320583"},
		{"00010004", "昆山市应急管理局", "320583"}, {"00010008", "玉山镇管理委员会", "320583100"}}
	for range 2 { // the second time it is there
		if err := b.Seed(t.Context(), "320583", []string{"320583100", "320583101"}, orgs); err != nil {
			t.Fatal(err)
		}
	}
	for class, want := range map[string]string{"E0403": "00010004", "E0101": "00010008", "C0401": "00010003", "X": "00010002"} {
		m, err := b.Responsible(t.Context(), class, "320583100001", noon)
		if err != nil || m == nil || m.Org != want || !m.Made || m.Note == "" {
			t.Errorf("%s: %+v, %v, want %s", class, m, err, want)
		}
	}
	on, err := b.OnDuty(t.Context(), noon)
	if err != nil || len(on) != 6 { // a person in each of three regions, three units in the city
		t.Errorf("on duty: %+v, %v", on, err)
	}
	var kept []dispatch.Turn
	for _, turn := range on {
		if !turn.Made {
			t.Errorf("%+v is not marked as made", turn)
		}
		if turn.Region == "320583" {
			kept = append(kept, turn)
		}
	}
	// Who puts one more in does not vouch for the others.
	for i := range kept {
		kept[i].Made = false // it does not come from outside
	}
	today, err := b.SetRoster(t.Context(), root, day("320583", "2026-11-24", 1, append(kept, dispatch.Turn{Shift: "early", Unit: "real-1"})...))
	if err != nil {
		t.Fatal(err)
	}
	for _, turn := range today.Turns {
		if turn.Made != (turn.Unit != "real-1") {
			t.Errorf("%+v", turn)
		}
	}
}
