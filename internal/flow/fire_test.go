package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// begun starts one permit of ann's.
func begun(t testing.TB, e *Engine, id string) Item {
	t.Helper()
	it, err := e.Start(t.Context(), anyone("person:ann"), Item{Machine: "test.permit", ID: id, Title: "施工证", Region: "320583003",
		Org: "00010002", Subject: "person:ann", Data: json.RawMessage(`{"b": 1, "a": [2]}`)}, "needs one")
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func fire(e *Engine, who string, it Item, event Event, input map[string]json.RawMessage) (Item, error) {
	return e.Fire(context.Background(), anyone("person:"+who), Command{Machine: it.Machine, ID: it.ID, Event: event, Version: it.Version, Input: input, Why: "because"})
}

func must(t testing.TB) func(Item, error) Item {
	return func(it Item, err error) Item {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return it
	}
}

// opinion is what a review needs.
func opinion() map[string]json.RawMessage {
	return map[string]json.RawMessage{"opinion": text("同意"), "grade": text("甲"), "until": text("2027-01-01")}
}

func TestATransitionIsOneTransactionOfStateAuditHistoryOutboxAndJob(t *testing.T) {
	pool := open(t)
	e := newEngine(t, pool, Options{Now: newWatch(morning).Now}, permit())
	it := begun(t, e, "p:1")
	if it.State != "draft" || it.Version != 1 || it.Due != nil {
		t.Fatalf("begun as %+v", it)
	}
	it = must(t)(fire(e, "ann", it, "submit", nil))
	if it.State != "review" || it.Version != 2 || it.Subject != "" || it.Due == nil || it.Due.Sub(morning).Minutes() != 10 || it.WarnAt.Sub(morning).Minutes() != 8 {
		t.Fatalf("submitted as %+v", it)
	}
	stored, err := e.Get(t.Context(), it.Machine, it.ID)
	if err != nil || fmt.Sprint(stored.Due, stored.State, stored.Version, string(stored.Data)) != fmt.Sprint(it.Due, it.State, it.Version, string(it.Data)) {
		t.Errorf("stored as %+v, %v", stored, err)
	}
	h, err := e.History(t.Context(), it.Machine, it.ID)
	if err != nil || len(h) != 2 || h[0].Event != Started || h[1].Event != "submit" || h[1].From != "draft" || h[1].State != "review" ||
		h[1].Actor != "person:ann" || h[1].Why != "because" {
		t.Errorf("history %+v, %v", h, err)
	}
	var entry audit.Entry
	var body []byte
	if err := pool.QueryRow(t.Context(), `select entry from audited where action = 'test.permit.submit'`).Scan(&body); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &entry); err != nil {
		t.Fatal(err)
	}
	if entry.Actor != "person:ann" || entry.From != "192.0.2.1" || entry.Session != "s-person:ann" || entry.Object != "p:1" || entry.Region != "320583003" ||
		entry.Org != "00010002" || entry.Why != "because" || entry.Outcome != audit.Done || len(entry.Before) != 64 || entry.Before == entry.After {
		t.Errorf("audited as %+v", entry)
	}
	if n := count(t, pool, `select count(*) from flow.outbox where kind in ('flow.started', 'flow.transition')`); n != 2 {
		t.Errorf("%d messages", n)
	}
	if n := count(t, pool, `select count(*) from flow.river_job where kind = 'flow.strike' and scheduled_at = $1`, *it.WarnAt); n != 1 {
		t.Errorf("%d jobs for the warning", n)
	}
}

func TestATransitionThatFailsLeavesNothingBehind(t *testing.T) {
	pool := open(t)
	m := permit()
	broken := errors.New("the module's own change fails")
	m.Transitions[0].Do = func(ctx context.Context, tx pgx.Tx, c Change) error {
		if _, err := tx.Exec(ctx, `insert into audited (action) values ('by the module')`); err != nil {
			return err
		}
		return broken
	}
	e := newEngine(t, pool, Options{}, m)
	it := begun(t, e, "p:1")
	if _, err := fire(e, "ann", it, "submit", nil); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	badAudit := errors.New("the audit log fails")
	e = newEngine(t, pool, Options{Audit: func(context.Context, pgx.Tx, audit.Entry) error { return badAudit }}, permit())
	if _, err := fire(e, "ann", it, "submit", nil); !errors.Is(err, badAudit) {
		t.Fatal(err)
	}
	if _, err := e.Start(t.Context(), anyone("person:ann"), Item{Machine: "test.permit", ID: "p:2", Title: "证"}, ""); !errors.Is(err, badAudit) {
		t.Fatal(err)
	}
	now, err := e.Get(t.Context(), it.Machine, it.ID)
	if err != nil || now.State != "draft" || now.Version != 1 {
		t.Errorf("now %+v, %v", now, err)
	}
	if n := count(t, pool, `select (select count(*) from flow.history) + (select count(*) from flow.outbox) + (select count(*) from audited)
		+ (select count(*) from flow.river_job) + (select count(*) from flow.item)`); n != 4 {
		t.Errorf("%d rows, want those of the one start: history, outbox, audit, item", n)
	}
}

func TestAllThatIsMissingOrWrongIsToldAtOnce(t *testing.T) {
	e := newEngine(t, open(t), Options{}, permit())
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	for _, tc := range []struct {
		input map[string]json.RawMessage
		want  string
	}{
		{nil, "opinion is missing; grade is missing; until is missing"},
		{map[string]json.RawMessage{"opinion": text("  "), "grade": json.RawMessage("null"), "until": text("2027-02-30")},
			"opinion is missing; grade is missing; until must be a date such as 2026-11-24"},
		{map[string]json.RawMessage{"opinion": text("一二三四五六七八九十一"), "grade": text("丙"), "until": json.RawMessage("3"), "fee": text("3"), "x": text("")},
			"opinion is longer than 10 characters: 11; grade must be one of 甲, 乙; until must be a text; fee must be a number; x is not a field of this step"},
		{map[string]json.RawMessage{"opinion": text("a\x00"), "grade": text("甲"), "until": text("2027-01-01"), "fee": json.RawMessage("1e999"), "urgent": json.RawMessage("1")},
			"opinion holds a character that is not allowed; fee must be a number; urgent must be true or false"},
		{map[string]json.RawMessage{"opinion": json.RawMessage("\"\xff\""), "grade": text("甲"), "until": text("2027-01-01")},
			"opinion holds a character that is not allowed"},
	} {
		_, err := fire(e, "bob", it, "pass", tc.input)
		var inc *Incomplete
		if !errors.As(err, &inc) || !errors.Is(err, ErrIncomplete) || !strings.HasSuffix(err.Error(), ": "+tc.want) {
			t.Errorf("got %v\nwant %s", err, tc.want)
		}
		for _, f := range inc.Fields {
			if f.Title.ZH == "" || f.Problem.ZH == "" {
				t.Errorf("%s is not told in Chinese", f.Name)
			}
		}
	}
	in := opinion()
	in["fee"], in["urgent"] = json.RawMessage("12.50"), json.RawMessage("true")
	it = must(t)(fire(e, "bob", it, "pass", in))
	h, err := e.History(t.Context(), it.Machine, it.ID)
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]any
	if err := json.Unmarshal(h[2].Input, &kept); err != nil || kept["opinion"] != "同意" || kept["fee"] != 12.5 {
		t.Errorf("kept %v, %v", kept, err)
	}
	_, err = e.Fire(t.Context(), anyone("person:bob"), Command{Machine: it.Machine, ID: it.ID, Event: "refuse", Version: it.Version, Why: "\x00"})
	if !errors.Is(err, ErrIncomplete) {
		t.Errorf("a reason that cannot be kept: %v", err)
	}
}

func TestAllGuardsThatDoNotHoldAreTold(t *testing.T) {
	e := newEngine(t, open(t), Options{}, permit())
	it, err := e.Start(t.Context(), anyone("person:ann"), Item{Machine: "test.permit", ID: "p:1", Title: "nothing", Subject: "person:ann"}, "")
	if err != nil {
		t.Fatal(err)
	}
	it = must(t)(fire(e, "ann", it, "submit", nil))
	it = must(t)(fire(e, "bob", it, "pass", opinion()))
	_, err = fire(e, "cat", it, "approve", nil)
	var r *Refusal
	if !errors.As(err, &r) || !errors.Is(err, ErrGuard) || len(r.Guards) != 2 || r.Guards[0].Name != "named" || r.Guards[1].Name != "placed" {
		t.Errorf("refused with %v", err)
	}
}

func TestFourEyesAreNotTwo(t *testing.T) {
	pool := open(t)
	e := newEngine(t, pool, Options{}, permit())
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	if _, err := fire(e, "ann", it, "pass", opinion()); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("who submitted reviews: %v", err)
	}
	it = must(t)(fire(e, "bob", it, "pass", opinion()))
	for _, who := range []string{"ann", "bob"} { // who began it, who reviewed it
		if _, err := fire(e, who, it, "approve", nil); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s approves: %v", who, err)
		}
	}
	// what was refused is in the audit log, though its transaction is not
	if n := count(t, pool, `select count(*) from audited where outcome = 'refused' and object = 'p:1'`); n != 3 {
		t.Errorf("%d refusals are audited", n)
	}
	must(t)(fire(e, "cat", it, "approve", nil))
}

func TestFourEyesRememberAcrossARoundTrip(t *testing.T) {
	w := newWatch(morning)
	e := newEngine(t, open(t), Options{Now: w.Now}, permit())
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	it = must(t)(fire(e, "bob", it, "pass", opinion()))
	it = must(t)(e.Fire(t.Context(), System(), Command{Machine: it.Machine, ID: it.ID, Event: "expire", Version: it.Version}))
	it = must(t)(fire(e, "cat", it, "pass", opinion()))
	for _, who := range []string{"bob", "cat"} {
		if _, err := fire(e, who, it, "approve", nil); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s approves: %v", who, err)
		}
	}
}

func TestWhoMayNotIsRefused(t *testing.T) {
	e := newEngine(t, open(t), Options{}, permit())
	ctx := t.Context()
	it := begun(t, e, "p:1")
	nobody := Actor{Subject: "person:eve", Allow: func(action string, it Item) bool { return action == "test.permit.create" && it.Region == "1" }}
	cmd := Command{Machine: it.Machine, ID: it.ID, Event: "submit", Version: 1}
	for name, tc := range map[string]struct {
		actor Actor
		ev    Event
		want  error
	}{
		"somebody else submits":                        {anyone("person:eve"), "submit", ErrNotAllowed},
		"a person who calls themselves system submits": {anyone("system"), "submit", ErrNotAllowed},
		"the program does what is a person's":          {System(), "submit", ErrNotAllowed},
		"an actor without rights":                      {Actor{Subject: "person:eve"}, "submit", ErrNotAllowed},
		"an event of another state":                    {anyone("person:ann"), "approve", ErrNoSuchEvent},
		"an event of no state":                         {anyone("person:ann"), "fly", ErrNoSuchEvent},
	} {
		cmd.Event = tc.ev
		if _, err := e.Fire(ctx, tc.actor, cmd); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	it = must(t)(fire(e, "ann", it, "submit", nil))
	it = must(t)(fire(e, "bob", it, "pass", opinion()))
	if _, err := e.Fire(ctx, anyone("person:cat"), Command{Machine: it.Machine, ID: it.ID, Event: "expire", Version: it.Version}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a person does what is the program's: %v", err)
	}
	if _, err := e.Start(ctx, nobody, Item{Machine: "test.permit", ID: "p:2", Title: "证", Region: "2"}, ""); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("begun in another's region: %v", err)
	}
	if _, err := e.Start(ctx, nobody, Item{Machine: "test.permit", ID: "p:2", Title: "证", Region: "1"}, ""); err != nil {
		t.Errorf("begun in the own region: %v", err)
	}
	if _, err := e.Start(ctx, nobody, Item{Machine: "test.permit", ID: "p:2", Title: "证", Region: "1"}, ""); !errors.Is(err, ErrExists) {
		t.Errorf("begun twice: %v", err)
	}
	if _, err := e.Fire(ctx, nobody, Command{Machine: "test.permit", ID: "p:3"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("nothing fired: %v", err)
	}
	if _, err := e.Fire(ctx, nobody, Command{Machine: "test.nothing", ID: "p:3"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("no machine fired: %v", err)
	}
}

func TestAnItemThatCannotBeKeptIsRefusedBeforeTheDatabaseSeesIt(t *testing.T) {
	e := newEngine(t, open(t), Options{}, permit())
	good := Item{Machine: "test.permit", ID: "p:1", Title: "证"}
	for name, spoil := range map[string]func(it *Item){
		"no id":               func(it *Item) { it.ID = "" },
		"a blank in the id":   func(it *Item) { it.ID = "p 1" },
		"a blank title":       func(it *Item) { it.Title = " " },
		"a NUL in the title":  func(it *Item) { it.Title = "a\x00" },
		"a title too long":    func(it *Item) { it.Title = strings.Repeat("证", 501) },
		"a code not in UTF-8": func(it *Item) { it.Region = "\xff" },
		"a path too long":     func(it *Item) { it.Org = strings.Repeat("0", 201) },
		"data that are none":  func(it *Item) { it.Data = json.RawMessage("{") },
		"data with a NUL":     func(it *Item) { it.Data = json.RawMessage(`{"a": "\u0000"}`) },
		"data too many":       func(it *Item) { it.Data = text(strings.Repeat("x", 1<<16)) },
	} {
		it := good
		spoil(&it)
		if _, err := e.Start(t.Context(), anyone("person:ann"), it, ""); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := e.Start(t.Context(), anyone("person:ann"), good, "\xff"); !errors.Is(err, ErrIncomplete) {
		t.Errorf("a reason not in UTF-8: %v", err)
	}
	if _, err := e.Start(t.Context(), anyone("person:ann"), good, ""); err != nil {
		t.Error(err)
	}
}

func TestEventsTellWhatCanBeDoneAndWhyNot(t *testing.T) {
	e := newEngine(t, open(t), Options{}, permit())
	it := must(t)(fire(e, "ann", begun(t, e, "p:1"), "submit", nil))
	_, offers, err := e.Events(t.Context(), anyone("person:ann"), it.Machine, it.ID)
	if err != nil || len(offers) != 2 || offers[0].Event != "pass" || offers[0].May || len(offers[0].WhyNot) != 1 || !strings.Contains(offers[0].WhyNot[0].ZH, "提交") ||
		len(offers[0].Required) != 3 || !offers[1].May || offers[1].ToTitle.ZH != "不予许可" {
		t.Errorf("ann: %+v, %v", offers, err)
	}
	must(t)(fire(e, "bob", it, "pass", opinion()))
	_, offers, err = e.Events(t.Context(), Actor{Subject: "person:eve"}, it.Machine, it.ID)
	if err != nil || len(offers) != 2 || offers[0].May || offers[0].WhyNot[0].ZH != "没有权限：test.permit.approve" {
		t.Errorf("eve: %+v, %v", offers, err) // and nothing of expire, which is the program's
	}
	draft, err := e.Start(t.Context(), anyone("person:ann"), Item{Machine: "test.permit", ID: "p:2", Title: "证"}, "")
	if err != nil {
		t.Fatal(err)
	}
	_, offers, err = e.Events(t.Context(), anyone("person:ann"), draft.Machine, draft.ID)
	if err != nil || len(offers) != 1 || offers[0].WhyNot[0].EN != "Nobody is in charge of it yet" {
		t.Errorf("nobody's draft: %+v, %v", offers, err)
	}

	// A page of items is offered as one by one, hands included.
	w, err := e.Waiting(t.Context(), Seer{Subject: "person:ann", Reach: func(string) []Subtree { return []Subtree{{ByRegion, ""}} }}, Filter{}, Page{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Offers(t.Context(), anyone("person:ann"), w.Items)
	if err != nil || len(all) != len(w.Items) || len(all) == 0 {
		t.Fatalf("offers of %d items: %d, %v", len(w.Items), len(all), err)
	}
	for i, it := range w.Items {
		_, one, err := e.Events(t.Context(), anyone("person:ann"), it.Machine, it.ID)
		if err != nil || !reflect.DeepEqual(one, all[i]) {
			t.Errorf("%s: %+v alone, %+v among others, %v", it.ID, one, all[i], err)
		}
	}
}

func TestWorkInAStateThatTheProgramHasForgottenIsFound(t *testing.T) {
	pool := open(t)
	e := newEngine(t, pool, Options{}, permit(), counter())
	it := begun(t, e, "p:1")
	if s, err := e.Strays(t.Context()); err != nil || s != nil {
		t.Fatal(s, err)
	}
	newer := permit()
	newer.States[0].Name, newer.Initial, newer.Transitions[0].From = "sketch", "sketch", []State{"sketch"}
	e = newEngine(t, pool, Options{}, newer)
	if s, err := e.Strays(t.Context()); err != nil || len(s) != 1 || s[0] != (Stray{"test.permit", "draft", 1}) {
		t.Error(s, err)
	}
	if _, err := fire(e, "ann", it, "submit", nil); !errors.Is(err, ErrNoSuchEvent) {
		t.Error(err)
	}
}
