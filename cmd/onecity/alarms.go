package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"onecity/cim"
	"onecity/cim/history"
	"onecity/geo"
	"onecity/gov/incident/alarm"
	"onecity/gov/incident/alarm/camera"
	"onecity/gov/incident/exchange"
	"onecity/ingest"
	"onecity/ingest/open311"
	"onecity/internal/keyfile"
	"onecity/streams"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"
)

// alarms are the ways in that open incidents by themselves.
type alarms struct {
	rules   *alarm.Service
	cameras *camera.Service
	source  alarmSource
	gate    alarmGate
	begin   func(ctx context.Context) error
}

// openAlarms opens them in the database of the office.
func (c *config) openAlarms(ctx context.Context, p parts) (a alarms, err error) {
	city := alarmCity{p.city.Snapshot}
	a.source, a.gate = alarmSource{p.broker, city}, alarmGate{p.gate, p.broker}
	a.rules, err = alarm.Open(ctx, p.pool, alarm.ServiceOptions{
		Audit: p.log.Append, Names: city, Register: city, Past: alarmPast{p.store, city}, Location: city.location,
	})
	if err != nil {
		return a, fmt.Errorf("open the alarm rules: %w", err)
	}
	key, err := keyfile.Open(c.in("camera.key"), "onecity camera webhooks")
	if err != nil {
		return a, fmt.Errorf("open the cameras' key: %w", err)
	}
	a.cameras, err = camera.Open(ctx, p.pool, camera.Options{
		Audit: p.log.Append, Key: key, Verify: exchange.Verify, Gate: cameraGate{p.gate}, Pictures: pictures{p.broker}, City: city,
	})
	if err != nil {
		return a, fmt.Errorf("open the cameras' way in: %w", err)
	}
	if c.demo() {
		a.begin = func(ctx context.Context) error { return a.rules.Seed(ctx, city.root()) }
	}
	return a, nil
}

// run lets the rules open incidents once the city is open.
func (a alarms) run(ctx context.Context, open <-chan struct{}) error {
	if !wait(ctx, open) {
		return nil
	}
	if a.begin != nil {
		if err := a.begin(ctx); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.rules.Run(ctx, a.source, a.gate) })
	group.Go(func() error { return a.cameras.Run(ctx) })
	return group.Wait()
}

// alarmSource is the stream as the alarm rules read it.
type alarmSource struct {
	broker *streams.Broker
	city   alarmCity
}

func (s alarmSource) Epoch() string                            { return s.broker.Epoch() }
func (s alarmSource) Last(ctx context.Context) (uint64, error) { return s.broker.Last(ctx) }

func (s alarmSource) Consume(ctx context.Context, from uint64, fn func(alarm.Event) error) error {
	err := s.broker.Consume(ctx, from, func(e streams.Received) error {
		fact, err := cim.Decode(e.Type, e.Data)
		if err != nil {
			fact = nil // the model's own log says so
		}
		return fn(alarm.Event{Seq: e.Seq, At: e.At, Fact: s.city.fact(fact)})
	})
	if errors.Is(err, streams.ErrGone) {
		return fmt.Errorf("%w: %w", alarm.ErrGone, err)
	}
	return err
}

// alarmGate is the Gate as the alarm rules use it.
type alarmGate struct {
	gate   *ingest.Gate
	broker *streams.Broker
}

func (g alarmGate) Open(ctx context.Context, r alarm.Report) error {
	err := report(ctx, g.gate, "rule:"+r.Rule, cim.Incident{
		ID: r.ID, Class: r.Class, Title: r.Title, Description: r.Description, Severity: uint8(r.Severity),
		Lon: r.Lon, Lat: r.Lat, Reported: r.Opened, Channel: "sensor", Simulated: r.Simulated,
	})
	switch {
	case errors.Is(err, errThere):
		return alarm.ErrTaken
	case errors.Is(err, errUnwanted):
		return fmt.Errorf("%w: %w", alarm.ErrUnwanted, err)
	}
	return err
}

// Say tells the office a word about an incident that is there.
func (g alarmGate) Say(ctx context.Context, incident, id, note, rule string) error {
	body, err := json.Marshal(map[string]string{"id": incident, "note": note, "source": "rule:" + rule})
	if err != nil {
		return fmt.Errorf("write a word about incident %s: %w", incident, err)
	}
	return g.broker.Publish(ctx, streams.Event{
		ID: id, Source: "/alarms", Type: cim.OfficePrefix + "incident.told.v1", Time: time.Now(), Data: body,
	}, streams.Synced)
}

// cameraGate is the Gate as the cameras' way in uses it.
type cameraGate struct{ gate *ingest.Gate }

func (g cameraGate) Open(ctx context.Context, r camera.Report) error {
	err := report(ctx, g.gate, "camera:"+r.Partner, cim.Incident{
		ID: r.ID, Class: r.Class, Title: r.Title, Description: r.Description, Severity: uint8(r.Severity),
		Lon: r.Lon, Lat: r.Lat, Reported: r.Time, Channel: "camera", Photos: r.Photos,
	})
	if errors.Is(err, errThere) {
		return camera.ErrTaken
	}
	return err
}

var (
	errThere    = errors.New("the incident is there already")
	errUnwanted = errors.New("the report was refused")
)

// report hands a first report to the Gate.
func report(ctx context.Context, gate *ingest.Gate, source string, in cim.Incident) error {
	in.Version, in.Status = 1, cim.StatusReported
	if class, ok := cim.ClassOf(in.Class); ok {
		in.Due = in.Reported.Add(class.Limit)
	}
	err := gate.Incident(ctx, source, in.ID, in)
	var wrong ingest.Problems
	switch {
	case errors.Is(err, ingest.ErrConflict):
		return fmt.Errorf("%w: %w", errThere, err)
	case errors.As(err, &wrong):
		return fmt.Errorf("%w: %w", errUnwanted, err)
	}
	return err
}

// pictures keeps cameras' pictures where citizens' photos are kept.
type pictures struct{ broker *streams.Broker }

func (p pictures) Keep(ctx context.Context, body []byte) (string, error) {
	name, contentType, wrong := open311.CheckPhoto(body)
	switch {
	case wrong != nil && wrong.Code == ingest.CodeTooLarge:
		return "", fmt.Errorf("%w: %s", camera.ErrTooLarge, wrong.Expected)
	case wrong != nil:
		return "", fmt.Errorf("%w: %s", camera.ErrNotImage, wrong.Message)
	}
	if err := p.broker.PutMedia(ctx, name, contentType, body); err != nil {
		return "", fmt.Errorf("keep a camera's picture: %w", err)
	}
	return "/media/" + name, nil
}

// alarmPast is the history as a trial reads it.
type alarmPast struct {
	store *history.Store
	city  alarmCity
}

func (p alarmPast) Observations(ctx context.Context, devices []string, property string, from, to time.Time, most int, fn func([]alarm.Observation) error) (bool, error) {
	return p.store.In(cim.Whole()).Observations(ctx, devices, cim.Property(property), from, to, most, func(list []cim.Observation) error {
		return fn(observed(list))
	})
}

func (p alarmPast) Positions(ctx context.Context, units []string, from, to time.Time, fn func([]alarm.Position) error) error {
	return p.store.In(cim.Whole()).Positions(ctx, units, from, to, func(list []cim.Position) error {
		return fn(p.city.moved(list))
	})
}

// At is the deepest region of a place.

func (c alarmCity) At(lon, lat float64) string {
	if r, ok := c.reader().Regions().At(orb.Point{lon, lat}); ok {
		return string(r.Code)
	}
	return ""
}

func (c alarmCity) root() string {
	if roots := c.reader().Regions().Roots(); len(roots) > 0 {
		return string(roots[0].Code)
	}
	return ""
}

func cellAt(lon, lat float64) uint64 {
	return uint64(geo.CellAt(orb.Point{lon, lat}, geo.BaseResolution))
}
