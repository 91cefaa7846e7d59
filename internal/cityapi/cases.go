package cityapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"time"
)

// Case is a case 案件 of GET /api/v1/cases/{id}, as far as programs need it.
type Case struct {
	ID       string     `json:"id"`
	No       string     `json:"no"`
	Class    string     `json:"class"`
	State    string     `json:"state"`
	Version  int64      `json:"version"`
	Due      *time.Time `json:"due"`
	Unit     string     `json:"unit"`
	Handler  string     `json:"handler"`
	Offered  []string   `json:"offered"`
	Reporter string     `json:"reporter"`
}

// Command is the body of POST /api/v1/cases/{id}/events.
type Command struct {
	// ID makes a second attempt the same command.
	ID      string         `json:"id,omitempty"`
	Event   string         `json:"event"`
	Version int64          `json:"version"`
	Input   map[string]any `json:"input,omitempty"`
}

type caseAnswer struct {
	Case Case `json:"case"`
}

func casePath(id, what string) string { return "/api/v1/cases/" + url.PathEscape(id) + what }

// Case is a case as it stands; a *Refused with 404 means that there is none
// (yet): a report becomes a case a moment after it was accepted.
func (c *Client) Case(ctx context.Context, id string) (Case, error) {
	var a caseAnswer
	err := c.get(ctx, casePath(id, ""), &a)
	return a.Case, err
}

// Fire leads a case on; a *Refused with 409 means that somebody else has.
func (c *Client) Fire(ctx context.Context, id string, cmd Command) (Case, error) {
	var a caseAnswer
	err := c.post(ctx, casePath(id, "/events"), cmd, &a)
	return a.Case, err
}

// Merge makes a case part of another.
func (c *Client) Merge(ctx context.Context, id, into string, version int64, why string) (Case, error) {
	var a caseAnswer
	err := c.post(ctx, casePath(id, "/merge"), map[string]any{"into": into, "version": version, "why": why}, &a)
	return a.Case, err
}

// Alike is another case that may be the same thing.
type Alike struct {
	Case  Case    `json:"case"`
	Score float64 `json:"score"`
}

// Alike are the open cases that may be the same thing as one, likeliest first.
func (c *Client) Alike(ctx context.Context, id string) ([]Alike, error) {
	var a struct {
		Items []Alike `json:"items"`
	}
	err := c.get(ctx, casePath(id, "/alike"), &a)
	return a.Items, err
}

// Rate gives a closed case the reporter's stars, 1 to 5.
func (c *Client) Rate(ctx context.Context, id string, stars int, text string) error {
	var a caseAnswer
	return c.post(ctx, casePath(id, "/rating"), map[string]any{"stars": stars, "text": text}, &a)
}

// ReportCase is POST /api/v1/cases: a report of somebody who works for the
// city. report is its body; its id makes a second attempt the same report.
func (c *Client) ReportCase(ctx context.Context, report map[string]any) error {
	var a struct {
		Accepted bool `json:"accepted"`
	}
	if err := c.post(ctx, "/api/v1/cases", report, &a); err != nil {
		return err
	}
	if !a.Accepted {
		return errors.New("POST /api/v1/cases: the answer does not say that it was accepted")
	}
	return nil
}

// Photo is a photo to be kept with a case.
type Photo struct {
	ID       string // the sender's, of the proof
	Phase    string // "before", "scene", "after"
	Name     string
	Body     []byte // JPEG or PNG
	Taken    time.Time
	Lon, Lat float64
}

// Prove uploads a photo (tus 1.0, in one piece) and keeps it with a case.
func (c *Client) Prove(ctx context.Context, id string, p Photo) error {
	upload, err := c.upload(ctx, p.Name, p.Body)
	if err != nil {
		return err
	}
	var kept struct {
		ID string `json:"id"`
	}
	return c.post(ctx, casePath(id, "/proofs"), map[string]any{
		"id": p.ID, "upload": upload, "phase": p.Phase, "takenAt": p.Taken, "sentAt": p.Taken, "lon": p.Lon, "lat": p.Lat,
	}, &kept)
}

// upload answers with the upload's id.
func (c *Client) upload(ctx context.Context, name string, body []byte) (string, error) {
	const base = "/api/v1/uploads/"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+base, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header = Bearer(c.token)
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Length", strconv.Itoa(len(body)))
	req.Header.Set("Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name)))
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	res, err := c.http.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		return "", refusal(http.MethodPost, base, res)
	}
	if got := res.Header.Get("Upload-Offset"); got != strconv.Itoa(len(body)) {
		return "", errors.New("POST " + base + ": the server took " + got + " of " + strconv.Itoa(len(body)) + " bytes")
	}
	return path.Base(res.Header.Get("Location")), nil
}
