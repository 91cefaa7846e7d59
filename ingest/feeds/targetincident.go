package feeds

import (
	"context"
	"errors"
	"strings"
	"time"

	"onecity/cim"
	"onecity/ingest"
)

// incidents stores each record as an incident of its own, synced. What a
// delivery says of one that is there already is told to those who handle it:
// the department knows its own work order, and the city its own case.
func (rd *reader) incidents(ctx context.Context, gate *ingest.Gate, source string, recs []record) (map[int][]ingest.Problem, error) {
	bad := map[int][]ingest.Problem{}
	for i := range recs {
		if !recs[i].placed {
			bad[i] = append(bad[i], *rd.unplaced(&recs[i]))
			continue
		}
		err := rd.storeIncident(ctx, gate, source, &recs[i])
		var ps ingest.Problems
		switch {
		case errors.As(err, &ps):
			for _, p := range ps {
				p.Field = rd.incidentField(p.Field)
				bad[i] = append(bad[i], p)
			}
		case err != nil:
			return nil, err
		}
	}
	return bad, nil
}

func (rd *reader) storeIncident(ctx context.Context, gate *ingest.Gate, source string, rec *record) error {
	row := rd.incident(rec)
	old, known := gate.FindIncident(row.ID)
	if !known {
		if over(&row, gate.Now()) {
			return nil
		}
		report := row
		report.Version, report.Status, report.Closed = 1, cim.StatusReported, time.Time{}
		report.Updated = gate.Now()
		err := gate.Incident(ctx, source, "", report)
		if err != nil && !errors.Is(err, ingest.ErrConflict) {
			return err
		}
		old = report
	}
	w := words(&old, &row)
	if w.Status == "" && w.Note == "" {
		return nil
	}
	return gate.Told(ctx, source, w)
}

// words are what a row says of an incident beside what is known of it.
func words(known, row *cim.Incident) ingest.Told {
	w := ingest.Told{ID: row.ID}
	if row.Status != known.Status && row.Status != cim.StatusReported {
		w.Status = row.Status
	}
	var says []string
	for _, pair := range [][2]string{{row.Title, known.Title}, {row.Description, known.Description}, {row.Address, known.Address}} {
		if pair[0] != "" && pair[0] != pair[1] {
			says = append(says, pair[0])
		}
	}
	w.Note = strings.Join(says, "；")
	return w
}

// incident is what a row says.
func (rd *reader) incident(rec *record) cim.Incident {
	t := &rd.contract.Target
	in := cim.Incident{
		ID: rd.contract.ID + "-" + rd.get(rec, t.ID).text, Class: rd.get(rec, t.Class).text,
		Title: rd.get(rec, t.Title).text, Description: rd.get(rec, t.Description).text, Address: rd.get(rec, t.Address).text,
		Status: cim.StatusReported, Reported: rd.get(rec, t.Time).time, Channel: "department",
		Lon: rec.at[0], Lat: rec.at[1],
	}
	if s := rd.get(rec, t.Status); s.set {
		in.Status = cim.Status(s.text)
	}
	if !in.Status.Open() {
		in.Closed = in.Reported // the feed does not say when; see over
	}
	if class, ok := cim.ClassOf(in.Class); ok {
		in.Severity, in.Due = class.Severity, in.Reported.Add(class.Limit)
		if in.Title == "" {
			in.Title = class.Name
		}
	}
	return in
}

// over tells whether an incident that the city does not know was done with
// long ago: the model forgets what was closed a day before, and departments
// deliver their closed work orders for weeks.
func over(in *cim.Incident, now time.Time) bool {
	return !in.Status.Open() && now.Sub(in.Closed) > 24*time.Hour
}

func (rd *reader) incidentField(field string) string {
	t := &rd.contract.Target
	column := map[string]string{
		"/id": t.ID, "/class": t.Class, "/status": t.Status, "/title": t.Title, "/description": t.Description,
		"/address": t.Address, "/reported": t.Time, "/lon,lat": t.Lon,
	}[field]
	if column == "" {
		return field
	}
	return column
}
