package open311

import (
	"encoding/xml"
	"net/http"
	"strconv"

	"onecity/ingest"
)

// Error is one error in the standard's form. Code is the HTTP status, and for
// a wrong field the stable code of the problem follows in the description.
type Error struct {
	XMLName     xml.Name `json:"-" xml:"error"`
	Code        string   `json:"code" xml:"code"`
	Description string   `json:"description" xml:"description"`
}

type errorList struct {
	XMLName xml.Name `xml:"errors"`
	Errors  []Error
}

// fail is an answer of errors.
func fail(status int, descriptions ...string) answer {
	var list []Error
	for _, d := range descriptions {
		list = append(list, Error{Code: strconv.Itoa(status), Description: d})
	}
	return answer{status: status, json: list, xml: errorList{Errors: list}}
}

// names are the standard's names of our fields.
var names = map[string]string{
	"/class": "service_code", "/lon,lat": "lat, long", "/description": "description", "/address": "address_string",
	"/photos": "media", "/reported": "requested_datetime", "/id": "client_id", "/title": "title",
}

// failProblems answers 400 with what is wrong with each field.
func failProblems(ps ingest.Problems) answer {
	list := make([]string, len(ps))
	for i, p := range ps {
		name := names[p.Field]
		if name == "" {
			name = p.Field
		}
		list[i] = name + ": " + p.Message
		if p.Value != "" {
			list[i] += " (" + p.Value + ")"
		}
		if p.Expected != "" {
			list[i] += "; expected " + p.Expected
		}
		list[i] += " [" + p.Code + "]"
	}
	return fail(http.StatusBadRequest, list...)
}
