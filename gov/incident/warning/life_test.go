package warning

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/internal/flow"
)

func TestTheMachineIsSound(t *testing.T) {
	if err := (&Service{}).Machine().Check(); err != nil {
		t.Fatal(err)
	}
}

func TestWhoWroteAGraveWarningDoesNotIssueIt(t *testing.T) {
	w := open(t)
	for _, colour := range []string{Orange, Red} {
		d := w.draft(wang, rain(colour))
		if _, err := w.fire(wang, d, Issue, ""); !errors.Is(err, flow.ErrGuard) {
			t.Errorf("%s by its author: %v", colour, err)
		}
		edited := d
		edited.Text = "改写"
		edited, err := w.Edit(t.Context(), li, edited, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.fire(li, edited, Issue, ""); !errors.Is(err, flow.ErrGuard) {
			t.Errorf("%s by who changed it: %v", colour, err)
		}
		third := w.must(who("zhao", "320583"), edited, Issue, "")
		if third.State != Issued || third.Issuer != "person:zhao" || !third.Effective.Equal(w.now) || len(third.Authors) != 2 {
			t.Errorf("%+v", third)
		}
	}
	for _, colour := range []string{Blue, Yellow} {
		if got := w.must(wang, w.draft(wang, rain(colour)), Issue, ""); got.State != Issued {
			t.Errorf("%+v", got)
		}
	}
}

func TestAWarningHoldsUntilItExpiresAndIsToldOf(t *testing.T) {
	w := open(t)
	d := w.draft(wang, rain(Blue))
	if len(w.current()) != 0 || len(w.told()) != 0 {
		t.Fatal("a draft is out")
	}
	issued := w.must(wang, d, Issue, "")
	if got := w.current(); !slices.Equal(got, []string{d.ID}) {
		t.Fatal(got)
	}
	w.pass(6*time.Hour - time.Second)
	if n, err := w.flow.Sweep(t.Context()); n != 0 || err != nil || len(w.current()) != 1 {
		t.Fatal("over before its time", n, err)
	}
	w.pass(time.Second)
	if len(w.current()) != 0 { // also before the clock has struck
		t.Error("in force after it expired")
	}
	if n, err := w.flow.Sweep(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	over, err := w.Get(t.Context(), wang, d.ID, everywhere)
	if err != nil || over.State != Expired || over.Version != issued.Version+1 || over.EndedBy != "system" {
		t.Errorf("%+v, %v", over, err)
	}
	if got := w.told(); !slices.Equal(got, []string{"issue " + d.ID, "expire " + d.ID}) {
		t.Error(got)
	}
}

func TestAnUpdateTakesThePlaceOfTheOldOneAndACancellationSaysWhy(t *testing.T) {
	w := open(t)
	first := w.must(wang, w.draft(wang, rain(Yellow)), Issue, "")
	x := rain(Orange)
	x.Replaces = first.ID
	second := w.must(li, w.draft(wang, x), Issue, "")
	if got := w.current(); !slices.Equal(got, []string{second.ID}) {
		t.Fatal(got)
	}
	if old, _ := w.Get(t.Context(), wang, first.ID, everywhere); old.State != Replaced {
		t.Errorf("%+v", old)
	}
	x.Replaces = first.ID // it is over
	if _, err := w.Draft(t.Context(), wang, x, ""); err == nil {
		t.Error("what is over was replaced")
	}
	if _, err := w.fire(wang, second, Cancel, ""); !errors.Is(err, flow.ErrIncomplete) {
		t.Errorf("without a reason: %v", err)
	}
	got := w.must(wang, second, Cancel, "雨已停")
	if got.State != Cancelled || got.Why != "雨已停" || got.EndedBy != "person:wang" || len(w.current()) != 0 {
		t.Errorf("%+v", got)
	}
	if _, err := w.fire(wang, got, Cancel, "again"); !errors.Is(err, flow.ErrNoSuchEvent) {
		t.Errorf("twice: %v", err)
	}
}

func TestTheGravestComesFirst(t *testing.T) {
	w := open(t)
	blue := w.must(wang, w.draft(wang, rain(Blue)), Issue, "")
	w.pass(time.Minute)
	red := w.must(li, w.draft(wang, rain(Red)), Issue, "")
	w.pass(time.Minute)
	yellow := w.must(wang, w.draft(wang, rain(Yellow)), Issue, "")
	if got := w.current(); !slices.Equal(got, []string{red.ID, yellow.ID, blue.ID}) {
		t.Error(got)
	}
}

func TestWhoMayWarnInOneTownMayNotWarnTwo(t *testing.T) {
	w := open(t)
	town := who("town", "320583100")
	if _, err := w.Draft(t.Context(), town, rain(Blue), ""); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
	x := rain(Blue)
	x.Regions = []string{"320583100001", "320583100002"}
	own := w.draft(town, x)
	whole := w.draft(wang, rain(Blue))
	if _, err := w.fire(town, whole, Issue, ""); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
	inTown := func(region string) bool {
		return strings.HasPrefix(region, "320583100") || strings.HasPrefix("320583100", region)
	}
	if _, err := w.Get(t.Context(), town, whole.ID, inTown); !errors.Is(err, ErrNotFound) {
		t.Errorf("a draft of others is seen: %v", err)
	}
	list, err := w.List(t.Context(), town, Filter{}, inTown)
	if err != nil || len(list) != 1 || list[0].ID != own.ID {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestOfTwoWhoChangeADraftOneIsTold(t *testing.T) {
	w := open(t)
	d := w.draft(wang, rain(Yellow))
	other := d
	other.Text = "二"
	if _, err := w.Edit(t.Context(), li, other, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Edit(t.Context(), wang, d, ""); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	if _, err := w.fire(wang, d, Issue, ""); !errors.Is(err, ErrConflict) {
		t.Errorf("a text that was changed meanwhile is issued: %v", err)
	}
}

func TestADraftThatNobodyIssuesIsDropped(t *testing.T) {
	w := open(t)
	x := rain(Red)
	x.Expires = morning.Add(72 * time.Hour)
	d := w.draft(wang, x)
	w.pass(draftFor)
	if _, err := w.flow.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.Get(t.Context(), wang, d.ID, everywhere); got.State != Dropped {
		t.Errorf("%+v", got)
	}
	if len(w.told()) != 0 {
		t.Error("a draft was told of")
	}
}

func TestADraftIsChecked(t *testing.T) {
	w := open(t)
	for field, change := range map[string]func(*Warning){
		"colour":   func(x *Warning) { x.Colour = "green" },
		"headline": func(x *Warning) { x.Headline = " " },
		"text":     func(x *Warning) { x.Text = "a\x01" },
		"expires":  func(x *Warning) { x.Expires = morning.Add(-time.Second) },
		"onset":    func(x *Warning) { x.Onset = x.Expires },
		"regions":  func(x *Warning) { x.Regions = []string{"昆山"} },
		"polygon":  func(x *Warning) { x.Polygon = [][2]float64{{31, 120}} },
		"category": func(x *Warning) { x.Category = "Weather" },
	} {
		x := rain(Blue)
		change(&x)
		var f *FieldError
		if _, err := w.Draft(t.Context(), wang, x, ""); !errors.As(err, &f) || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestTheRegionOfAWarningIsTheNarrowestAroundIt(t *testing.T) {
	for want, list := range map[string][]string{
		"320583100": {"320583100001", "320583100002"}, "320583": {"320583100", "320583101"}, "3205": {"320583", "320585"}, "": {"32", "11"}, "320583101": {"320583101"},
	} {
		if got := common(list); got != want {
			t.Errorf("%v: %s", list, got)
		}
	}
}
