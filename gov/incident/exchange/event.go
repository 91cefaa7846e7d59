package exchange

import (
	"encoding/json"
	"time"
)

// Types of what goes out are "onecity.case.<event>.v1", where <event> is the
// state that the case has come into (incident.Established and so on) or
// Updated; "onecity.warning.v1"; and TypeTest.
const (
	typeCase    = "onecity.case."
	typeWarning = "onecity.warning.v1"
	TypeTest    = "onecity.test.v1"
	// Updated is a change of a case within its state.
	Updated = "updated"
)

// Types of what comes in.
const (
	TypeReport = "onecity.report.v1" // data: incident.Report without id, channel, region
	TypeEnded  = "onecity.case.ended.v1"
)

// Event is a CloudEvent 1.0 in its JSON form ("structured mode",
// CloudEvents JSON Event Format 1.0.2).
type Event struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject,omitempty"`
	Time            *time.Time      `json:"time,omitempty"`
	DataContentType string          `json:"datacontenttype,omitempty"`
	DataSchema      string          `json:"dataschema,omitempty"`
	Data            json.RawMessage `json:"data,omitempty"`
	DataBase64      string          `json:"data_base64,omitempty"`
}

// eventMedia is the media type of an Event.
const eventMedia = "application/cloudevents+json"
