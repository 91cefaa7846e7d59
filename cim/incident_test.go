package cim_test

import (
	"slices"
	"testing"
	"time"

	"onecity/cim"
)

func incidentAt(id string, version uint32, status cim.Status) cim.Incident {
	return cim.Incident{
		ID: id, Version: version, Class: "E0101", Status: status, Severity: 4,
		Lon: 120.95, Lat: 31.35, Reported: noon, Due: noon.Add(time.Hour),
	}
}

func TestAnIncidentTurnsLateAtTheFirstTickAfterItsDueTime(t *testing.T) {
	c := newCity(t, fourTowns(), cim.IncidentPut{Incident: incidentAt("i", 1, cim.StatusReported)})
	if ch := c.after(time.Hour); len(ch.Refs) != 0 {
		t.Errorf("at the due time: %+v", ch.Refs)
	}
	ch := c.after(time.Second)
	if len(ch.Refs) != 2 {
		t.Errorf("changes: %+v", ch.Refs)
	}
	r := c.read()
	if i, _ := r.Incident("i"); !i.Late {
		t.Error("it is not late")
	}
	if got := r.Tally("320583100"); got.Late != 1 || got.Open != 1 {
		t.Errorf("tally: %+v", got)
	}
	c.take(cim.IncidentPut{Incident: incidentAt("i", 2, cim.StatusClosed)})
	if got := c.read().Tally("320583100"); got.Late != 0 || got.Open != 0 || got.ByStatus[cim.StatusClosed] != 1 {
		t.Errorf("tally after closing: %+v", got)
	}
}

func TestTheHighestVersionOfAnIncidentWins(t *testing.T) {
	c := newCity(t, fourTowns(),
		cim.IncidentPut{Incident: incidentAt("i", 3, cim.StatusHandling)},
		cim.IncidentPut{Incident: incidentAt("i", 2, cim.StatusReported)},
	)
	if i, _ := c.read().Incident("i"); i.Version != 3 || i.Status != cim.StatusHandling {
		t.Errorf("%+v", i.Incident)
	}
	if n := c.read().Ignored()["old-version"]; n != 1 {
		t.Errorf("ignored: %v", c.read().Ignored())
	}
}

func TestAClosedIncidentLeavesAfterADayAndDoesNotComeBack(t *testing.T) {
	c := newCity(t, fourTowns(), cim.IncidentPut{Incident: incidentAt("i", 1, cim.StatusReported)})
	closed := incidentAt("i", 5, cim.StatusClosed)
	closed.Closed = noon.Add(time.Hour)
	c.now = noon.Add(2 * time.Hour)
	c.take(cim.IncidentPut{Incident: closed})
	c.after(23*time.Hour - time.Second)
	if _, ok := c.read().Incident("i"); !ok {
		t.Error("it left too early")
	}
	ch := c.after(time.Second)
	if !slices.ContainsFunc(ch.Refs, func(r cim.Ref) bool { return r.Gone && r.ID == "i" && r.Layer == cim.LayerIncidents }) {
		t.Errorf("changes: %+v", ch.Refs)
	}
	if _, ok := c.read().Incident("i"); ok {
		t.Error("it is still there")
	}
	for _, again := range []cim.Incident{incidentAt("i", 1, cim.StatusReported), closed} {
		if ch := c.take(cim.IncidentPut{Incident: again}); len(ch.Refs) != 0 {
			t.Errorf("version %d came back: %+v", again.Version, ch.Refs)
		}
	}
	if ch := c.take(cim.IncidentPut{Incident: incidentAt("i", 6, cim.StatusReported)}); len(ch.Refs) == 0 {
		t.Error("a newer version was not taken: it was opened again")
	}
}

func TestAUnitIsPresentForAQuarterOfAnHour(t *testing.T) {
	c := newCity(t, fourTowns(), cim.UnitsPut{Units: []cim.Unit{{ID: "u", Home: "320583103"}}})
	if u, ok := c.Snapshot().In(cim.Scope{Region: "320583103", Layers: cim.AllLayers}).Unit("u"); !ok || u.Region != "320583103" {
		t.Errorf("a unit without a position is not at home: %+v", u)
	}
	pos := func(at time.Time, lon float64, status string) cim.Positions {
		return cim.Positions{Positions: []cim.Position{{Unit: "u", Time: at, Lon: lon, Lat: 31.35, Status: status}}}
	}
	c.take(pos(noon, 120.95, "moving"))
	c.take(pos(noon.Add(-time.Second), 121.05, "")) // late: not taken
	r := c.read()
	u, _ := r.Unit("u")
	if u.Region != "320583100" || u.Position.Status != "moving" || r.Tally("320583100").Units != 1 {
		t.Errorf("%+v, %+v", u, r.Tally("320583100"))
	}
	c.after(10 * time.Minute)
	c.take(pos(c.now, 121.05, ""))
	if r = c.read(); r.Tally("320583100").Units != 0 || r.Tally("320583101").Units != 1 {
		t.Errorf("after the move: %+v", r.Tally("320583101"))
	}
	if u, _ = r.Unit("u"); u.Position.Status != "moving" {
		t.Errorf("the status was not kept: %+v", u.Position)
	}
	if ch := c.after(15 * time.Minute); len(ch.Refs) == 0 {
		t.Error("nothing changed when the unit fell silent")
	}
	if r = c.read(); r.Tally("").Units != 0 {
		t.Errorf("after a quarter of an hour: %+v", r.Tally(""))
	}
	if _, ok := r.Unit("u"); !ok {
		t.Error("the unit is gone")
	}
}
