package cityapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"onecity/cim"
)

// Report sends an Open311 request, as its form, and returns the incident's id.
// key makes a second attempt the same report.
func (c *Client) Report(ctx context.Context, key string, form url.Values) (id string, err error) {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Idempotency-Key": {key}}
	var answer []struct {
		ID string `json:"service_request_id"`
	}
	if err := c.call(ctx, http.MethodPost, "/open311/v2/requests.json", header, strings.NewReader(form.Encode()), &answer); err != nil {
		return "", err
	}
	if len(answer) == 0 || answer[0].ID == "" {
		return "", errors.New("POST /open311/v2/requests.json: the answer names no request")
	}
	return answer[0].ID, nil
}

// OpenIncidents are all that are not closed.
func (c *Client) OpenIncidents(ctx context.Context) (all []cim.Incident, err error) {
	for after := ""; ; {
		var page struct {
			Incidents []cim.Incident `json:"incidents"`
			Next      string         `json:"next"`
		}
		if err := c.get(ctx, "/api/v1/incidents?status=open&limit=1000&after="+url.QueryEscape(after), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Incidents...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}
