package history

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"onecity/cim"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/encoding/wkb"
)

// loadObjects reads the objects, a million of them in seconds: values are taken
// from the protocol's bytes as they are, words that come again and again are
// shared.
func loadObjects(ctx context.Context, q querier, emit func(cim.Fact) error) error {
	rows, err := q.Query(ctx, `
		select id, layer, class, kind, name, name_en, geometry, height, base, grade, source, made, attributes::text
		from objects`, pgx.QueryResultFormats{pgx.BinaryFormatCode})
	if err != nil {
		return fmt.Errorf("load objects: %w", err)
	}
	defer rows.Close()
	words := map[string]string{}
	list := make([]cim.Object, 0, page)
	for rows.Next() {
		o, err := objectOf(rows.RawValues(), words)
		if err != nil {
			return fmt.Errorf("load object %s: %w", o.ID, err)
		}
		if list = append(list, o); len(list) == page {
			if err := emit(cim.ObjectsPut{Objects: list}.Prepared()); err != nil {
				return err
			}
			list = make([]cim.Object, 0, page)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("load objects: %w", err)
	}
	return emit(cim.ObjectsPut{Objects: list}.Prepared())
}

func objectOf(v [][]byte, words map[string]string) (o cim.Object, err error) {
	word := func(b []byte) string {
		if w, ok := words[string(b)]; ok {
			return w
		}
		w := string(b)
		if len(words) < 1<<16 {
			words[w] = w
		}
		return w
	}
	o.ID = string(v[0])
	o.Layer = cim.Layer(binary.BigEndian.Uint16(v[1]))
	o.Class, o.Kind = word(v[2]), word(v[3])
	o.Name, o.NameEn = string(v[4]), string(v[5])
	if o.Geometry, err = wkb.Unmarshal(v[6]); err != nil {
		return o, err
	}
	o.Height = math.Float32frombits(binary.BigEndian.Uint32(v[7]))
	o.Base = math.Float32frombits(binary.BigEndian.Uint32(v[8]))
	o.Grade = cim.Grade(binary.BigEndian.Uint16(v[9]))
	o.Source = word(v[10])
	o.Made = v[11][0] != 0
	if v[12] != nil {
		err = json.Unmarshal(v[12], &o.Attributes)
	}
	return o, err
}
