package evaluation

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"onecity/internal/calendar"

	"github.com/xuri/excelize/v2"
)

func TestAChangedIndicatorCountsFromItsDayOnAndTheLogKnowsWho(t *testing.T) {
	w := open(t)
	find := func(on calendar.Date) Indicator {
		t.Helper()
		list, err := w.Indicators(t.Context(), on)
		if err != nil {
			t.Fatal(err)
		}
		var found []Indicator
		for _, i := range list {
			if i.Code == "rework-rate" {
				found = append(found, i)
			}
		}
		if len(found) != 1 {
			t.Fatalf("on %s there are %d of it", on, len(found))
		}
		return found[0]
	}
	old := find(today)
	changed := old
	changed.Formula, changed.ValidFrom = "reworked / close_due * 100", today.Next(10)
	if _, err := w.Put(t.Context(), operator, changed, "按结案数考核"); err != nil {
		t.Fatal(err)
	}
	if find(today).Formula != old.Formula || find(today.Next(9)).Formula != old.Formula || find(today.Next(10)).Formula != changed.Formula {
		t.Error("it counts from another day on")
	}
	// One that begins between the two ends where the next begins.
	between := old
	between.Formula, between.ValidFrom = "reworked / handled * 100", today.Next(5)
	if kept, err := w.Put(t.Context(), operator, between, ""); err != nil || kept.ValidTo == nil || *kept.ValidTo != today.Next(10) {
		t.Errorf("%+v %v", kept, err)
	}
	if find(today.Next(5)).Formula != between.Formula || find(today.Next(12)).Formula != changed.Formula {
		t.Error("the versions overlap")
	}
	changed.Formula = "reworks / due"
	if _, err := w.Put(t.Context(), operator, changed, ""); !errors.Is(err, ErrFormula) {
		t.Errorf("a formula over what is not counted: %v", err)
	}
	if len(w.told) != 2 || w.told[0].Actor != "person:wang" || w.told[0].Object != "indicator:rework-rate" || w.told[0].Why != "按结案数考核" {
		t.Errorf("the log was told %+v", w.told)
	}
	if _, err := Open(t.Context(), w.pool, w.o); err != nil || find(today.Next(12)).Formula == old.Formula {
		t.Errorf("a new start puts the standard's back: %v", err)
	}
}

func TestTheWorkbookHoldsWhatTheTableShows(t *testing.T) {
	w := open(t)
	w.do(second, w.handled(w.took("r1", litter.Code, grid1, "person:sun"), worker, "00010002"), "close")
	table := w.table(ByUnit, "")
	table.Rows[0].Name = "=cmd()"
	var b bytes.Buffer
	if err := table.WriteXLSX(&b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(TableSheet)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3+len(table.Rows) || rows[2][0] != "u-li" || rows[2][1] != "'=cmd()" {
		t.Fatalf("the sheet has %q", rows)
	}
	for k, i := range table.Indicators {
		got := ""
		if 2+k < len(rows[2]) {
			got = rows[2][2+k]
		}
		want := ""
		if v := table.Rows[0].Values[i.Code]; v != nil {
			want = fmt.Sprint(*v)
		}
		if got != want || rows[1][2+k] != i.Name+"（"+i.Unit+"）" {
			t.Errorf("%s is %q in the sheet, %q in the table", i.Code, got, want)
		}
	}
	notes, err := f.GetRows(NoteSheet)
	if err != nil || notes[1][2] != table.Indicators[0].Formula {
		t.Errorf("the notes are %q, %v", notes, err)
	}
}
