package ingesttest

import (
	"strconv"
	"testing"

	"onecity/cim"
	"onecity/streams"
)

// Lead puts an incident into the stream as those who handle it do, whatever
// its status; the version must be above that of its report.
func (c *City) Lead(t testing.TB, in cim.Incident) {
	t.Helper()
	fact := cim.IncidentPut{Incident: in}
	data, err := cim.Encode(fact)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Broker.Publish(t.Context(), streams.Event{
		ID: in.ID + "/v" + strconv.Itoa(int(in.Version)), Source: "/office", Type: cim.TypeOf(fact), Time: c.Clock.Now(), Data: data,
	}, streams.Written); err != nil {
		t.Fatal(err)
	}
}
