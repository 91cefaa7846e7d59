package open311

import (
	"net/url"
	"testing"
	"time"
)

// FuzzSearch: a query is understood or every parameter that is wrong is named.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		"service_request_id=a,b&status=open,closed", "service_code=1&start_date=2026-01-01T00:00:00Z&end_date=2026-01-02T00:00:00+08:00",
		"page=2&page_size=50", "page=-1&page_size=1e9", "start_date=yesterday", "status=lost", "status=&&&", "service_request_id=%zz",
	} {
		f.Add(seed)
	}
	now := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		_, wrong := readQuery(values, now)
		for _, w := range wrong {
			if w == "" {
				t.Errorf("%q is refused without a word", raw)
			}
		}
	})
}
