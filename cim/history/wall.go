package history

import (
	"cmp"
	"context"
	"slices"

	"onecity/cim"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

// guarded are the tables that a reader's queries may touch, with the
// condition that a row is visible: the second wall, in PostgreSQL, which holds
// where a query's own condition (seen) was forgotten. The recorder and the
// loader, which write and fold for nobody, are not bound.
//
// Observations and objects have neither region nor grade of their own, and are
// closed to readers' queries altogether: an observation is read by the number
// of a datastream that came through the wall. What a cell tells of hidden
// things is a sum over what its reader may not see; whether it may tell of them
// is decided before the wall (streamsIn, topGrade), and of the cells' own
// tables the wall keeps to the region.
func guarded() []database.Guarded {
	incidents, devices, units, cells := cim.LayerIncidents.String(), cim.LayerDevices.String(), cim.LayerUnits.String(), cim.LayerCells.String()
	return []database.Guarded{
		{Table: "public.incidents", Sees: database.Sees(incidents, "region", "grade")},
		{Table: "public.incident_steps", Sees: "exists (select from public.incidents i where i.id = incident_steps.id)"},
		{Table: "public.devices", Sees: database.Sees(devices, "region", "grade")},
		{Table: "public.datastreams", Sees: "exists (select from public.devices d where d.id = datastreams.device)"},
		{Table: "public.properties", Sees: "true"},
		{Table: "public.cells", Sees: database.Sees(cells, "region", "0")},
		{Table: "public.cell_minutes", Sees: "exists (select from public.cells c where c.cell = cell_minutes.cell)"},
		{Table: "public.cell_states", Sees: database.Sees(cells, "region", "0")},
		// A unit from elsewhere is seen where it was within the scope: only its
		// grade decides here, and no more of it can be read than what finds its
		// track.
		{Table: "public.units", Columns: "(n, id, grade)", Sees: "grade <= (select scope.top('" + units + "'))"},
		{Table: "public.unit_tracks", Sees: "exists (select from public.units u where u.n = unit_tracks.unit and " +
			database.Sees(units, "unit_tracks.region", "u.grade") + ")"},
	}
}

// rowScope is the reader's scope as the second wall knows it.
func (r Reader) rowScope() database.Scope {
	s := database.Scope{Layers: make(map[string][]database.Piece, 4)}
	for _, l := range []cim.Layer{cim.LayerIncidents, cim.LayerDevices, cim.LayerUnits, cim.LayerCells} {
		pieces := r.scope.Pieces(l)
		if len(pieces) == 0 {
			continue
		}
		list := make([]database.Piece, len(pieces))
		for i, p := range pieces {
			list[i] = database.Piece{Prefix: clean(string(p.Region)), Grade: uint8(p.Grade)}
		}
		// The widest first: most rows are found by the first pattern.
		slices.SortStableFunc(list, func(a, b database.Piece) int { return cmp.Compare(len(a.Prefix), len(b.Prefix)) })
		s.Layers[l.String()] = list
	}
	return s
}

// read asks a query behind the second wall.
func read[T any](ctx context.Context, r Reader, sql string, args []any, row pgx.RowToFunc[T]) ([]T, error) {
	return database.Collect(ctx, r.s.wall, r.rowScope(), sql, args, row)
}
