package feeds

import (
	"context"
	"errors"
	"time"

	"onecity/cim"
	"onecity/ingest"
)

// incidents stores each record as an incident of its own, synced. One that is
// there already and says the same is left alone; one that says something else
// is the next version: the department that delivers knows its own work order.
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

// tries is how often a change is made anew when the incident changed meanwhile.
const tries = 5

func (rd *reader) storeIncident(ctx context.Context, gate *ingest.Gate, source string, rec *record) (err error) {
	for range tries {
		told := rd.incident(rec)
		old, known := gate.FindIncident(told.ID)
		if known {
			next := overlay(old, told)
			if same(old, next) {
				return nil
			}
			told = next
		} else if over(&told, gate.Now()) {
			return nil
		}
		told.Version = old.Version + 1
		told.Updated = gate.Now()
		if known && !told.Status.Open() && told.Closed.IsZero() {
			told.Closed = told.Updated
		}
		if err = gate.Incident(ctx, source, "", told); !errors.Is(err, ingest.ErrConflict) {
			return err
		}
	}
	return err
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

// overlay puts what a delivery says over what is known.
func overlay(old, told cim.Incident) cim.Incident {
	next := old
	if told.Status.Open() {
		next.Closed = time.Time{} // 返工
	}
	next.Class, next.Title, next.Status, next.Severity = told.Class, told.Title, told.Status, told.Severity
	next.Lon, next.Lat, next.Reported, next.Due = told.Lon, told.Lat, told.Reported, told.Due
	if told.Description != "" {
		next.Description = told.Description
	}
	if told.Address != "" {
		next.Address = told.Address
	}
	return next
}

func same(a, b cim.Incident) bool {
	return a.Class == b.Class && a.Title == b.Title && a.Status == b.Status && a.Severity == b.Severity &&
		a.Lon == b.Lon && a.Lat == b.Lat && a.Reported.Equal(b.Reported) && a.Due.Equal(b.Due) &&
		a.Description == b.Description && a.Address == b.Address
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
