package open311

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"unicode/utf8"

	"onecity/cim"
)

// Owner is what a report has for whoever made it. GeoReport v2 knows no
// reporters without an account; this extension gives each report a key
// (report_key) with its receipt. Whoever shows it reads that request and rates
// its end. No name, no number of a telephone is needed, and none is kept.
type Owner interface {
	// Key is the key of a report: always the same.
	Key(id string) string
	// Holds reports whether key is that of the report id.
	Holds(id, key string) bool
	// Past is a request that the model shows no longer; false: there is none.
	Past(ctx context.Context, id string) (cim.Incident, bool, error)
	// Rate keeps the rating of whoever reported it, 1 to 5 stars.
	Rate(ctx context.Context, id string, stars int, text string) error
}

// What an Owner answers to a rating that cannot be kept.
var (
	ErrUnknown = errors.New("no such request")
	ErrEarly   = errors.New("the request has not ended")
	ErrRated   = errors.New("the request was rated before")
)

// keyField is the name of the key in receipts, queries and forms.
const keyField = "report_key"

// maxRating is the most characters of what somebody says to their rating.
const maxRating = 500

// own shows a request to whoever reported it: how it stands, and not who deals with it.
func (h *handler) own(r *http.Request, id, key string) answer {
	if h.Owner == nil || !h.Owner.Holds(id, key) {
		return unknown(id) // whether it is there is not for everybody
	}
	in, ok := h.Gate.FindIncident(id)
	if !ok {
		var err error
		if in, ok, err = h.Owner.Past(r.Context(), id); err != nil {
			return failed(err)
		}
	}
	if !ok {
		return unknown(id)
	}
	in.Unit = ""
	return h.requests(http.StatusOK, []request{h.requestOf(&in, h.zone(), english(r))})
}

// rated is the answer to a rating.
type rated struct {
	ID    string `json:"service_request_id" xml:"service_request_id"`
	Stars int    `json:"stars" xml:"stars"`
}

// rate takes a rating: report_key, stars and, if there is one, text.
func (h *handler) rate(r *http.Request, _ string) answer {
	if a, ok := readForm(r); !ok {
		return a
	}
	id := r.PathValue("id")
	if h.Owner == nil || !h.Owner.Holds(id, r.PostForm.Get(keyField)) {
		return unknown(id)
	}
	stars, err := strconv.Atoi(r.PostForm.Get("stars"))
	if err != nil || stars < 1 || stars > 5 {
		return fail(http.StatusBadRequest, "stars: 应为 1 至 5 / expected 1 to 5")
	}
	text := r.PostForm.Get("text")
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxRating {
		return fail(http.StatusBadRequest, "text: 最多 500 字 / expected at most 500 characters")
	}
	switch err := h.Owner.Rate(r.Context(), id, stars, text); {
	case errors.Is(err, ErrUnknown):
		return unknown(id)
	case errors.Is(err, ErrEarly):
		return fail(http.StatusConflict, "尚未办结，暂不能评价 / it has not ended yet: rate it then")
	case errors.Is(err, ErrRated):
		return fail(http.StatusConflict, "已评价 / it was rated before")
	case err != nil:
		return failed(err)
	}
	return answer{http.StatusOK, []rated{{id, stars}}, struct {
		XMLName struct{} `xml:"ratings"`
		Ratings []rated  `xml:"rating"`
	}{Ratings: []rated{{id, stars}}}}
}
