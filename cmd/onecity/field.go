package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/incident/duty"
	"onecity/ingest"
	"onecity/web"
	"onecity/web/upload"

	"golang.org/x/sync/errgroup"
)

// field is what people outdoors need: their shifts, and uploads that go on
// after a broken line.
type field struct {
	duty    *duty.Service
	uploads *upload.Store
}

// openField opens it in the database of the office and in the directory of the
// data.
func (c *config) openField(ctx context.Context, p parts) (f field, err error) {
	if f.duty, err = duty.Open(ctx, p.pool, duty.Options{Register: registerOwn(p.gate)}); err != nil {
		return f, fmt.Errorf("open the duty: %w", err)
	}
	f.uploads, err = upload.New(upload.Options{Dir: c.in("uploads"), Media: p.broker, Owner: func(r *http.Request) string { return web.CallerOf(r).ID }})
	return f, err
}

// registerOwn puts a person as a unit 力量 into the model.
func registerOwn(gate *ingest.Gate) func(context.Context, duty.Unit) error {
	return func(ctx context.Context, u duty.Unit) error {
		city := gate.City()
		if old, ok := city.Unit(u.ID); ok && old.Name == u.Name && old.Kind == u.Kind && string(old.Home) == u.Home {
			return nil
		}
		a, err := gate.Units(ctx, "/office/duty", "", []cim.Unit{{ID: u.ID, Name: u.Name, Kind: u.Kind, Home: geo.Code(u.Home)}})
		if err == nil && len(a.Problems) > 0 {
			err = errors.New(a.Problems[0].Message)
		}
		return err
	}
}

// run sweeps both until ctx ends.
func (f field) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return f.duty.Run(ctx) })
	group.Go(func() error { return f.uploads.Run(ctx) })
	return group.Wait()
}
