package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"onecity/cim"
	"onecity/gov/incident"
	"onecity/ingest"
	"onecity/ingest/ingesttest"
	"onecity/internal/audit"
	"onecity/internal/database"
	"onecity/internal/flow"
	"onecity/internal/need"
	"onecity/internal/postgres"
	"onecity/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5"
)

// Reports that come while the database is away are accepted, and become cases,
// each once, when it is back; so does what departments say of them.
func TestReportsThatComeWhileTheDatabaseIsAwayBecomeCasesOnceItIsBack(t *testing.T) {
	dir, err := os.MkdirTemp("", "onecity-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	start := func() *postgres.Server {
		server, err := postgres.Start(t.Context(), pgtest.Options(filepath.Join(dir, "pg")))
		if errors.Is(err, postgres.ErrNoBinaries) {
			need.Missing(t, "no PostgreSQL on this machine")
		}
		if err != nil {
			t.Fatal(err)
		}
		return server
	}
	server := start()
	pool, err := database.Open(t.Context(), server.DSN(), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := flow.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	city := ingesttest.Start(t)
	engine, err := flow.New(pool, flow.Options{Machines: []*flow.Machine{incident.Machine(incident.Options{})},
		Audit: func(context.Context, pgx.Tx, audit.Entry) error { return nil }, Publish: outbox(city.Broker), Sync: city.Broker.Sync})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{pool: pool, joined: joined{gate: city.Gate}}
	if o.cases, err = incident.Open(t.Context(), pool, engine, incident.Options{Classes: classes()}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.intake(ctx, city.Broker) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	report := func(id string) {
		t.Helper()
		if err := city.Gate.By("person:li").Incident(t.Context(), "/test", "", cim.Incident{ID: id, Version: 1, Class: "C0101",
			Status: cim.StatusReported, Severity: 3, Lon: 121, Lat: 31.4, Reported: city.Clock.Now(), Channel: "grid"}); err != nil {
			t.Fatal(err)
		}
	}
	opened := func(n int) func() bool {
		return func() bool {
			p, err := o.cases.List(t.Context(), incident.Whole(), incident.Query{Limit: 100})
			return err == nil && len(p.Items) == n
		}
	}
	report("before")
	ingesttest.Eventually(t, "the first report is a case", opened(1))

	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		report(fmt.Sprintf("away-%d", i))
	}
	if err := city.Gate.Told(t.Context(), "/feeds/hotline", ingest.Told{ID: "away-3", Status: cim.StatusClosed, Note: "已办"}); err != nil {
		t.Fatal(err)
	}
	server = start()
	t.Cleanup(func() { _ = server.Stop() })
	if server.DSN() != pool.Config().ConnString() {
		t.Fatalf("the database came back as another: %s", server.DSN())
	}
	ingesttest.Eventually(t, "all reports are cases", opened(11))
	ingesttest.Eventually(t, "the word of the department has ended its case", func() bool {
		c, err := o.cases.Get(t.Context(), incident.Whole(), "away-3")
		return err == nil && c.State == incident.Closed
	})
	is, err := o.cases.Get(t.Context(), incident.Whole(), "away-0")
	if err != nil || is.Reporter != "person:li" || is.Region == "" {
		t.Errorf("the case is %+v, %v", is, err)
	}

	// what was taken comes back to the city as a fact
	running, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- engine.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	city.Until(t, "the city shows the end", func(r cim.Reader) bool {
		in, ok := r.Incident("away-3")
		return ok && in.Status == cim.StatusClosed && in.Step == "closed"
	})
	city.Until(t, "the city shows the others as cases", func(r cim.Reader) bool {
		in, ok := r.Incident("away-9")
		return ok && in.Version == 2 && !in.Due.IsZero()
	})
}

func TestWhatCannotBeACaseIsBuriedAndHoldsNothingUp(t *testing.T) {
	if !lasting(fmt.Errorf("take: %w", &incident.Invalid{Field: "id"})) || !lasting(incident.ErrUnknown) || lasting(context.DeadlineExceeded) {
		t.Error("what no waiting mends is waited for, or the other way round")
	}
	tries := 0
	_, err := retried(t.Context(), "test", func() (int, error) {
		if tries++; tries < 3 {
			return 0, errors.New("away")
		}
		return tries, nil
	})
	if err != nil || tries != 3 {
		t.Errorf("after %d tries %v", tries, err)
	}
}

func TestEveryStateOfACaseHasItsBriefInTheModel(t *testing.T) {
	for _, s := range incident.Machine(incident.Options{}).States {
		b, ok := brief[s.Name]
		if !ok || !ingest.KnownStatus(b) {
			t.Errorf("%s is %q", s.Name, b)
		}
		if s.Final && b.Open() {
			t.Errorf("%s is an end, and %s is none", s.Name, b)
		}
	}
}
