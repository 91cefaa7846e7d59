package history

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/jackc/pgx/v5"
)

// IncidentFilter narrows a list of incidents; zero fields do not.
type IncidentFilter struct {
	Region   geo.Code
	Class    string
	Status   cim.Status
	From, To time.Time // reported from From on, before To
	// After is the last incident of the page before; Limit defaults to 100.
	After *cim.Incident
	Limit int
}

// Incidents lists incidents as they were sent last, the newest reported first.
func (r Reader) Incidents(ctx context.Context, f IncidentFilter) ([]cim.Incident, error) {
	x, ok := r.reach(cim.LayerIncidents, f.Region)
	if !ok {
		return nil, nil
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	if f.To.IsZero() {
		f.To = farFuture
	}
	before, beforeID := farFuture, ""
	if f.After != nil {
		before, beforeID = f.After.Reported, f.After.ID
	}
	ins, err := read(ctx, r, `
		select i.record, i.region from incidents i
		where `+seen("i.region", "i.grade")+` and ($5 = '' or i.class = $5) and ($6 = '' or i.status = $6)
			and i.reported >= $7 and i.reported < $8 and (i.reported, i.id) < ($9, $10)
		order by i.reported desc, i.id desc limit $11`,
		x.args(clean(f.Class), clean(string(f.Status)), f.From, f.To, before, clean(beforeID), min(limit, MaxPoints)), scanIncident)
	if err != nil {
		return nil, fmt.Errorf("read history: incidents: %w", err)
	}
	return ins, nil
}

// farFuture is after every incident.
var farFuture = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Incident is one incident as it was sent last, also long after it has left
// the model; ok is false when there is none in the scope.
func (r Reader) Incident(ctx context.Context, id string) (in cim.Incident, ok bool, err error) {
	x, sees := r.reach(cim.LayerIncidents, "")
	if !sees {
		return in, false, nil
	}
	ins, err := read(ctx, r, "select i.record, i.region from incidents i where i.id = $5 and "+seen("i.region", "i.grade"),
		x.args(clean(id)), scanIncident)
	if err != nil {
		return in, false, fmt.Errorf("read history: incident %s: %w", id, err)
	}
	if len(ins) == 0 {
		return in, false, nil
	}
	return ins[0], true, nil
}

// loadOpenIncidents emits the incidents in which something remains to be done.
func loadOpenIncidents(ctx context.Context, q querier, emit func(cim.Fact) error) error {
	rows, err := q.Query(ctx, "select record, region from incidents where status <> $1 and status <> $2",
		string(cim.StatusClosed), string(cim.StatusRejected))
	if err != nil {
		return fmt.Errorf("read history: open incidents: %w", err)
	}
	ins, err := pgx.CollectRows(rows, scanIncident)
	if err != nil {
		return fmt.Errorf("read history: open incidents: %w", err)
	}
	for _, in := range ins {
		if err := emit(cim.IncidentPut{Incident: in}); err != nil {
			return err
		}
	}
	return nil
}

func scanIncident(row pgx.CollectableRow) (in cim.Incident, err error) {
	var record []byte
	var region string
	if err := row.Scan(&record, &region); err != nil {
		return in, err
	}
	err = json.Unmarshal(record, &in)
	in.Region = geo.Code(region)
	return in, err
}

// IncidentStep is one step of an incident's life.
type IncidentStep struct {
	Version uint32     `json:"version"`
	At      time.Time  `json:"at"`
	Status  cim.Status `json:"status"`
	Unit    string     `json:"unit,omitempty"`
	Note    string     `json:"note,omitempty"`
}

// Steps are the steps of an incident, oldest first.
func (r Reader) Steps(ctx context.Context, id string) ([]IncidentStep, error) {
	x, ok := r.reach(cim.LayerIncidents, "")
	if !ok {
		return nil, nil
	}
	steps, err := read(ctx, r, `
		select s.version, s.at, s.status, s.unit, s.note
		from incidents i join incident_steps s on s.id = i.id
		where i.id = $5 and `+seen("i.region", "i.grade")+`
		order by s.version limit $6`, x.args(clean(id), MaxPoints), func(row pgx.CollectableRow) (s IncidentStep, err error) {
		var version int64
		err = row.Scan(&version, &s.At, &s.Status, &s.Unit, &s.Note)
		s.Version = uint32(version)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read history: steps of %s: %w", id, err)
	}
	return steps, nil
}

// HandlingTimes is how long each incident took, from its report to its
// closing, that was closed from from on, before to.
func (r Reader) HandlingTimes(ctx context.Context, region geo.Code, from, to time.Time) ([]time.Duration, error) {
	x, ok := r.reach(cim.LayerIncidents, region)
	if !ok {
		return nil, nil
	}
	ds, err := read(ctx, r, `
		select i.closed - i.reported from incidents i
		where `+seen("i.region", "i.grade")+` and i.closed >= $5 and i.closed < $6 and i.status = $7
		order by i.closed limit $8`, x.args(from, to, string(cim.StatusClosed), MaxPoints), pgx.RowTo[time.Duration])
	if err != nil {
		return nil, fmt.Errorf("read history: handling times: %w", err)
	}
	return ds, nil
}
