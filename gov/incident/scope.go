package incident

import "onecity/internal/database"

// Layer is the layer of the city model that cases are on, as readers' scopes
// name it.
const Layer = "incidents"

// Scope is what a reader sees of the cases: those in the pieces. The zero
// Scope sees nothing.
func Scope(pieces ...database.Piece) database.Scope {
	return database.Scope{Layers: map[string][]database.Piece{Layer: pieces}}
}

// Whole is the scope of what the program reads for itself.
func Whole() database.Scope { return Scope(database.Piece{Grade: 255}) }

// guarded are the tables that are read for somebody, with what a reader sees
// of them: the second wall, for where a query's own condition was forgotten.
// Commands, numbers and limits are the program's.
func guarded() []database.Guarded {
	return []database.Guarded{
		{Table: "incident.record", Sees: database.Sees(Layer, "region", "grade")},
		{Table: "incident.entry", Sees: "exists (select from incident.record r where r.id = entry.case_id)"},
		{Table: "incident.proof", Sees: "exists (select from incident.record r where r.id = proof.case_id)"},
	}
}
