package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"onecity/cim"
	"onecity/gov/incident"
	"onecity/internal/flow"
	"onecity/streams"
)

// officeSource is the source of what the government's own work says.
const officeSource = "/office"

// outbox puts what the workflow says into the city's stream, where whoever
// follows the stream hears of it in the order of everything else. The record of
// a case comes back to the model as a fact.
func outbox(broker *streams.Broker) flow.Publish {
	return func(ctx context.Context, m flow.Message) error {
		e := streams.Event{ID: m.ID, Source: officeSource, Type: cim.OfficePrefix + m.Kind + ".v1", Time: m.At}
		var err error
		if m.Kind == incident.KindRecord {
			err = caseFact(m, &e)
		} else {
			e.Data, err = json.Marshal(struct {
				Object string          `json:"object"`
				Region string          `json:"region,omitempty"`
				Org    string          `json:"org,omitempty"`
				Body   json.RawMessage `json:"body"`
			}{m.Object, m.Region, m.Org, m.Body})
		}
		if err != nil {
			return fmt.Errorf("write a message of the outbox: %w", err)
		}
		return broker.Publish(ctx, e, streams.Written)
	}
}

// caseFact makes the fact of a case's record.
func caseFact(m flow.Message, e *streams.Event) error {
	var c incident.Case
	if err := json.Unmarshal(m.Body, &c); err != nil {
		return err
	}
	fact := cim.IncidentPut{Incident: incidentOf(&c)}
	data, err := cim.Encode(fact)
	if err != nil {
		return err
	}
	e.ID, e.Type, e.Data = c.ID+"/v"+strconv.FormatInt(c.Version, 10), cim.TypeOf(fact), data
	return nil
}

// brief are the states of a case as the model has them.
var brief = map[flow.State]cim.Status{
	incident.Reported: cim.StatusReported, incident.Established: cim.StatusAccepted,
	incident.Offered: cim.StatusDispatched, incident.Assigned: cim.StatusDispatched,
	incident.Accepted: cim.StatusHandling, incident.Handling: cim.StatusHandling, incident.Delaying: cim.StatusHandling,
	incident.Suspended: cim.StatusHandling, incident.External: cim.StatusHandling,
	incident.Handled: cim.StatusHandled, incident.Closed: cim.StatusClosed,
	incident.Rejected: cim.StatusRejected, incident.Merged: cim.StatusRejected,
}

// incidentOf is a case as the model shows it.
func incidentOf(c *incident.Case) cim.Incident {
	in := cim.Incident{
		ID: c.ID, Version: uint32(c.Version), Class: c.Class, Title: c.Title, Description: c.Description, Status: brief[c.State],
		Severity: uint8(c.Severity), Lon: c.Lon, Lat: c.Lat, Address: c.Address, Reported: c.Reported, Updated: c.Updated, Channel: c.Channel,
		Unit: c.Unit, Step: string(c.State), Offered: c.Offered, Urged: c.Urged, Merged: c.Merged, Photos: c.Photos,
		Grade: cim.Grade(c.Grade), Simulated: c.Simulated,
	}
	for _, t := range []*time.Time{c.Due, c.Final} {
		if t != nil && (in.Due.IsZero() || t.Before(in.Due)) {
			in.Due = *t
		}
	}
	if c.Closed != nil {
		in.Closed = *c.Closed
	}
	return in
}
