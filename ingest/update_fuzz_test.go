package ingest_test

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"onecity/cim"
	"onecity/ingest"
	"onecity/ingest/ingesttest"
)

// FuzzIncidentUpdate: any body of an update, of an incident at any step, moves
// it along the table of steps or is refused with the field that is wrong.
func FuzzIncidentUpdate(f *testing.F) {
	for _, seed := range []string{
		`{"status":"accepted","version":1}`, `{"status":"dispatched","unit":"u-1","version":2}`, `{"unit":"u-1","version":1}`,
		`{"status":"closed","version":1}`, `{"status":"lost","note":"\u0000\ud800","version":1}`, `{"note":"井盖已换","version":3}`,
		`{"version":-1}`, `{"version":4294967296}`, `{"status":7}`, `{"version":1e0,"unit":null}`, `{}`, `[]`, `NaN`, ``,
	} {
		for i := range ingest.Steps() {
			f.Add([]byte(seed), uint8(i))
		}
	}
	c := ingesttest.Start(f)
	c.Units(f, "u-1")
	at := walk(f, c)
	gate := c.Gate.Checking() // every try meets the same incidents
	f.Fuzz(func(t *testing.T, body []byte, step uint8) {
		from := ingest.Steps()[int(step)%len(ingest.Steps())].From
		var u ingest.IncidentUpdate
		if err := json.Unmarshal(body, &u); err != nil {
			if p := ingest.MalformedJSON("", body, err); p.Field == "" || p.Code == "" || p.Message == "" {
				t.Errorf("%q is refused without a reason: %+v", body, p)
			}
			return
		}
		was, _ := gate.FindIncident(at[from])
		is, err := gate.UpdateIncident(t.Context(), "/test", at[from], u)
		var ps ingest.Problems
		switch {
		case errors.As(err, &ps):
			for _, p := range ps {
				if p.Field == "" || p.Code == "" || p.Message == "" {
					t.Errorf("%q is refused without a reason: %+v", body, p)
				}
			}
		case errors.Is(err, ingest.ErrConflict):
			if u.Version == was.Version {
				t.Errorf("version %d is refused, and is the one that there is", u.Version)
			}
		case err != nil:
			t.Errorf("%q: %v", body, err)
		default:
			if is.Version != was.Version+1 || u.Version != was.Version {
				t.Errorf("version %d became %d by an update of %d", was.Version, is.Version, u.Version)
			}
			if is.Status != was.Status && !ingest.Follows(was.Status, is.Status) {
				t.Errorf("%s became %s", was.Status, is.Status)
			}
			if is.Status.Open() != is.Closed.IsZero() || is.Status == cim.StatusDispatched && is.Unit == "" {
				t.Errorf("%s, closed at %v, unit %q", is.Status, is.Closed, is.Unit)
			}
			if !utf8.ValidString(is.Note) || utf8.RuneCountInString(is.Note) > ingest.MaxText || is.Unit != "" && is.Unit != "u-1" {
				t.Errorf("unit %q, note %q", is.Unit, is.Note)
			}
		}
	})
}

// walk makes an incident for every step, and tells its id.
func walk(f *testing.F, c *ingesttest.City) map[cim.Status]string {
	f.Helper()
	ways := map[cim.Status][]cim.Status{
		cim.StatusReported:   nil,
		cim.StatusAccepted:   {cim.StatusAccepted},
		cim.StatusDispatched: {cim.StatusAccepted, cim.StatusDispatched},
		cim.StatusHandling:   {cim.StatusAccepted, cim.StatusDispatched, cim.StatusHandling},
		cim.StatusHandled:    {cim.StatusAccepted, cim.StatusDispatched, cim.StatusHandling, cim.StatusHandled},
		cim.StatusClosed:     {cim.StatusAccepted, cim.StatusDispatched, cim.StatusHandling, cim.StatusHandled, cim.StatusClosed},
		cim.StatusRejected:   {cim.StatusRejected},
	}
	at := map[cim.Status]string{}
	for end, way := range ways {
		id := "i-" + string(end)
		at[end] = id
		if err := c.Gate.Incident(f.Context(), "/test", "", reported(c, id)); err != nil {
			f.Fatal(err)
		}
		for i, s := range way {
			if _, err := c.Gate.UpdateIncident(f.Context(), "/test", id, ingest.IncidentUpdate{Status: s, Unit: "u-1", Version: uint32(i + 1)}); err != nil {
				f.Fatal(err)
			}
		}
	}
	return at
}
