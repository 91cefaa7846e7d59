package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/identity/access"
	"onecity/streams"
)

// admin is an administrator of a subtree.
func admin(t *testing.T, code string) *Caller {
	t.Helper()
	table, err := access.Compile(access.Standard(), []access.Binding{
		{ID: "1", Subject: "person:admin", Role: "admin", On: access.Node{Code: code}}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := table.Subject("person:admin")
	return &Caller{ID: "person:admin", Rights: s, Scope: scopeOf(s)}
}

func TestDeadLettersOfElsewhereAreNeitherSeenNorSentNorGivenUp(t *testing.T) {
	var caller atomic.Pointer[Caller]
	all := Caller{}
	w := newTown(t, townOptions{contracts: []string{contract}, who: func(r *http.Request) (Caller, error) {
		if c := caller.Load(); c != nil {
			return *c, nil
		}
		return all, nil
	}})
	table, err := access.Compile(access.Standard(), []access.Binding{{ID: "1", Subject: "app:tools", Role: "steward"}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	all = Caller{ID: "app:tools", Rights: table.Subject("app:tools"), Scope: scopeOf(table.Subject("app:tools"))}
	w.settle()
	now := time.Now().Add(-time.Minute)
	clock := now.In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05")
	for _, l := range []streams.DeadLetter{
		{Way: "mqtt", Source: "west/telemetry", Body: []byte(`{}`)},
		{Way: "mqtt", Source: "east/telemetry", Body: []byte(`{}`)},
		{Way: "mqtt", Source: "nobody/telemetry", Body: []byte(`{}`)},
		{Way: "feeds/air", Source: "a.csv", Row: 2, Body: []byte(`{"站号":"east"}`)},
	} {
		l.At, l.Why = now, json.RawMessage(`[]`)
		if err := w.broker.Bury(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	seqs := func() map[string]float64 {
		t.Helper()
		of := map[string]float64{}
		v := w.expect("GET", "/api/v1/dead-letters?limit=50", "", 200).json(t)
		for _, l := range v["letters"].([]any) {
			l := l.(map[string]any)
			of[l["source"].(string)] = l["seq"].(float64)
		}
		if v["total"] != float64(len(of)) {
			t.Errorf("a total of %v for %d letters", v["total"], len(of))
		}
		return of
	}
	everything := seqs()
	if len(everything) != 4 {
		t.Fatalf("all of the city sees %v", everything)
	}
	caller.Store(admin(t, "320583"))
	if n := len(seqs()); n != 4 {
		t.Errorf("the city's administrator sees %d letters", n)
	}
	caller.Store(admin(t, "320583100"))
	if of := seqs(); len(of) != 1 || of["west/telemetry"] == 0 {
		t.Errorf("the town's administrator sees %v", of)
	}
	mended := fmt.Sprintf(`{"time":%q,"values":{"pm2_5":9.5}}`, now.Format(time.RFC3339))
	for source, seq := range everything {
		path, want := fmt.Sprintf("/api/v1/dead-letters/%v", seq), 404
		if source == "west/telemetry" {
			want = 200
		}
		w.expect("POST", path+"/resend", mended, want)
		if want == 404 {
			w.expect("DELETE", path, "", 404)
		}
	}
	// A delivery brings what lies in the town, whatever else is in the file.
	body, ct := form(t, "file", "a.csv", []byte("站号,时间,PM2.5\nwest,"+clock+",31.5\neast,"+clock+",99\n"))
	r := w.expect("POST", "/api/v1/feeds/air/uploads", body, 200, "Content-Type", ct).json(t)
	if r["accepted"] != 1.0 || r["rejected"] != 1.0 || r["problems"].([]any)[0].(map[string]any)["code"] != "not-allowed" {
		t.Errorf("the town's delivery: %v", r)
	}
	// What its rows said is for who sees all places.
	rows := func() any {
		last := w.expect("GET", "/api/v1/feeds", "", 200).json(t)["feeds"].([]any)[0].(map[string]any)["last"].(map[string]any)
		if last["rejected"] != 1.0 {
			t.Errorf("the last delivery: %v", last)
		}
		return last["problems"]
	}
	if ps := rows(); ps != nil {
		t.Errorf("the town's administrator is told of rows of elsewhere: %v", ps)
	}
	caller.Store(admin(t, "320583"))
	if ps, _ := rows().([]any); len(ps) != 1 {
		t.Errorf("the city's administrator is told of %v", ps)
	}
}
