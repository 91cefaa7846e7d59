package citymodel

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	driver "modernc.org/sqlite" // registers "sqlite"
	lib "modernc.org/sqlite/lib"
)

// sqlite is an SQLite file from outside, on one connection.
//
// Such a file brings its own schema, and with it views and virtual tables that
// may compute without end: only plain tables are read, a value has a limit, and
// tables are never joined, for keys that the format asks for need not be there.
type sqlite struct {
	*sql.Conn
	db *sql.DB
}

func openSQLite(ctx context.Context, path string, maxValue int64) (*sqlite, error) {
	// immutable: the file is only looked at, also on a medium that is read-only.
	dsn := url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: url.Values{
		"mode": {"ro"}, "immutable": {"1"},
		"_pragma": {"trusted_schema(0)", "cell_size_check(1)", "mmap_size(0)", "cache_size(-8000)"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = driver.Limit(conn, lib.SQLITE_LIMIT_LENGTH, int(maxValue))
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return &sqlite{conn, db}, nil
}

func (s *sqlite) close() {
	s.Close()
	s.db.Close()
}

// plain makes sure that there is a table of that name and that it is one.
func (s *sqlite) plain(ctx context.Context, name string) error {
	var kind string
	err := s.QueryRowContext(ctx, "SELECT type FROM pragma_table_list(?) WHERE schema = 'main'", name).Scan(&kind)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("it has no table %s", quoteShort(name))
	case err != nil:
		return fmt.Errorf("look at table %s: %w", quoteShort(name), err)
	case kind != "table":
		if kind != "view" {
			kind += " table" // virtual, shadow
		}
		return fmt.Errorf("%s is a %s, and only tables are read; copy what it shows into a table", quoteShort(name), kind)
	}
	return nil
}

// key is the name of a table's primary key, "" when it has none.
func (s *sqlite) key(ctx context.Context, table string) (string, error) {
	var name string
	err := s.QueryRowContext(ctx, "SELECT name FROM pragma_table_info(?) WHERE pk = 1", table).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, err
}

type gpkgTable struct {
	name, column string
	organization string
	code         int64
	definition   string
}

const (
	maxGpkgTables = 1000
	maxWKT        = 64 << 10 // characters of a coordinate system's definition
)

// tables lists the tables of features, or the one that was asked for.
func (s *sqlite) tables(ctx context.Context, asked string) ([]gpkgTable, error) {
	for _, name := range []string{"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} {
		if err := s.plain(ctx, name); err != nil {
			return nil, fmt.Errorf("it is an SQLite file, but no whole GeoPackage: %w", err)
		}
	}
	names, err := s.featureTables(ctx)
	if err != nil {
		return nil, fmt.Errorf("read gpkg_contents: %w", err)
	}
	var out []gpkgTable
	for _, name := range names {
		if asked != "" && asked != name {
			continue
		}
		t, ok, err := s.gpkgTable(ctx, name)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		if asked != "" {
			return nil, fmt.Errorf("it has no table %q; it has %s", asked, strings.Join(names, ", "))
		}
		return nil, errors.New("it has no table of features")
	}
	return out, nil
}

func (s *sqlite) featureTables(ctx context.Context) (names []string, err error) {
	rows, err := s.QueryContext(ctx, "SELECT DISTINCT table_name FROM gpkg_contents WHERE data_type = 'features' ORDER BY 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if names = append(names, name); len(names) > maxGpkgTables {
			return nil, fmt.Errorf("it names more than %d tables", maxGpkgTables)
		}
	}
	return names, rows.Err()
}

// gpkgTable finds the geometry column of a table and its coordinate system; ok
// is false where it has no geometry.
func (s *sqlite) gpkgTable(ctx context.Context, name string) (t gpkgTable, ok bool, err error) {
	t.name = name
	var srs int64
	err = s.QueryRowContext(ctx, "SELECT column_name, coalesce(srs_id, 0) FROM gpkg_geometry_columns WHERE table_name = ? LIMIT 1", name).
		Scan(&t.column, &srs)
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("read gpkg_geometry_columns of %s: %w", quoteShort(name), err)
	}
	err = s.QueryRowContext(ctx, `SELECT coalesce(organization, ''), coalesce(organization_coordsys_id, 0), substr(coalesce(definition, ''), 1, ?)
		FROM gpkg_spatial_ref_sys WHERE srs_id = ? LIMIT 1`, maxWKT, srs).Scan(&t.organization, &t.code, &t.definition)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, false, fmt.Errorf("read gpkg_spatial_ref_sys %d: %w", srs, err)
	}
	return t, true, s.plain(ctx, name)
}

func (t *gpkgTable) crs() (string, error) {
	switch {
	case strings.EqualFold(t.organization, "EPSG"):
		return "EPSG:" + strconv.FormatInt(t.code, 10), nil
	case t.definition != "" && t.definition != "undefined":
		return crsOfWKT(t.definition)
	}
	return "", nil
}
