package ingest

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"onecity/cim"
	"onecity/streams"

	"github.com/paulmach/orb"
)

// ErrConflict: the incident is at another version than the change was made of.
var ErrConflict = errors.New("the incident has changed meanwhile")

// ErrUnknownIncident: no such incident is open or was closed within a day.
var ErrUnknownIncident = errors.New("no such incident")

// Incident stores a report, synced to disk before it returns: an incident of
// Version 1 that nobody has led on yet. What becomes of it is for those who
// handle it (package gov/incident), whose records come back to the model.
// What is wrong with its fields is [Problems]; one that is there already is
// ErrConflict. Reports pass one at a time in this process; of two that two
// processes take under one id, the broker keeps the first, because both events
// have the same name, and the other is told ErrConflict.
func (g *Gate) Incident(ctx context.Context, source, id string, in cim.Incident) error {
	return g.report(ctx, source, id, in, "")
}

// Report is Incident of one that is about a component 部件 of that id.
func (g *Gate) Report(ctx context.Context, source string, in cim.Incident, object string) error {
	return g.report(ctx, source, "", in, object)
}

func (g *Gate) report(ctx context.Context, source, id string, in cim.Incident, object string) error {
	b, refused := g.begin(source, id, 1)
	if refused != nil {
		return Problems(refused.Problems)
	}
	if ps := b.incident(&in); len(ps) > 0 {
		return ps
	}
	if g.dry {
		return nil
	}
	data, err := cim.Encode(cim.IncidentPut{Incident: in, Reporter: g.by, Object: object})
	if err != nil {
		return fmt.Errorf("encode incident %s: %w", in.ID, err)
	}

	g.turn.Lock()
	defer g.turn.Unlock()
	if old, ok := g.FindIncident(in.ID); ok {
		return fmt.Errorf("incident %s is there, at version %d: %w", in.ID, old.Version, ErrConflict)
	}
	if err := g.out.Publish(ctx, streams.Event{
		ID: in.ID + "/v1", Source: "/incidents",
		Type: cim.TypeOf(cim.IncidentPut{}), Time: in.Updated, Data: data, Sole: true,
	}, streams.Synced); errors.Is(err, streams.ErrTaken) {
		return fmt.Errorf("incident %s was reported already: %w", in.ID, errors.Join(ErrConflict, err))
	} else if err != nil {
		return fmt.Errorf("store incident %s: %w", in.ID, err)
	}
	city := g.City()
	if region, ok := city.Regions().At(orb.Point{in.Lon, in.Lat}); ok {
		in.Region = region.Code // as the fold will
	}
	g.incidents.put([]cim.Incident{in}, func(i *cim.Incident) string { return i.ID }, func(i *cim.Incident) bool {
		got, ok := city.Incident(i.ID)
		return ok && got.Version >= i.Version
	})
	return nil
}

// FindIncident is an incident as it stands, with what was stored an instant
// ago and is not in the snapshot yet: who reports one can read it at once.
func (g *Gate) FindIncident(id string) (cim.Incident, bool) {
	stored, pending := g.incidents.get(id)
	folded, ok := g.City().Incident(id)
	switch {
	case ok && (!pending || folded.Version >= stored.Version):
		return *folded.Incident, true
	case pending:
		return *stored, true
	}
	return cim.Incident{}, false
}

// incident finds everything that is wrong with in: a person filled in the
// form, and should not have to mend it one field at a time.
func (b *batch) incident(in *cim.Incident) (ps Problems) {
	check := func(p *Problem) {
		if p != nil {
			ps = append(ps, *p)
		}
	}
	check(checkID("/id", in.ID))
	if _, ok := cim.ClassOf(in.Class); !ok {
		check(unknown("/class", in.Class, CodeUnknownClass, "案件类别不存在 / no such incident class",
			"a code of GET /api/v1/incident-classes"))
	}
	if in.Version != 1 {
		check(&Problem{Field: "/version", Value: strconv.FormatUint(uint64(in.Version), 10), Code: CodeOutOfRange,
			Message: "上报的版本须为 1 / a report has version 1", Expected: "1"})
	}
	if in.Status != cim.StatusReported {
		check(unknown("/status", string(in.Status), CodeUnknownCode, "上报的案件尚未办理 / what is reported was not led on yet", "reported"))
	}
	if in.Step == "" {
		in.Step = string(cim.StatusReported)
	}
	if in.Severity < 1 || in.Severity > 4 {
		check(&Problem{Field: "/severity", Value: strconv.Itoa(int(in.Severity)), Code: CodeOutOfRange,
			Message: "等级超出范围 / the severity is out of range", Expected: "1 特别重大 … 4 一般"})
	}
	check(checkText("/title", in.Title, MaxName))
	check(checkText("/description", in.Description, MaxText))
	check(checkText("/address", in.Address, MaxName))
	check(checkText("/note", in.Note, MaxText))
	check(checkText("/channel", in.Channel, MaxName))
	if len(in.Photos) > MaxPhotos {
		check(&Problem{Field: "/photos", Value: strconv.Itoa(len(in.Photos)), Code: CodeTooMany,
			Message: "照片过多 / too many photos", Expected: fmt.Sprintf("at most %d", MaxPhotos)})
	}
	check(b.place(in.Lon, in.Lat))
	check(b.reachIncident(in))
	check(b.time("/reported", &in.Reported))
	if in.Updated.IsZero() {
		in.Updated = b.now
	}
	return ps
}

// KnownStatus reports whether a status is one of the model's.
func KnownStatus(s cim.Status) bool {
	switch s {
	case cim.StatusReported, cim.StatusAccepted, cim.StatusDispatched, cim.StatusHandling,
		cim.StatusHandled, cim.StatusClosed, cim.StatusRejected:
		return true
	}
	return false
}
