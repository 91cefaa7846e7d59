package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// api is the server's HTTP interface, as far as a simulation needs it.
type api struct {
	base string
	http *http.Client
}

func newAPI(base string) *api {
	return &api{base: strings.TrimRight(base, "/"), http: &http.Client{Timeout: 60 * time.Second}}
}

// refused is an answer other than success.
type refused struct {
	Status int
	Codes  []string // of the problems
	Text   string
}

func (r *refused) Error() string { return fmt.Sprintf("the server answered %d: %s", r.Status, r.Text) }

// isRefused tells a refusal with that status from a line that is broken.
func isRefused(err error, status int) bool {
	var r *refused
	return errors.As(err, &r) && r.Status == status
}

// problems is what the simulation reads of an answer about a batch.
type problems struct {
	Accepted int `json:"accepted"`
	Problems []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"problems"`
	Errors []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"errors"`
}

func (p *problems) codes() (codes []string) {
	for _, x := range append(p.Problems, p.Errors...) {
		codes = append(codes, x.Code)
	}
	return codes
}

func (a *api) call(ctx context.Context, method, path string, header http.Header, body io.Reader, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
		r := &refused{Status: res.StatusCode, Text: strings.TrimSpace(string(text))}
		var p problems
		if json.Unmarshal(text, &p) == nil {
			r.Codes = p.codes()
		}
		if len(r.Text) > 300 {
			r.Text = r.Text[:300] + "…"
		}
		return fmt.Errorf("%s %s: %w", method, path, r)
	}
	if into == nil {
		_, err = io.Copy(io.Discard, res.Body)
		return err
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

func (a *api) get(ctx context.Context, path string, into any) error {
	return a.call(ctx, http.MethodGet, path, nil, nil, into)
}

func (a *api) post(ctx context.Context, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return a.call(ctx, http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(b), into)
}

// cityInfo is GET /api/v1/city.
type cityInfo struct {
	Code     geo.Code   `json:"code"`
	Name     string     `json:"name"`
	TimeZone string     `json:"timeZone"`
	BBox     [4]float64 `json:"bbox"`
	Centre   orb.Point  `json:"centre"`
}

// place is one region of GET /api/v1/regions.
type place struct {
	Code   geo.Code  `json:"code"`
	Name   string    `json:"name"`
	Level  string    `json:"level"`
	Parent geo.Code  `json:"parent"`
	Centre orb.Point `json:"centre"`
}

func (a *api) city(ctx context.Context) (c cityInfo, err error) {
	return c, a.get(ctx, "/api/v1/city", &c)
}

// regions are the city, its districts and its villages; grids are not named in
// addresses.
func (a *api) regions(ctx context.Context) (all []place, err error) {
	for _, level := range []string{"city", "district", "village"} {
		var r struct {
			Regions []place `json:"regions"`
		}
		if err := a.get(ctx, "/api/v1/regions?limit=5000&level="+level, &r); err != nil {
			return nil, err
		}
		all = append(all, r.Regions...)
	}
	return all, nil
}

// class is one of GET /api/v1/incident-classes.
type class struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Limit int    `json:"limitMinutes"`
}

func (a *api) classes(ctx context.Context) ([]class, error) {
	var r struct {
		Classes []class `json:"classes"`
	}
	return r.Classes, a.get(ctx, "/api/v1/incident-classes", &r)
}

// credential is what a newcomer signs in with.
type credential struct {
	ID       string `json:"id"`
	Password string `json:"password"`
}

// register makes things known, in batches, and returns the passwords of those
// the server saw for the first time.
func register[T any](ctx context.Context, a *api, things string, list []T) (map[string]string, error) {
	const batch = 1000
	passwords := make(map[string]string, len(list))
	for len(list) > 0 {
		some := list[:min(batch, len(list))]
		list = list[len(some):]
		var answer struct {
			problems
			Credentials []credential `json:"credentials"`
		}
		if err := a.post(ctx, "/api/v1/"+things, map[string]any{"source": source, things: some}, &answer); err != nil {
			return nil, err
		}
		if answer.Accepted < len(some) {
			return nil, fmt.Errorf("register %s: %d of %d accepted: %v", things, answer.Accepted, len(some), answer.codes())
		}
		for _, c := range answer.Credentials {
			passwords[c.ID] = c.Password
		}
	}
	return passwords, nil
}

// password asks for a new one: the first is told only once, maybe to a run
// before this.
func (a *api) password(ctx context.Context, id string) (string, error) {
	var c credential
	err := a.post(ctx, "/api/v1/credentials/"+url.PathEscape(id), struct{}{}, &c)
	return c.Password, err
}

// source names the simulation in the events it causes.
const source = "/simulate"

func (a *api) observe(ctx context.Context, obs []cim.Observation) (int, error) {
	var answer problems
	err := a.post(ctx, "/api/v1/observations", map[string]any{"source": source, "observations": obs}, &answer)
	return answer.Accepted, err
}

func (a *api) move(ctx context.Context, ps []cim.Position) (int, error) {
	var answer problems
	err := a.post(ctx, "/api/v1/positions", map[string]any{"source": source, "positions": ps}, &answer)
	return answer.Accepted, err
}

// report sends an Open311 request; key makes a second attempt the same report.
func (a *api) report(ctx context.Context, key string, form url.Values) (id string, err error) {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Idempotency-Key": {key}}
	var answer []struct {
		ID string `json:"service_request_id"`
	}
	if err := a.call(ctx, http.MethodPost, "/open311/v2/requests.json", header, strings.NewReader(form.Encode()), &answer); err != nil {
		return "", err
	}
	if len(answer) == 0 || answer[0].ID == "" {
		return "", errors.New("POST /open311/v2/requests.json: the answer names no request")
	}
	return answer[0].ID, nil
}

// update is POST /api/v1/incidents/{id}/updates.
type update struct {
	Status  cim.Status `json:"status,omitempty"`
	Unit    string     `json:"unit,omitempty"`
	Note    string     `json:"note,omitempty"`
	Version uint32     `json:"version"`
}

func (a *api) update(ctx context.Context, id string, u update) (in cim.Incident, err error) {
	return in, a.post(ctx, "/api/v1/incidents/"+url.PathEscape(id)+"/updates", u, &in)
}

func (a *api) incident(ctx context.Context, id string) (in cim.Incident, err error) {
	return in, a.get(ctx, "/api/v1/incidents/"+url.PathEscape(id), &in)
}

// openIncidents are all that are not closed.
func (a *api) openIncidents(ctx context.Context) (all []cim.Incident, err error) {
	after := ""
	for {
		var page struct {
			Incidents []cim.Incident `json:"incidents"`
			Next      string         `json:"next"`
		}
		if err := a.get(ctx, "/api/v1/incidents?status=open&limit=1000&after="+url.QueryEscape(after), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Incidents...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}
