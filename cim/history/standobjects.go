package history

import (
	"context"
	"encoding/json"
	"fmt"

	"onecity/cim"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/encoding/wkb"
)

// objectSet is objects by ID, the last word on each.
type objectSet struct {
	list   []*cim.Object
	at     map[string]int
	staged bool // the staging table holds those that were written before
}

func (s *objectSet) put(objects []cim.Object) {
	for i := range objects {
		o := &objects[i]
		if !o.Stands() {
			continue // the model does not take it either
		}
		if at, ok := s.at[o.ID]; ok {
			s.list[at] = o
			continue
		}
		s.at[o.ID] = len(s.list)
		s.list = append(s.list, o)
	}
}

const upsertObjects = `
insert into objects select * from stage_objects
on conflict (id) do update set
	layer = excluded.layer, class = excluded.class, kind = excluded.kind, name = excluded.name, name_en = excluded.name_en,
	geometry = excluded.geometry, west = excluded.west, south = excluded.south, east = excluded.east, north = excluded.north,
	height = excluded.height, base = excluded.base, grade = excluded.grade, source = excluded.source, made = excluded.made,
	attributes = excluded.attributes, seq = excluded.seq`

// objects writes the set and empties it.
func (w *writer) objects(ctx context.Context, tx pgx.Tx, s *objectSet, seq uint64) error {
	if len(s.list) == 0 {
		return nil
	}
	w.buf.reset()
	for _, o := range s.list {
		w.object(o, seq)
	}
	s.list = s.list[:0]
	clear(s.at)
	if s.staged {
		if _, err := tx.Exec(ctx, "truncate stage_objects"); err != nil {
			return fmt.Errorf("empty the staging table: %w", err)
		}
	}
	s.staged = true
	return w.stage(ctx, tx, nil, "stage_objects", upsertObjects)
}

// object adds a row, or none for a geometry that WKB has no word for.
func (w *writer) object(o *cim.Object, seq uint64) {
	shape, err := wkb.Marshal(o.Geometry)
	if err != nil {
		return
	}
	var attributes []byte
	if len(o.Attributes) > 0 {
		if attributes, err = json.Marshal(o.Attributes); err != nil {
			return
		}
		attributes = cleanJSON(attributes)
	}
	bound := o.Geometry.Bound()
	w.buf.row(18)
	w.buf.text(o.ID)
	w.buf.int2(int16(o.Layer))
	w.buf.text(o.Class)
	w.buf.text(o.Kind)
	w.buf.text(o.Name)
	w.buf.text(o.NameEn)
	w.buf.bytea(shape)
	w.buf.float8(bound.Min[0])
	w.buf.float8(bound.Min[1])
	w.buf.float8(bound.Max[0])
	w.buf.float8(bound.Max[1])
	w.buf.float4(o.Height)
	w.buf.float4(o.Base)
	w.buf.int2(int16(o.Grade))
	w.buf.text(o.Source)
	w.buf.bool(o.Made)
	w.buf.jsonb(attributes)
	w.buf.int8(int64(seq))
}
