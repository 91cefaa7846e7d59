package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"onecity/cim"
	"onecity/cim/history"
	"onecity/cim/live"
	"onecity/gov/incident/exchange"
	"onecity/ingest"
	"onecity/ingest/feeds"
	"onecity/ingest/mqtt"
	"onecity/internal/certificate"
	"onecity/internal/credentials"
	"onecity/internal/keyfile"
	"onecity/internal/postgres"
	"onecity/streams"
	"onecity/web"
	app "onecity/web/app"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func serve() *cobra.Command {
	var c config
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "run the city",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.prepare(); err != nil {
				return err
			}
			level := slog.LevelInfo
			if c.verbose {
				level = slog.LevelDebug
			}
			slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
			return c.serve(cmd.Context())
		},
	}
	c.bind(cmd)
	return cmd
}

// serve opens the stores, restores the model, and runs every part until ctx
// ends; then it closes in the opposite order.
func (c *config) serve(ctx context.Context) (err error) {
	// The address first: a second instance is told at once, and nothing is
	// started that would have to be stopped.
	listener, err := net.Listen("tcp", c.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.listen, err)
	}
	defer listener.Close()

	shown, err := c.certificate()
	if err != nil {
		return fmt.Errorf("prepare TLS: %w", err)
	}
	var lead net.Listener
	if c.transport.redirect != "" {
		if lead, err = net.Listen("tcp", c.transport.redirect); err != nil {
			return fmt.Errorf("listen on %s: %w", c.transport.redirect, err)
		}
		defer lead.Close()
	}
	if err := c.settings().Save(); err != nil {
		return err
	}

	passwords := credentials.New()
	broker, err := streams.Open(ctx, streams.Options{Dir: c.in("streams"), URL: c.natsURL, MQTT: c.mqtt, MQTTTLS: c.mqttTLS(shown), Credentials: passwords.Check})
	if err != nil {
		return fmt.Errorf("open the broker: %w", err)
	}
	defer func() { err = errors.Join(err, broker.Close()) }()

	dsn := c.databaseURL
	if dsn == "" {
		private, startErr := postgres.Start(ctx, postgres.Options{DataDir: c.in("postgres")})
		if startErr != nil {
			return fmt.Errorf("start the private PostgreSQL: %w", startErr)
		}
		defer func() { err = errors.Join(err, private.Stop()) }()
		dsn = private.DSN()
	}
	began := time.Now()
	store, model, err := c.restore(ctx, dsn, broker)
	if err != nil {
		return err
	}
	defer store.Close()
	recorder := store.Recorder(broker, history.RecorderOptions{})
	city := live.New(model, broker, live.Options{OnMinute: recorder.Offer, OnBulk: recorder.OfferCheckpoint})
	slog.Info("loaded the city", "position", city.Snapshot().Seq(), "took", time.Since(began).Round(time.Millisecond))

	people, err := c.openOffice(ctx, dsn, broker, passwords)
	if err != nil {
		return err
	}
	defer people.pool.Close()

	err = c.run(ctx, parts{
		office: people, shown: shown, lead: lead, listener: listener, passwords: passwords, broker: broker, store: store, recorder: recorder, city: city,
		gate: ingest.NewGate(city.Snapshot, broker, time.Now),
	})
	finish(ctx, recorder, city)
	return err
}

// finish keeps the city as it stands when all parts have ended, so that the next
// start need not fold again what this one has. Without it that start is only
// slower.
func finish(ctx context.Context, recorder *history.Recorder, city *live.City) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := recorder.Finish(ctx, city.Snapshot()); err != nil {
		slog.Warn("the city was not kept at its end, the next start takes longer", "error", err)
	}
}

// restore opens the history and makes the model from it. An external database
// that is not there yet is waited for: it may come up after us.
func (c *config) restore(ctx context.Context, dsn string, broker *streams.Broker) (*history.Store, *cim.Model, error) {
	for pause := 500 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		store, err := history.Open(ctx, dsn, history.Options{})
		if err == nil {
			model, loadErr := store.Resume(ctx, broker)
			if loadErr == nil {
				return store, model, nil
			}
			store.Close()
			err = fmt.Errorf("load the city: %w", loadErr)
		}
		if c.databaseURL == "" || ctx.Err() != nil {
			return nil, nil, fmt.Errorf("open the history: %w", err)
		}
		slog.Warn("the database is not there yet, trying again", "wait", pause, "error", err)
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// parts are what serve has opened and run joins.
type parts struct {
	*office
	shown     *certificate.Source // nil without TLS
	listener  net.Listener
	lead      net.Listener // in the clear, leads to TLS; may be nil
	passwords *credentials.Store
	broker    *streams.Broker
	store     *history.Store
	recorder  *history.Recorder
	city      *live.City
	gate      *ingest.Gate
}

func (c *config) run(ctx context.Context, p parts) error {
	feedService, err := c.feedService(p)
	if err != nil {
		return err
	}
	outdoors, err := c.openField(ctx, p)
	if err != nil {
		return err
	}
	book, err := openDispatch(ctx, p)
	if err != nil {
		return err
	}
	watching, err := c.openAlarms(ctx, p)
	if err != nil {
		return err
	}
	p.joined = joined{gate: p.gate, duty: outdoors.duty}
	evaluated, err := openEvaluation(ctx, p)
	if err != nil {
		return fmt.Errorf("open the evaluation: %w", err)
	}
	documents, err := openForms(p)
	if err != nil {
		return err
	}
	p.exchange.Join(exchange.Of(p.cases), partnerReports(p.gate))
	keys, err := keyfile.Open(c.in("reports.key"), "reports")
	if err != nil {
		return fmt.Errorf("open the key of reports: %w", err)
	}
	open := make(chan struct{})
	server, err := web.New(web.Deps{
		Evaluation: evaluated,
		Cases:      p.cases,
		Alarms:     watching.rules, Cameras: watching.cameras,
		Duty: outdoors.duty, Uploads: outdoors.uploads, Dispatch: book,
		Who: p.identity.Who, Identity: p.identity, Audit: p.log, Flow: p.flow, Handovers: p.handovers, Forms: documents, Exchange: p.exchange, Warnings: p.warnings, ReportKeys: keys,
		City: p.city, Gate: p.gate, Broker: p.broker, Credentials: p.passwords, Feeds: feedService,
		History: apiRecord{p.store}, WidgetHistory: chartHistory(p.store, evaluated), Database: p.store, Recorder: p.recorder,
		Open: open, App: app.Files(),
	}, c.webOptions(p.shown))
	if err != nil {
		return fmt.Errorf("put the server together: %w", err)
	}

	group, ctx := errgroup.WithContext(ctx)
	part := func(name string, fn func(context.Context) error) {
		group.Go(func() error {
			if err := fn(ctx); err != nil && ctx.Err() == nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	signedIn := make(chan struct{})
	part("credentials", func(ctx context.Context) error { return p.passwords.Run(ctx, p.broker, signedIn) })
	part("model", p.city.Run)
	part("rights", p.directory.Run)
	part("sign-in", p.signIn.Run)
	part("applications", p.apps.Run)
	part("audit log", p.log.Run)
	part("workflow", p.flow.Run)
	part("cases", p.cases.Run)
	part("reports", func(ctx context.Context) error {
		if !wait(ctx, open) {
			return nil
		}
		return p.intake(ctx, p.broker)
	})
	part("partners", p.exchange.Run)
	part("warnings", broadcast(p.broker, server))
	part("duty and uploads", outdoors.run)
	part("evaluation", count(evaluated, open))
	defer p.directory.Watch(server.Recheck)()
	defer p.signIn.Watch(server.Recheck)()
	defer p.apps.Watch(server.Recheck)()
	part("recorder", p.recorder.Run)
	part("clock", func(ctx context.Context) error { return live.Strike(ctx, p.broker) })
	part("server", func(ctx context.Context) error { return server.Run(ctx, p.listener) })
	if p.shown != nil {
		part("certificate", p.shown.Run)
	}
	if p.lead != nil {
		part("redirect", func(ctx context.Context) error { return server.RunRedirect(ctx, p.lead, c.port()) })
	}
	part("city", func(ctx context.Context) error {
		if !wait(ctx, p.city.Ready()) {
			return nil
		}
		if err := c.begin(ctx, p); err != nil {
			return err
		}
		regions := p.city.Snapshot().In(cim.Whole()).Regions()
		if err := c.firstPeople(ctx, p.office, regions); err != nil {
			return err
		}
		if err := c.firstDispatch(ctx, p.office, book, regions); err != nil {
			return err
		}
		close(open)
		return nil
	})
	part("mqtt", func(ctx context.Context) error {
		if !wait(ctx, open) || !wait(ctx, signedIn) {
			return nil
		}
		return mqtt.Run(ctx, p.broker, p.gate)
	})
	part("alarm rules", func(ctx context.Context) error { return watching.run(ctx, open) })
	part("feeds", func(ctx context.Context) error {
		// Before the city is open, every device of a delivery is unknown.
		if !wait(ctx, open) {
			return nil
		}
		return feedService.Watch(ctx)
	})
	slog.Info("serving", "address", c.shownAddress(p.listener), "mqtt", p.broker.MQTTAddr())
	return group.Wait()
}

func (c *config) feedService(p parts) (*feeds.Service, error) {
	contracts, err := feeds.Examples()
	if c.feeds != "" {
		contracts, err = feeds.Load(os.DirFS(c.feeds))
	}
	if err != nil {
		return nil, fmt.Errorf("read the feeds' contracts: %w", err)
	}
	service, err := feeds.Open(feeds.Options{Dir: c.in("feeds"), Contracts: contracts, Gate: p.gate, Bury: p.broker.Bury})
	if err != nil {
		return nil, fmt.Errorf("open the feeds: %w", err)
	}
	return service, nil
}

// begin gives an empty city its first content.
func (c *config) begin(ctx context.Context, p parts) error {
	if c.city == "none" || p.city.Snapshot().In(cim.Whole()).Profile().City != "" {
		return nil
	}
	if err := loadCity(ctx, c.city, p.gate); err != nil {
		return err
	}
	end, err := p.broker.Last(ctx)
	if err != nil {
		return fmt.Errorf("ask for the end of the stream: %w", err)
	}
	return p.folded(ctx, end)
}

// folded returns when the model has folded the stream up to seq.
func (p *parts) folded(ctx context.Context, seq uint64) error {
	done := make(chan struct{})
	var once sync.Once
	stop := p.city.Watch(func(s live.Step) {
		if s.Snapshot.Seq() >= seq {
			once.Do(func() { close(done) })
		}
	})
	defer stop()
	// The clock strikes every second, so a step will come.
	if !wait(ctx, done) {
		return ctx.Err()
	}
	return nil
}

// wait reports whether ch was closed before ctx ended.
func wait(ctx context.Context, ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	case <-ctx.Done():
		return false
	}
}
