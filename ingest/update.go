package ingest

import (
	"context"
	"fmt"

	"onecity/cim"
)

// IncidentUpdate is the body of POST /api/v1/incidents/{id}/updates: what a
// person changes. An empty field stays as it was.
type IncidentUpdate struct {
	Status cim.Status `json:"status,omitempty"`
	// Unit is who is sent; a dispatched incident must have one.
	Unit string `json:"unit,omitempty"`
	Note string `json:"note,omitempty"`
	// Version is the one that the person saw.
	Version uint32 `json:"version"`
}

// UpdateIncident changes an incident along the table of [Steps] and stores it,
// synced, before it returns the new record. ErrUnknownIncident, ErrConflict
// for another version than u.Version, [Problems] for what is wrong with u.
func (g *Gate) UpdateIncident(ctx context.Context, source, id string, u IncidentUpdate) (cim.Incident, error) {
	in, ok := g.FindIncident(id)
	if !ok {
		return cim.Incident{}, fmt.Errorf("update incident %s: %w", Shorten(id), ErrUnknownIncident)
	}
	if p := g.reach("update", "/id", id, in.Region); p != nil {
		return cim.Incident{}, Problems{*p}
	}
	if u.Version != in.Version {
		return in, fmt.Errorf("incident %s is at version %d, not %d: %w", id, in.Version, u.Version, ErrConflict)
	}
	if ps := g.apply(&in, u); len(ps) > 0 {
		return cim.Incident{}, ps
	}
	if err := g.Incident(ctx, source, "", in); err != nil {
		return cim.Incident{}, err
	}
	return in, nil
}

// apply makes in what u says, or finds why it cannot.
func (g *Gate) apply(in *cim.Incident, u IncidentUpdate) (ps Problems) {
	if u.Status == "" && u.Unit == "" && u.Note == "" {
		return Problems{{Field: "/", Code: CodeMissing, Message: "没有要更改的内容 / nothing to change", Expected: "status, unit or note"}}
	}
	if u.Unit != "" {
		if !g.KnowsUnit(u.Unit) {
			ps = append(ps, *unknown("/unit", u.Unit, CodeUnknownUnit, "力量未登记 / no such unit is registered", "an id of GET /api/v1/units"))
		}
		in.Unit = u.Unit
	}
	if u.Status != "" && (u.Status != in.Status || u.Status == cim.StatusDispatched) {
		if !Follows(in.Status, u.Status) {
			ps = append(ps, *unknown("/status", string(u.Status), CodeTransition,
				fmt.Sprintf("“%[1]s”之后不能是“%[2]s” / %[2]s cannot follow %[1]s", in.Status, u.Status), statuses(next(in.Status))))
		}
		in.Status = u.Status
	}
	if in.Status == cim.StatusDispatched && in.Unit == "" {
		ps = append(ps, Problem{Field: "/unit", Code: CodeMissing, Message: "派遣须指定处置力量 / whom to send is missing", Expected: "an id of GET /api/v1/units"})
	}
	if u.Note != "" {
		in.Note = u.Note
	}
	now := g.now()
	in.Version++
	in.Updated = now
	if !in.Status.Open() && in.Closed.IsZero() {
		in.Closed = now
	}
	return ps
}

// KnowsUnit tells whether a unit is registered.
func (g *Gate) KnowsUnit(id string) bool {
	if _, ok := g.City().Unit(id); ok {
		return true
	}
	_, ok := g.units.get(id)
	return ok
}
