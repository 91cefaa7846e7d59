package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/gov/incident"
	"onecity/gov/incident/exchange"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

// handed is the loop of the city that hands a case over.
type handed struct {
	mu    sync.Mutex
	state incident.Case
	ends  []exchange.End
}

func (h *handed) Case(context.Context, string) (incident.Case, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state, nil
}

func (h *handed) ComeBack(_ context.Context, _ exchange.Partner, end exchange.End) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.State = incident.Handled
	h.ends = append(h.ends, end)
	return nil
}

// The partner is a second server of this program: its Open311 takes the case.
func TestACaseThatIsHandedToAnotherServersOpen311ComesBackWhenItIsClosedThere(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	now := time.Now()
	x, err := exchange.Open(t.Context(), pool, exchange.Options{
		Audit:   func(context.Context, pgx.Tx, audit.Entry) error { return nil },
		KeyFile: filepath.Join(t.TempDir(), "key"), Source: "https://city.example.cn", Loopback: true, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	class := cim.Classes()[0].Code
	h := &handed{state: incident.Case{Report: incident.Report{ID: "c-1", Class: "ours-1", Title: "井盖破损", Lon: 120.9, Lat: 31.38, Region: "320583100", Reported: now},
		No: "昆-1", State: incident.External, Version: 3, Partner: "district", Updated: now, Since: now}}
	x.Join(h, nil)
	officer := flow.Actor{Subject: "person:officer", Allow: func(string, flow.Item) bool { return true }}
	if _, _, err := x.Add(t.Context(), officer, exchange.Partner{ID: "district", Name: "区平台", Kind: exchange.Open311, URL: w.url + "/open311/v2",
		Services: map[string]string{"ours-1": class}, On: true}, "", ""); err != nil {
		t.Fatal(err)
	}
	delivery := func() exchange.Delivery {
		t.Helper()
		list, err := x.Deliveries(t.Context(), officer, "district", exchange.DeliveryFilter{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0]
	}
	for range 2 { // the outbox may tell it twice
		if err := x.Tell(t.Context(), h.state); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := x.SendDue(t.Context(), "district"); n != 1 || err != nil {
		t.Fatal(n, err, delivery())
	}
	theirs := delivery().Remote
	in, ok := w.server.Gate.FindIncident(theirs)
	if !ok || in.Class != class || in.Title != "井盖破损" || in.Lon != 120.9 || in.Status != cim.StatusReported {
		t.Fatalf("%q: %+v", theirs, in)
	}
	w.awaitEnd()
	// They have it still: nothing comes back.
	now = now.Add(2 * time.Minute)
	if err := x.AskDue(t.Context(), "district"); err != nil || len(h.ends) != 0 || delivery().RemoteStatus != "open" {
		t.Fatalf("%v, %v, %+v", err, h.ends, delivery())
	}
	w.put(cim.IncidentPut{Incident: cim.Incident{ID: theirs, Version: 2, Class: class, Status: cim.StatusClosed, Severity: in.Severity, Lon: in.Lon, Lat: in.Lat,
		Reported: in.Reported, Updated: time.Now(), Closed: time.Now(), Note: "已更换井盖"}})
	now = now.Add(16 * time.Minute)
	for range 2 {
		if err := x.AskDue(t.Context(), "district"); err != nil {
			t.Fatal(err)
		}
		now = now.Add(16 * time.Minute)
	}
	if len(h.ends) != 1 || h.ends[0].Case != "c-1" || delivery().RemoteStatus != "closed" {
		body, _ := json.Marshal(h.ends)
		t.Fatalf("%s, %+v", body, delivery())
	}
}

// peer is a partner's own server: it keeps what it is sent, and says that it is
// done with a case, signed.
type peer struct {
	t      *testing.T
	id     string
	secret string
	at     func() time.Time
	got    chan exchange.Event
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		_, err = exchange.Verify(r.Header, []string{p.secret}, p.at(), body)
	}
	var e exchange.Event
	if err == nil {
		err = json.Unmarshal(body, &e)
	}
	if err != nil {
		p.t.Errorf("%s was sent %.200s: %v", p.id, body, err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.got <- e
}

// ended says to the city that it is done with a case.
func (p *peer) ended(w *town, message, object string, status int) map[string]any {
	p.t.Helper()
	body, err := json.Marshal(exchange.Event{SpecVersion: "1.0", ID: message, Source: "https://" + p.id + ".example.cn", Type: exchange.TypeEnded,
		Subject: object, Data: json.RawMessage(`{"result":"已更换路灯","photos":["https://` + p.id + `.example.cn/1.jpg"]}`)})
	if err != nil {
		p.t.Fatal(err)
	}
	signature, err := exchange.Signature(p.secret, "m-"+message, p.at(), body)
	if err != nil {
		p.t.Fatal(err)
	}
	return w.expect("POST", exchange.Path+"?partner="+p.id, string(body), status, "Content-Type", "application/cloudevents+json",
		"webhook-id", "m-"+message, "webhook-timestamp", strconv.FormatInt(p.at().Unix(), 10), "webhook-signature", signature).json(p.t)
}

func TestACaseIsHandedOverEndedByThePartnerThatHasItAloneAndClosedByAnother(t *testing.T) {
	w := caseTown(t)
	pool, err := database.Open(t.Context(), pgtest.Database(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if w.server.Exchange, err = exchange.Open(t.Context(), pool, exchange.Options{
		Audit:   func(context.Context, pgx.Tx, audit.Entry) error { return nil },
		KeyFile: filepath.Join(t.TempDir(), "key"), Source: "https://city.example.cn", Loopback: true, Log: slog.New(slog.DiscardHandler),
	}); err != nil {
		t.Fatal(err)
	}
	w.server.Exchange.Join(exchange.Of(w.server.Cases), nil)
	join := func(id string) *peer {
		t.Helper()
		p := &peer{t: t, id: id, at: time.Now, got: make(chan exchange.Event, 16)}
		s := httptest.NewServer(p)
		t.Cleanup(s.Close)
		p.secret = w.expect("POST", "/api/v1/partners", `{"id":"`+id+`","name":"区平台","kind":"webhook","url":"`+s.URL+`","region":"320583","on":true}`, 200).json(t)["secret"].(string)
		return p
	}
	district, nosy := join("district"), join("nosy")
	w.report("c-1", false)
	w.report("c-2", false)
	operator := []string{"X-Role", "operator", "X-Region", "320583", "X-Person", "-1"}
	fire := func(status int, event string, version float64, input string, who ...string) map[string]any {
		t.Helper()
		is := w.expect("POST", "/api/v1/cases/c-1/events", fmt.Sprintf(`{"event":%q,"version":%v,"input":%s}`, event, version, input), status, who...).json(t)
		is, _ = is["case"].(map[string]any)
		return is
	}
	// Before it is handed over, nobody but us can end it.
	district.ended(w, "too-early", "c-1", 422)
	fire(403, "hand-over", 2, `{"partner":"district"}`, "X-Role", "grid", "X-Region", atWest)
	is := fire(200, "hand-over", 2, `{"partner":"district"}`, operator...)
	if is["state"] != "external" || is["partner"] != "district" {
		t.Fatalf("it is handed over as %v", is)
	}
	handed, err := w.server.Cases.Get(t.Context(), incident.Whole(), "c-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.server.Exchange.Tell(t.Context(), handed); err != nil { // as the outbox does
		t.Fatal(err)
	}
	if n, err := w.server.Exchange.SendDue(t.Context(), "district"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if e := <-district.got; e.Type != "onecity.case.external.v1" || e.Subject != "c-1" {
		t.Errorf("the partner is sent %+v", e)
	}
	// It is the district's: another partner cannot end it, nor the district another case.
	nosy.ended(w, "nosy", "c-1", 422)
	district.ended(w, "elsewhere", "c-2", 422)
	if c, err := w.server.Cases.Get(t.Context(), incident.Whole(), "c-1"); err != nil || c.State != incident.External {
		t.Fatalf("%+v, %v", c, err)
	}
	if got := district.ended(w, "done", "c-1", 200); got["accepted"] != true || got["case"] != "c-1" {
		t.Errorf("the partner is answered %v", got)
	}
	if got := district.ended(w, "done", "c-1", 200); got["duplicate"] != true {
		t.Errorf("said again it is answered %v", got)
	}
	shown := w.expect("GET", "/api/v1/cases/c-1", "", 200, operator...).json(t)
	is = shown["case"].(map[string]any)
	timeline, err := json.Marshal(shown["timeline"])
	if err != nil {
		t.Fatal(err)
	}
	if is["state"] != "handled" || !strings.Contains(string(timeline), "partner:district") || !strings.Contains(string(timeline), "已更换路灯") {
		t.Fatalf("it has come back as %v: %s", is, timeline)
	}
	// Who handed it over may close it or another: the work was the partner's.
	is = fire(200, "close", is["version"].(float64), `{}`, "X-Role", "operator", "X-Region", "320583", "X-Person", "-2")
	if is["state"] != "closed" {
		t.Errorf("it ends as %v", is)
	}
	district.ended(w, "late", "c-1", 422)
}
