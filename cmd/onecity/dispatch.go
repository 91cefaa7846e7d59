package main

import (
	"context"
	"fmt"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity"
	"onecity/gov/incident/dispatch"
)

// openDispatch opens the responsibility list and the duty roster in the
// office's database; shifts begin by the city's clock.
func openDispatch(ctx context.Context, p parts) (*dispatch.Book, error) {
	zone := func() *time.Location {
		if zone, err := time.LoadLocation(p.city.Snapshot().In(cim.Whole()).Profile().TimeZone); err == nil {
			return zone
		}
		return time.UTC
	}
	book, err := dispatch.Open(ctx, p.pool, dispatch.Options{Audit: p.log.Append, Zone: zone})
	if err != nil {
		return nil, fmt.Errorf("open the responsibility list: %w", err)
	}
	return book, nil
}

// firstDispatch gives a city to try the program out a made-up responsibility
// list and roster.
func (c *config) firstDispatch(ctx context.Context, o *office, book *dispatch.Book, regions *geo.Regions) error {
	roots := regions.Roots()
	if !c.demo() || len(roots) == 0 {
		return nil
	}
	orgs, err := o.directory.Orgs(ctx, identity.System("初始数据 the first content"), identity.OrgFilter{Limit: 1000})
	if err != nil {
		return fmt.Errorf("fill the responsibility list: %w", err)
	}
	var known []dispatch.SeedOrg
	for _, o := range orgs {
		known = append(known, dispatch.SeedOrg{Path: o.Path, Name: o.Name, Region: o.Region})
	}
	var towns []string
	for _, t := range regions.Children(roots[0].Code) {
		towns = append(towns, string(t.Code))
	}
	if err := book.Seed(ctx, string(roots[0].Code), towns, known); err != nil {
		return fmt.Errorf("fill the responsibility list: %w", err)
	}
	return nil
}
