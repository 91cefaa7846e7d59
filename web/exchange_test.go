package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
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
	pool, err := database.Open(t.Context(), pgtest.Start(t).DSN(), "test")
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
