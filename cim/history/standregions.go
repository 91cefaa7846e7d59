package history

import (
	"context"
	"fmt"

	"onecity/geo"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// regions replaces the tree, and finds the region of everything in the record
// again that is looked up by region.
func (w *writer) regions(ctx context.Context, tx pgx.Tx, rs []geo.Region) error {
	tree, err := geo.NewRegions(rs)
	if err != nil {
		return nil // the model does not take it either
	}
	if _, err := tx.Exec(ctx, "delete from regions"); err != nil {
		return fmt.Errorf("replace the regions: %w", err)
	}
	w.buf.reset()
	for i := range rs {
		r := &rs[i]
		w.buf.row(10)
		w.buf.text(string(r.Code))
		w.buf.int4(int32(i))
		w.buf.text(r.Name)
		w.buf.text(r.NameEn)
		w.buf.int2(int16(r.Level))
		w.buf.text(string(r.Parent))
		w.buf.float8(r.Centre[0])
		w.buf.float8(r.Centre[1])
		w.buf.bool(r.Made)
		if len(r.Geometry) == 0 {
			w.buf.null()
			continue
		}
		shape, err := wkb.Marshal(r.Geometry)
		if err != nil {
			return fmt.Errorf("write region %s: %w", r.Code, err)
		}
		w.buf.bytea(shape)
	}
	if err := w.buf.copyTo(ctx, w.conn, "regions (code, ord, name, name_en, level, parent, lon, lat, made, geometry)"); err != nil {
		return err
	}
	w.cat.regions = tree
	for _, table := range []string{"devices", "incidents"} {
		if err := w.relocate(ctx, tx, table); err != nil {
			return fmt.Errorf("find the regions of %s: %w", table, err)
		}
	}
	if err := w.relocateCells(ctx, tx); err != nil {
		return fmt.Errorf("find the regions of cells: %w", err)
	}
	return nil
}

// relocate looks up the region of every row of a table with a place.
func (w *writer) relocate(ctx context.Context, tx pgx.Tx, table string) error {
	place := map[string]string{
		"devices":   "select id, lon, lat from devices",
		"incidents": "select id, (record->>'lon')::float8, (record->>'lat')::float8 from incidents",
	}[table]
	var ids, codes []string
	err := each3(ctx, tx, place, func(id string, lon, lat float64) {
		ids, codes = append(ids, id), append(codes, code(w.cat.regionAt(lon, lat)))
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "update "+table+` t set region = n.region
		from unnest($1::text[], $2::text[]) as n(id, region) where t.id = n.id and t.region <> n.region`, ids, codes)
	return err
}

func (w *writer) relocateCells(ctx context.Context, tx pgx.Tx) error {
	var cells []int64
	var codes []string
	err := each(ctx, tx, "select cell, region from cells", func(cell int64, _ string) {
		c := geo.Cell(cell).Centre()
		cells, codes = append(cells, cell), append(codes, code(w.cat.regionAt(c[0], c[1])))
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update cells t set region = n.region
		from unnest($1::bigint[], $2::text[]) as n(cell, region) where t.cell = n.cell and t.region <> n.region`, cells, codes)
	return err
}

func loadRegions(ctx context.Context, q querier) ([]geo.Region, error) {
	rows, err := q.Query(ctx, "select code, name, name_en, level, parent, lon, lat, made, geometry from regions order by ord")
	if err != nil {
		return nil, fmt.Errorf("load regions: %w", err)
	}
	rs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r geo.Region, err error) {
		var level int16
		var shape []byte
		if err := row.Scan(&r.Code, &r.Name, &r.NameEn, &level, &r.Parent, &r.Centre[0], &r.Centre[1], &r.Made, &shape); err != nil {
			return r, err
		}
		r.Level = geo.Level(level)
		if shape == nil {
			return r, nil
		}
		g, err := wkb.Unmarshal(shape)
		if err != nil {
			return r, fmt.Errorf("geometry of %s: %w", r.Code, err)
		}
		m, ok := g.(orb.MultiPolygon)
		if !ok {
			return r, fmt.Errorf("geometry of %s is a %s", r.Code, g.GeoJSONType())
		}
		r.Geometry = m
		return r, nil
	})
	if err != nil {
		return nil, fmt.Errorf("load regions: %w", err)
	}
	return rs, nil
}
