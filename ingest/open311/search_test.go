package open311_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"onecity/cim"
)

func TestRequestsAreSearched(t *testing.T) {
	s := start(t)
	now := s.Clock.Now()
	for _, in := range []cim.Incident{
		{ID: "a", Class: "C0105", Status: cim.StatusReported, Reported: now.Add(-3 * time.Hour)},
		{ID: "b", Class: "C0101", Status: cim.StatusHandling, Reported: now.Add(-2 * time.Hour)},
		{ID: "c", Class: "C0101", Status: cim.StatusClosed, Closed: now, Reported: now.Add(-time.Hour)},
		{ID: "d", Class: "E0101", Status: cim.StatusRejected, Closed: now, Reported: now.Add(-5 * 24 * time.Hour)},
	} {
		in.Version, in.Severity, in.Lon, in.Lat = 2, 4, 121, 31.4
		s.Lead(t, in)
	}
	s.Until(t, "all are there", func(r cim.Reader) bool { _, ok := r.Incident("d"); return ok })
	hour := func(h int) string { return url.QueryEscape(now.Add(time.Duration(h) * time.Hour).Format(time.RFC3339)) }
	for query, want := range map[string]string{
		"":                                    "c b a d", // newest first
		"?status=open":                        "b a",
		"?status=closed":                      "c d",
		"?status=open,closed":                 "c b a d",
		"?service_code=C0101":                 "c b",
		"?service_code=C0101,E0101":           "c b d",
		"?service_code=C0101&status=open":     "b",
		"?service_request_id=a,d":             "a d",
		"?service_request_id=a&status=closed": "a", // overrides the rest
		"?service_request_id=nothing":         "",
		"?start_date=" + hour(-4):             "c b a",
		"?end_date=" + hour(-1) + "&start_date=" + hour(-26): "b a",
		"?page_size=2":        "c b",
		"?page_size=2&page=2": "a d",
		"?page_size=2&page=3": "",
	} {
		var qs []request
		s.get(t, "/requests.json"+query, 200, &qs)
		var got []string
		for _, q := range qs {
			got = append(got, q.ID)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: got %q, want %q", query, g, want)
		}
	}
	for _, query := range []string{"?status=lost", "?page=0", "?page_size=9999", "?start_date=yesterday",
		"?start_date=2026-01-01T00:00:00Z&end_date=2026-12-31T00:00:00Z", "?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z"} {
		var es []failure
		s.get(t, "/requests.json"+query, 400, &es)
	}
}
