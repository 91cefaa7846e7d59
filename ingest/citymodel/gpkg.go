package citymodel

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// gpkgReader reads the feature tables of an OGC GeoPackage (OGC 12-128r19): an
// SQLite file, with geometries in a small header around WKB.
type gpkgReader struct {
	path  string
	table string
	max   int64 // bytes of a value
	total func(rows int64)

	name string // of the CRS of the table that is being read
}

func (r *gpkgReader) crs() string { return r.name }

func (r *gpkgReader) read(ctx context.Context, to features) error {
	db, err := openSQLite(ctx, r.path, r.max)
	if err != nil {
		return fmt.Errorf("open GeoPackage: %w", err)
	}
	defer db.close()
	tables, err := db.tables(ctx, r.table)
	if err != nil {
		return err
	}
	var total int64
	for _, t := range tables {
		var n int64
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+quoteName(t.name)).Scan(&n); err != nil {
			return fmt.Errorf("count table %s: %w", t.name, err)
		}
		total += n
	}
	r.total(total)
	var read int64
	for _, t := range tables {
		if r.name, err = t.crs(); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		if err := t.read(ctx, db, &read, to); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return nil
}

func (t *gpkgTable) read(ctx context.Context, db *sqlite, read *int64, to features) error {
	key, err := db.key(ctx, t.name) // first: the one connection can do one thing at a time
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+quoteName(t.name))
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]any, len(columns))
	at := make([]any, len(columns))
	for i := range values {
		at[i] = &values[i]
	}
	for n := 1; rows.Next(); n++ {
		if err := rows.Scan(at...); err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
		f := Feature{Place: fmt.Sprintf("%s row %d", t.name, n), Tags: make(map[string]string, len(columns))}
		var blob []byte
		for i, c := range columns {
			if c == t.column {
				blob, _ = values[i].([]byte)
				continue
			}
			s := columnText(values[i])
			if c == key && s != "" {
				f.ID = t.name + "/" + s
			} else if s != "" {
				f.Tags[c] = s
			}
		}
		if *read++; *read%256 == 0 {
			to.at(*read)
		}
		var bad error
		if f.Geometry, bad = gpkgGeometry(blob); bad != nil {
			err = to.reject(f.ID, f.Place, because("malformed", "%v", bad))
		} else {
			err = to.feature(f)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

func columnText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case []byte: // a picture or the like is no attribute
		return ""
	}
	return fmt.Sprint(v)
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// gpkgGeometry takes a geometry out of its header, OGC 12-128r19, 2.1.3. nil
// and no error is an empty one.
func gpkgGeometry(b []byte) (orb.Geometry, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, errors.New("its geometry does not begin as a GeoPackage geometry")
	}
	flags := b[3]
	if flags&0x20 != 0 {
		return nil, errors.New("its geometry is of an extension (ExtendedGeoPackageBinary)")
	}
	envelope := map[byte]int{0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
	size, ok := envelope[flags>>1&7]
	if !ok || len(b) < 8+size {
		return nil, errors.New("its geometry has a broken envelope")
	}
	if flags&0x10 != 0 {
		return nil, nil
	}
	return wkb(b[8+size:])
}
