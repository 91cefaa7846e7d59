package open311

import (
	"encoding/xml"
	"net/http"

	"onecity/cim"
)

// service is an incident class as the standard lists it.
type service struct {
	XMLName     xml.Name `json:"-" xml:"service"`
	Code        string   `json:"service_code" xml:"service_code"`
	Name        string   `json:"service_name" xml:"service_name"`
	Description string   `json:"description" xml:"description"`
	// Metadata: there are attributes to ask for. Ours are few and optional.
	Metadata bool   `json:"metadata" xml:"metadata"`
	Type     string `json:"type" xml:"type"` // "realtime": the id comes at once
	Keywords string `json:"keywords" xml:"keywords"`
	Group    string `json:"group" xml:"group"`
}

func (h *handler) services(r *http.Request, _ string) answer {
	var list []service
	for _, c := range cim.Classes() {
		list = append(list, serviceOf(c, english(r)))
	}
	return answer{http.StatusOK, list, struct {
		XMLName  xml.Name `xml:"services"`
		Services []service
	}{Services: list}}
}

func serviceOf(c cim.ClassInfo, en bool) service {
	s := service{Code: c.Code, Name: c.Name, Description: c.Name, Metadata: true, Type: "realtime", Keywords: c.Keywords, Group: c.Group}
	if en {
		s.Name, s.Description, s.Group = c.NameEn, c.NameEn, c.GroupEn
	}
	return s
}

// definition says what may be told about an incident of a class.
type definition struct {
	XMLName    xml.Name    `json:"-" xml:"service_definition"`
	Code       string      `json:"service_code" xml:"service_code"`
	Attributes []attribute `json:"attributes" xml:"attributes>attribute"`
}

type attribute struct {
	// Variable: an answer is expected, it is no mere text to read.
	Variable    bool    `json:"variable" xml:"variable"`
	Code        string  `json:"code" xml:"code"`
	Datatype    string  `json:"datatype" xml:"datatype"`
	Required    bool    `json:"required" xml:"required"`
	Hint        string  `json:"datatype_description" xml:"datatype_description"`
	Order       int     `json:"order" xml:"order"`
	Description string  `json:"description" xml:"description"`
	Values      []keyed `json:"values,omitempty" xml:"values>value,omitempty"`
}

type keyed struct {
	Key  string `json:"key" xml:"key"`
	Name string `json:"name" xml:"name"`
}

func (h *handler) service(r *http.Request, code string) answer {
	c, ok := cim.ClassOf(code)
	if !ok {
		return fail(http.StatusNotFound, "service_code: 案件类别不存在 / no such service: "+code)
	}
	d := definition{Code: c.Code, Attributes: attributes(english(r))}
	return answer{http.StatusOK, d, d}
}

// severities are the four grades of 突发事件分级, 1 the gravest.
var severities = []struct{ key, zh, en string }{
	{"1", "特别重大", "extremely serious"}, {"2", "重大", "serious"}, {"3", "较大", "major"}, {"4", "一般", "ordinary"},
}

func attributes(en bool) []attribute {
	a := attribute{Variable: true, Code: "severity", Datatype: "singlevaluelist", Order: 1,
		Description: "等级", Hint: "不填则按类别默认"}
	if en {
		a.Description, a.Hint = "Severity", "the class's own when left out"
	}
	for _, s := range severities {
		name := s.zh
		if en {
			name = s.en
		}
		a.Values = append(a.Values, keyed{s.key, name})
	}
	return []attribute{a}
}

// discovery is the service discovery document.
func (h *handler) discovery(r *http.Request, _ string) answer {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	type endpoint struct {
		Specification string   `json:"specification" xml:"specification"`
		URL           string   `json:"url" xml:"url"`
		Changeset     string   `json:"changeset" xml:"changeset"`
		Type          string   `json:"type" xml:"type"`
		Formats       []string `json:"formats" xml:"formats>format"`
	}
	d := struct {
		XMLName   xml.Name   `json:"-" xml:"discovery"`
		Changeset string     `json:"changeset" xml:"changeset"`
		Contact   string     `json:"contact" xml:"contact"`
		Endpoints []endpoint `json:"endpoints" xml:"endpoints>endpoint"`
	}{
		Changeset: "2026-01-01T00:00:00Z", Contact: h.Gate.City().Profile().Name,
		Endpoints: []endpoint{{
			Specification: "http://wiki.open311.org/GeoReport_v2", URL: scheme + "://" + r.Host + h.Base,
			Changeset: "2026-01-01T00:00:00Z", Type: "production", Formats: []string{"application/json", "text/xml"},
		}},
	}
	return answer{http.StatusOK, d, d}
}
