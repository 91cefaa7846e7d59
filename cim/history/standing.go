package history

import (
	"context"
	"encoding/json"
	"fmt"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
)

// stand writes standing facts in their order.
func (w *writer) stand(ctx context.Context, tx pgx.Tx, b *batch) error {
	objects := objectSet{at: map[string]int{}}
	for _, f := range b.standing {
		if put, ok := f.(cim.ObjectsPut); ok {
			objects.put(put.Objects)
			continue
		}
		if err := w.objects(ctx, tx, &objects, b.to.seq); err != nil {
			return err
		}
		if err := w.standOne(ctx, tx, f, b.to.seq); err != nil {
			return err
		}
	}
	return w.objects(ctx, tx, &objects, b.to.seq)
}

func (w *writer) standOne(ctx context.Context, tx pgx.Tx, f cim.Fact, seq uint64) error {
	switch f := f.(type) {
	case cim.Profile:
		return setCity(ctx, tx, "profile", f)
	case cim.FormulaPut:
		if f.Formula.Check() != nil {
			return nil // the model does not take it either
		}
		return setCity(ctx, tx, "formula", f.Formula)
	case cim.PrivacyPut:
		return setPrivacy(ctx, tx, f.Privacy)
	case cim.RegionsPut:
		return w.regions(ctx, tx, f.Regions)
	case cim.ObjectsRemoved:
		if _, err := tx.Exec(ctx, "delete from objects where id = any($1)", f.IDs); err != nil {
			return fmt.Errorf("remove objects: %w", err)
		}
	case cim.DevicesPut:
		return w.devices(ctx, tx, f.Devices, seq)
	case cim.UnitsPut:
		return w.units(ctx, tx, f.Units, seq)
	}
	return nil
}

// setCity keeps a thing that there is one of.
func setCity(ctx context.Context, tx pgx.Tx, column string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the city's %s: %w", column, err)
	}
	_, err = tx.Exec(ctx, "insert into city ("+column+") values ($1) on conflict (id) do update set "+column+" = excluded."+column,
		cleanJSON(b))
	if err != nil {
		return fmt.Errorf("write the city's %s: %w", column, err)
	}
	return nil
}

// devices adds or replaces devices with the numbers of their datastreams. The
// last of a device that is named twice counts.
func (w *writer) devices(ctx context.Context, tx pgx.Tx, ds []cim.Device, seq uint64) error {
	var q pgx.Batch
	var streams streamRows
	for i := range ds {
		d := &ds[i]
		cell, ok := cellAt(d.Lon, d.Lat)
		if !ok || d.ID == "" {
			continue // the model does not take it either
		}
		list, err := json.Marshal(d.Datastreams)
		if err != nil {
			return fmt.Errorf("write device %s: %w", d.ID, err)
		}
		q.Queue(`insert into devices (id, name, kind, lon, lat, datastreams, region, cell, grade, simulated, seq)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			on conflict (id) do update set name = excluded.name, kind = excluded.kind, lon = excluded.lon, lat = excluded.lat,
				datastreams = excluded.datastreams, region = excluded.region, cell = excluded.cell, grade = excluded.grade,
				simulated = excluded.simulated, seq = excluded.seq`,
			clean(d.ID), clean(d.Name), clean(d.Kind), d.Lon, d.Lat, cleanJSON(list), string(w.cat.regionAt(d.Lon, d.Lat)),
			int64(cell), int16(d.Grade), d.Simulated, int64(seq))
		centre := cell.Centre()
		q.Queue("insert into cells (cell, region) values ($1, $2) on conflict (cell) do update set region = excluded.region",
			int64(cell), string(w.cat.regionAt(centre[0], centre[1])))
		// Properties that it had before move with it.
		q.Queue("update datastreams set cell = $2 where device = $1 and cell <> $2", clean(d.ID), int64(cell))
		for _, s := range d.Datastreams {
			streams.add(clean(d.ID), clean(string(s.Property)), int64(cell))
		}
	}
	if q.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, &q).Close(); err != nil {
		return fmt.Errorf("write %d devices: %w", len(ds), err)
	}
	return w.datastreams(ctx, tx, &streams)
}

// streamRows are datastreams, each once.
type streamRows struct {
	at       map[[2]string]int
	device   []string
	property []string
	cell     []int64
}

func (r *streamRows) add(device, property string, cell int64) {
	key := [2]string{device, property}
	if i, ok := r.at[key]; ok {
		r.cell[i] = cell
		return
	}
	if r.at == nil {
		r.at = map[[2]string]int{}
	}
	r.at[key] = len(r.device)
	r.device, r.property, r.cell = append(r.device, device), append(r.property, property), append(r.cell, cell)
}

func (w *writer) datastreams(ctx context.Context, tx pgx.Tx, r *streamRows) error {
	if len(r.device) == 0 {
		return nil
	}
	for _, p := range r.property {
		if _, ok := w.cat.properties[p]; ok {
			continue
		}
		var id int16
		if err := tx.QueryRow(ctx, "insert into properties (name) values ($1) returning id", p).Scan(&id); err != nil {
			return fmt.Errorf("name property %s: %w", p, err)
		}
		w.cat.properties[p] = id
	}
	numbers := make([]int16, len(r.property))
	for i, p := range r.property {
		numbers[i] = w.cat.properties[p]
	}
	rows, err := tx.Query(ctx, `
		insert into datastreams as d (device, property, cell)
		select * from unnest($1::text[], $2::smallint[], $3::bigint[])
		on conflict (device, property) do update set cell = excluded.cell
		returning device, property, id`, r.device, numbers, r.cell)
	if err != nil {
		return fmt.Errorf("number datastreams: %w", err)
	}
	names := make(map[int16]string, len(w.cat.properties))
	for name, id := range w.cat.properties {
		names[id] = name
	}
	var device string
	var property int16
	var id int32
	_, err = pgx.ForEachRow(rows, []any{&device, &property, &id}, func() error {
		if _, known := w.cat.stream(device, cim.Property(names[property])); !known {
			w.cat.devices[device] = append(w.cat.devices[device], datastream{names[property], id})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("number datastreams: %w", err)
	}
	return nil
}

func (w *writer) units(ctx context.Context, tx pgx.Tx, us []cim.Unit, seq uint64) error {
	for i := range us {
		u := &us[i]
		if u.ID == "" {
			continue // the model does not take it either
		}
		var n int32
		err := tx.QueryRow(ctx, `
			insert into units (id, name, kind, org, home, grade, simulated, seq) values ($1, $2, $3, $4, $5, $6, $7, $8)
			on conflict (id) do update set name = excluded.name, kind = excluded.kind, org = excluded.org, home = excluded.home,
				grade = excluded.grade, simulated = excluded.simulated, seq = excluded.seq
			returning n`,
			clean(u.ID), clean(u.Name), clean(u.Kind), clean(u.Org), clean(string(u.Home)), int16(u.Grade), u.Simulated, int64(seq)).Scan(&n)
		if err != nil {
			return fmt.Errorf("write unit %s: %w", u.ID, err)
		}
		w.cat.units[u.ID] = unit{n, string(u.Home)}
	}
	return nil
}

// code is a region's for the database.
func code(c geo.Code) string { return clean(string(c)) }
