package open311

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// Limits of a search, the standard's: 90 days or 1,000 requests. A page is 50
// unless asked otherwise.
const (
	maxSpan     = 90 * 24 * time.Hour
	maxResults  = 1000
	defaultPage = 50
)

// query is a search that has been read.
type query struct {
	ids      []string
	classes  []string
	from, to time.Time
	open     bool
	closed   bool
	page     int
	size     int
}

func (h *handler) search(r *http.Request, _ string) answer {
	q, wrong := readQuery(r.URL.Query(), h.Gate.Now())
	if len(wrong) > 0 {
		return fail(http.StatusBadRequest, wrong...)
	}
	zone, en := h.zone(), english(r)
	var list []request
	if len(q.ids) > 0 { // these override every other condition
		for _, id := range q.ids {
			if in, ok := h.find(r, id); ok {
				list = append(list, h.requestOf(&in, zone, en))
			}
		}
		return h.requests(http.StatusOK, list)
	}
	found := h.matching(r, q)
	from := min((q.page-1)*q.size, len(found))
	for _, in := range found[from:min(from+q.size, len(found))] {
		list = append(list, h.requestOf(in, zone, en))
	}
	return h.requests(http.StatusOK, list)
}

// matching are the newest maxResults incidents that q asks for, newest first.
// The model knows those that are open or were closed within a day.
func (h *handler) matching(r *http.Request, q query) []*cim.Incident {
	var found []*cim.Incident
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	h.Gate.CityFor(h.Scope(r)).Incidents(world, 0, func(s *cim.IncidentState) bool {
		if q.wants(s.Incident) {
			found = append(found, s.Incident)
		}
		return true
	})
	slices.SortFunc(found, func(a, b *cim.Incident) int {
		if c := b.Reported.Compare(a.Reported); c != 0 {
			return c
		}
		return cmp.Compare(b.ID, a.ID)
	})
	return found[:min(len(found), maxResults)]
}

func (q *query) wants(in *cim.Incident) bool {
	if in.Status.Open() && !q.open || !in.Status.Open() && !q.closed {
		return false
	}
	if len(q.classes) > 0 && !slices.Contains(q.classes, in.Class) {
		return false
	}
	return !in.Reported.Before(q.from) && !in.Reported.After(q.to)
}

func readQuery(v url.Values, now time.Time) (q query, wrong []string) {
	q = query{ids: list(v.Get("service_request_id")), classes: list(v.Get("service_code")), page: 1, size: defaultPage}
	if len(q.ids) > maxResults {
		wrong = append(wrong, "service_request_id: 编号过多 / too many ids; expected at most "+strconv.Itoa(maxResults))
	}
	date := func(name string) (t time.Time) {
		s := v.Get(name)
		if s == "" {
			return t
		}
		t, err := time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+")) // a + that was not escaped
		if err != nil {
			wrong = append(wrong, name+": 不是时间 / not a time: "+s+"; expected one such as 2026-01-31T08:00:00Z")
		}
		return t
	}
	q.from, q.to = date("start_date"), date("end_date")
	switch {
	case q.from.IsZero() && q.to.IsZero():
		q.from, q.to = now.Add(-maxSpan), now.Add(time.Hour)
	case q.from.IsZero():
		q.from = q.to.Add(-maxSpan)
	case q.to.IsZero():
		q.to = q.from.Add(maxSpan)
	case q.to.Before(q.from):
		wrong = append(wrong, "end_date: 早于 start_date / it is before start_date")
	case q.to.Sub(q.from) > maxSpan:
		wrong = append(wrong, "end_date: 跨度超过 90 天 / the span is over 90 days")
	}
	statuses := list(v.Get("status"))
	q.open, q.closed = len(statuses) == 0, len(statuses) == 0
	for _, s := range statuses {
		switch strings.ToLower(s) {
		case "open":
			q.open = true
		case "closed":
			q.closed = true
		default:
			wrong = append(wrong, "status: 状态只有 open 和 closed / expected open or closed, not "+s)
		}
	}
	number := func(name string, into *int, most int) {
		if s := v.Get(name); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1 || n > most {
				wrong = append(wrong, name+": 超出范围 / out of range: "+s+"; expected 1 … "+strconv.Itoa(most))
				return
			}
			*into = n
		}
	}
	number("page", &q.page, 1_000_000)
	number("page_size", &q.size, maxResults)
	return q, wrong
}

// list splits "a,b" and drops what is empty.
func list(s string) (parts []string) {
	for p := range strings.SplitSeq(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}
