package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

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
	DataBase64  json.RawMessage `json:"data_base64,omitempty" hidden:"true"` // not taken: the data are JSON
}

// standingTypes are the events that come in here; all others have their own way.
var standingTypes = []string{
	cim.TypeOf(cim.Profile{}), cim.TypeOf(cim.RegionsPut{}), cim.TypeOf(cim.ObjectsPut{}),
	cim.TypeOf(cim.ObjectsRemoved{}), cim.TypeOf(cim.FormulaPut{}), cim.TypeOf(cim.PrivacyPut{}),
}

func (s *Server) eventRoutes() {
	s.raw(operation{
		need: access.CityWrite, method: http.MethodPost, path: "/api/v1/events", id: "postEvents", tag: "ingest",
		summary: "写入城市本底 Send what stands in the city (CloudEvents batch)",
		description: "区划、要素、公式、城市概况；逐条核验后存入。Regions, objects, the formula and the profile, each checked and stored. " +
			"Types: " + strings.Join(standingTypes, ", ") + ".",
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
	gate := s.gate(r)
	refuse := func(event int, ps ...ingest.Problem) {
		for _, one := range ps[:min(len(ps), ingest.MaxProblems-len(sum.Problems))] {
			one.Item = event
			sum.Problems = append(sum.Problems, one)
		}
	}
	for i, e := range events {
		fact, wrong := e.fact()
		if wrong != nil {
			sum.Rejected++
			refuse(i, *wrong)
			continue
		}
		a, err := gate.Standing(r.Context(), e.Source, e.ID, fact)
		if err != nil {
			s.failed(r.Context(), "store an event", err).Write(w)
			return
		}
		sum.Accepted += a.Accepted
		sum.Rejected += a.Rejected
		for k := range a.Problems {
			a.Problems[k].Field = fieldIn(fact, a.Problems[k])
		}
		refuse(i, a.Problems...)
	}
	if sum.Accepted > 0 {
		kinds := map[string]int{}
		for _, e := range events {
			kinds[e.Type]++
		}
		s.told(r.Context(), "city.write", "city:events", "", "", map[string]any{"types": kinds, "accepted": sum.Accepted, "rejected": sum.Rejected})
	}
	s.accepted(w, "events", sum)
}

// fieldIn is where in its event a fact's problem is, a JSON pointer.
func fieldIn(fact cim.Fact, p ingest.Problem) string {
	at := "/data"
	if _, ok := fact.(cim.ObjectsPut); ok {
		at += "/objects"
		if p.Code != ingest.CodeTooMany {
			at += "/" + strconv.Itoa(p.Item)
		}
	}
	return at + strings.TrimSuffix(p.Field, "/")
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

// fact is what the event says, or what is wrong with it; the problem's field is
// a JSON pointer into the event.
func (e cloudEvent) fact() (cim.Fact, *ingest.Problem) {
	switch {
	case e.SpecVersion != "1.0":
		return nil, &ingest.Problem{Field: "/specversion", Value: ingest.Shorten(e.SpecVersion), Code: ingest.CodeMalformed,
			Message: "不是 CloudEvents 1.0 / not CloudEvents 1.0", Expected: "1.0"}
	case !slices.Contains(standingTypes, e.Type):
		return nil, &ingest.Problem{Field: "/type", Value: ingest.Shorten(e.Type), Code: ingest.CodeUnknownCode,
			Message: "此类事件不由此接口接收 / events of this type do not come in here", Expected: strings.Join(standingTypes, ", ")}
	case len(e.DataBase64) > 0:
		return nil, &ingest.Problem{Field: "/data_base64", Code: ingest.CodeMalformed,
			Message: "内容应为 JSON，不用 Base64 / the data must be JSON, not Base64", Expected: "data"}
	case len(e.Data) == 0:
		return nil, &ingest.Problem{Field: "/data", Code: ingest.CodeMissing, Message: "没有内容 / there is no data"}
	}
	if wrong := ingest.CheckSender(e.Source, e.ID); wrong != nil {
		return nil, wrong
	}
	fact, err := cim.Decode(e.Type, e.Data)
	if err != nil {
		return nil, ingest.MalformedJSON("/data", e.Data, err)
	}
	return fact, nil
}
