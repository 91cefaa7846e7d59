package history

import (
	"context"
	"fmt"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
)

// catalog is what the recorder must know of the standing things to write what
// happens: the numbers that stand for names, and places. It mirrors committed
// rows: when a transaction fails, it is loaded anew.
type catalog struct {
	devices    map[string][]datastream
	properties map[string]int16
	units      map[string]unit
	regions    *geo.Regions
	parts      *partitions
}

// unit is the number of a unit, and where it counts while it is in no region.
type unit struct {
	n    int32
	home string
}

// datastream is the number of one property of a device.
type datastream struct {
	property string
	id       int32
}

// stream finds the number of a datastream.
func (c *catalog) stream(device string, p cim.Property) (int32, bool) {
	for _, s := range c.devices[device] {
		if s.property == string(p) {
			return s.id, true
		}
	}
	return 0, false
}

// regionAt is the code of the deepest region at a place, "" outside all.
func (c *catalog) regionAt(lon, lat float64) geo.Code {
	if r, ok := c.regions.At(orb.Point{lon, lat}); ok {
		return r.Code
	}
	return ""
}

// cellAt is the base cell of a place; ok is false off the globe, where the
// model takes nothing either.
func cellAt(lon, lat float64) (geo.Cell, bool) {
	c := geo.CellAt(orb.Point{lon, lat}, geo.BaseResolution)
	return c, c != 0 && lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90
}

func loadCatalog(ctx context.Context, q querier) (*catalog, error) {
	c := &catalog{devices: map[string][]datastream{}, properties: map[string]int16{}, units: map[string]unit{}}
	var err error
	if c.parts, err = loadPartitions(ctx, q); err != nil {
		return nil, err
	}
	regions, err := loadRegions(ctx, q)
	if err != nil {
		return nil, err
	}
	if c.regions, err = geo.NewRegions(regions); err != nil {
		return nil, fmt.Errorf("load regions: %w", err)
	}
	names := map[int16]string{}
	err = each(ctx, q, "select id, name from properties", func(id int16, name string) {
		c.properties[name], names[id] = id, name
	})
	if err != nil {
		return nil, fmt.Errorf("load properties: %w", err)
	}
	err = each3(ctx, q, "select device, property, id from datastreams", func(device string, property int16, id int32) {
		c.devices[device] = append(c.devices[device], datastream{names[property], id})
	})
	if err != nil {
		return nil, fmt.Errorf("load datastreams: %w", err)
	}
	err = each3(ctx, q, "select id, n, home from units", func(id string, n int32, home string) { c.units[id] = unit{n, home} })
	if err != nil {
		return nil, fmt.Errorf("load units: %w", err)
	}
	return c, nil
}

// each calls fn with every row of two columns.
func each[A, B any](ctx context.Context, q querier, sql string, fn func(A, B)) error {
	rows, err := q.Query(ctx, sql)
	if err != nil {
		return err
	}
	var a A
	var b B
	_, err = pgx.ForEachRow(rows, []any{&a, &b}, func() error { fn(a, b); return nil })
	return err
}

// each3 calls fn with every row of three columns.
func each3[A, B, C any](ctx context.Context, q querier, sql string, fn func(A, B, C)) error {
	rows, err := q.Query(ctx, sql)
	if err != nil {
		return err
	}
	var a A
	var b B
	var c C
	_, err = pgx.ForEachRow(rows, []any{&a, &b, &c}, func() error { fn(a, b, c); return nil })
	return err
}
