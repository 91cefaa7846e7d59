package open311

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"path"
	"strings"
)

// format of an answer.
type format string

// The formats. Without an extension it is JSON, which every client of today
// reads.
const (
	JSON format = "json"
	XML  format = "xml"
)

func (f format) known() bool { return f == JSON || f == XML }

// split takes the extension off the last element of a path. An id may have
// dots in it, a format not: what is no format is part of the id.
func split(p string) (last string, f format) {
	last = path.Base(p)
	i := strings.LastIndexByte(last, '.')
	if i < 0 {
		return last, JSON
	}
	if f = format(strings.ToLower(last[i+1:])); f.known() {
		return last[:i], f
	}
	return last, JSON
}

// answer is what a request is answered with: a list (or one thing) that has
// both forms.
type answer struct {
	status int
	json   any
	xml    any
}

func reply(w http.ResponseWriter, f format, a answer) {
	var body []byte
	var err error
	contentType := "application/json; charset=utf-8"
	if f == XML {
		contentType = "text/xml; charset=utf-8"
		if body, err = xml.Marshal(a.xml); err == nil {
			body = append([]byte(xml.Header), body...)
		}
	} else {
		body, err = json.Marshal(a.json)
	}
	if err != nil {
		http.Error(w, "encode the answer: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // an error is the line's
}
