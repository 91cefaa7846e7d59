package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/web/problem"
)

// maxEventsBody bounds a batch of events; an importer sends 2 MB at a time.
const maxEventsBody = 16 << 20

// cloudEvent is an event in CloudEvents 1.0's JSON format, batched as in its
// HTTP binding, section 3.3.
type cloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id,omitempty"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Data        json.RawMessage `json:"data"`
}

func (s *Server) eventRoutes() {
	s.raw(operation{
		need: access.CityWrite, method: http.MethodPost, path: "/api/v1/events", id: "postEvents", tag: "ingest",
		summary: "写入城市本底 Send what stands in the city (CloudEvents batch)",
		description: "区划、要素、公式、城市概况；逐条核验后存入。Regions, objects, the formula and the profile, each checked and stored. " +
			"Types: onecity.profile.v1, onecity.regions.v1, onecity.objects.v1, onecity.objects-removed.v1, onecity.formula.v1.",
		body: []cloudEvent{}, bodyType: "application/cloudevents-batch+json", answer: ingest.Accepted{},
		errors: []int{400, 413, 422, 503, 507}, maxBody: maxEventsBody,
	}, s.postEvents)
}

func (s *Server) postEvents(w http.ResponseWriter, r *http.Request) {
	body, p := readBody(r)
	if p != nil {
		p.Write(w)
		return
	}
	events, err := readEvents(body)
	if err != nil {
		problem.New(http.StatusBadRequest, "不是 JSON / not JSON", *ingest.MalformedJSON("", body, err)).Write(w)
		return
	}
	var sum ingest.Accepted
	for i, e := range events {
		fact, wrong := e.fact()
		if wrong != nil {
			wrong.Item = i
			sum.Rejected++
			sum.Problems = append(sum.Problems, *wrong)
			continue
		}
		a, err := s.Gate.Standing(r.Context(), e.Source, e.ID, fact)
		if err != nil {
			s.failed(r.Context(), "store an event", err).Write(w)
			return
		}
		sum.Accepted += a.Accepted
		sum.Rejected += a.Rejected
		for _, one := range a.Problems {
			if len(sum.Problems) == ingest.MaxProblems {
				break
			}
			one.Field = "/" + strconv.Itoa(i) + "/data/" + strconv.Itoa(one.Item) + one.Field
			one.Item = i
			sum.Problems = append(sum.Problems, one)
		}
	}
	s.accepted(w, "events", sum)
}

// readEvents takes a batch, or one event alone.
func readEvents(body []byte) (events []cloudEvent, err error) {
	if body = bytes.TrimSpace(body); len(body) > 0 && body[0] == '{' {
		var one cloudEvent
		err = json.Unmarshal(body, &one)
		return []cloudEvent{one}, err
	}
	err = json.Unmarshal(body, &events)
	return events, err
}

func (e cloudEvent) fact() (cim.Fact, *ingest.Problem) {
	if e.SpecVersion != "1.0" {
		return nil, &ingest.Problem{Field: "/specversion", Value: ingest.Shorten(e.SpecVersion), Code: ingest.CodeMalformed,
			Message: "不是 CloudEvents 1.0 / not CloudEvents 1.0", Expected: "1.0"}
	}
	fact, err := cim.Decode(e.Type, e.Data)
	if err != nil {
		return nil, &ingest.Problem{Field: "/data", Value: ingest.Shorten(e.Type), Code: ingest.CodeMalformed,
			Message: fmt.Sprintf("事件无法读取 / the event cannot be read: %v", err)}
	}
	return fact, nil
}
