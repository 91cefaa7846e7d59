package open311

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"onecity/cim"
)

// request is an incident as the standard shows it. A field that is not known
// is empty in XML and null in JSON, as the standard's examples have it.
type request struct {
	XMLName       xml.Name `json:"-" xml:"request"`
	ID            string   `json:"service_request_id" xml:"service_request_id"`
	Status        string   `json:"status" xml:"status"`
	StatusNotes   *string  `json:"status_notes" xml:"status_notes"`
	ServiceName   string   `json:"service_name" xml:"service_name"`
	ServiceCode   string   `json:"service_code" xml:"service_code"`
	Description   *string  `json:"description" xml:"description"`
	Agency        *string  `json:"agency_responsible" xml:"agency_responsible"`
	ServiceNotice *string  `json:"service_notice" xml:"service_notice"`
	Requested     string   `json:"requested_datetime" xml:"requested_datetime"`
	Updated       string   `json:"updated_datetime" xml:"updated_datetime"`
	Expected      *string  `json:"expected_datetime" xml:"expected_datetime"`
	Address       *string  `json:"address" xml:"address"`
	AddressID     *string  `json:"address_id" xml:"address_id"`
	Zipcode       *string  `json:"zipcode" xml:"zipcode"`
	Lat           float64  `json:"lat" xml:"lat"`
	Long          float64  `json:"long" xml:"long"`
	MediaURL      *string  `json:"media_url" xml:"media_url"`
	// MediaURLs are all photos; the standard has room for one.
	MediaURLs []string `json:"media_urls,omitempty" xml:"media_urls>media_url,omitempty"`
	// Extended says what the standard has no field for.
	Extended extended `json:"extended_attributes" xml:"extended_attributes"`
}

type extended struct {
	Status    cim.Status `json:"status" xml:"status"`
	Version   uint32     `json:"version" xml:"version"`
	Severity  uint8      `json:"severity" xml:"severity"`
	Region    string     `json:"region,omitempty" xml:"region,omitempty"`
	Simulated bool       `json:"simulated,omitempty" xml:"simulated,omitempty"`
}

// steps are the names of the statuses.
var steps = map[cim.Status][2]string{
	cim.StatusReported:   {"已受理，待立案", "reported"},
	cim.StatusAccepted:   {"已立案，待派遣", "accepted"},
	cim.StatusDispatched: {"已派遣", "dispatched"},
	cim.StatusHandling:   {"处理中", "being handled"},
	cim.StatusHandled:    {"已处理，待核查", "handled, to be checked"},
	cim.StatusClosed:     {"已结案", "closed"},
	cim.StatusRejected:   {"不予立案", "rejected"},
}

// requestOf shows an incident. zone is the city's.
func (h *handler) requestOf(in *cim.Incident, zone *time.Location, en bool) request {
	q := request{
		ID: in.ID, Status: "open", ServiceCode: in.Class, ServiceName: in.Class,
		Description: known(in.Description), Address: known(in.Address), Agency: known(in.Unit),
		Requested: stamp(in.Reported, zone), Updated: stamp(in.Updated, zone), Lat: in.Lat, Long: in.Lon,
		Extended: extended{in.Status, in.Version, in.Severity, string(in.Region), in.Simulated},
	}
	if !in.Status.Open() {
		q.Status = "closed"
	}
	if in.Updated.IsZero() {
		q.Updated = q.Requested
	}
	if !in.Due.IsZero() {
		q.Expected = known(stamp(in.Due, zone))
	}
	lang := 0
	if en {
		lang = 1
	}
	note := steps[in.Status][lang]
	if in.Note != "" {
		note += ": " + in.Note
	}
	q.StatusNotes = known(note)
	if c, ok := cim.ClassOf(in.Class); ok {
		q.ServiceName = [2]string{c.Name, c.NameEn}[lang]
	}
	for _, p := range in.Photos {
		q.MediaURLs = append(q.MediaURLs, h.MediaBase+strings.TrimPrefix(p, h.MediaBase))
	}
	if len(q.MediaURLs) > 0 {
		q.MediaURL = &q.MediaURLs[0]
	}
	return q
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// stamp is the standard's time: W3C's profile of ISO 8601, to the second.
func stamp(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.RFC3339) }

// zone is the city's, UTC before it has a profile.
func (h *handler) zone() *time.Location {
	z, err := time.LoadLocation(h.Gate.City().Profile().TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}

func (h *handler) request(r *http.Request, id string) answer {
	if key := r.URL.Query().Get(keyField); key != "" {
		return h.own(r, id, key)
	}
	in, ok := h.find(r, id)
	if !ok {
		return unknown(id)
	}
	return h.requests(http.StatusOK, []request{h.requestOf(&in, h.zone(), english(r))})
}

func unknown(id string) answer {
	return fail(http.StatusNotFound, "service_request_id: 没有此案件 / no such request: "+id)
}

// find looks one up, within what the reader may see.
func (h *handler) find(r *http.Request, id string) (cim.Incident, bool) {
	in, ok := h.Gate.FindIncident(id)
	if !ok || !h.Scope(r).Sees(cim.LayerIncidents, in.Region, in.Grade) {
		return cim.Incident{}, false
	}
	return in, true
}

func (h *handler) requests(status int, list []request) answer {
	if list == nil {
		list = []request{}
	}
	return answer{status, list, struct {
		XMLName  xml.Name `xml:"service_requests"`
		Requests []request
	}{Requests: list}}
}
