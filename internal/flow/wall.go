package flow

import (
	"context"
	"slices"
	"strings"

	"onecity/internal/database"
)

// guarded is what the list of what waits is read from, behind the database's
// second wall; history, outbox and jobs are the program's own.
func guarded() database.Guarded {
	return database.Guarded{Table: "flow.item", Sees: database.Within("region", "org") + " or " + database.Own("subject")}
}

// scope is what waits for a person, as the second wall knows it: their own
// items, and the subtrees in which they may lead an item on.
func (e *Engine) scope(who Seer, f Filter) database.Scope {
	s := database.Scope{Self: who.Subject}
	for _, w := range e.ways(who, f) {
		switch {
		case w.own:
		case w.tree.Axis == ByOrg:
			s.Orgs = append(s.Orgs, w.tree.Prefix)
		default:
			s.Regions = append(s.Regions, w.tree.Prefix)
		}
	}
	s.Regions, s.Orgs = outermost(s.Regions), outermost(s.Orgs)
	return s
}

// outermost are the prefixes without those that begin with another.
func outermost(prefixes []string) []string {
	slices.Sort(prefixes)
	var out []string
	for _, p := range prefixes {
		if len(out) == 0 || !strings.HasPrefix(p, out[len(out)-1]) {
			out = append(out, p)
		}
	}
	return out
}

// wall is the database's second wall; it is asked for once.
func (e *Engine) wall(ctx context.Context) (*database.Wall, error) {
	if w := e.walled.Load(); w != nil {
		return w, nil
	}
	w, err := database.WallOf(ctx, e.pool)
	if err != nil {
		return nil, err
	}
	e.walled.Store(w)
	return w, nil
}
