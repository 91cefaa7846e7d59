package cityapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client speaks with one server as one source.
type Client struct {
	base   string
	source string
	token  string
	http   *http.Client
}

// New makes a client of the server at base ("http://127.0.0.1:8080"); source
// names it in the events that it causes ("/simulate").
func New(base, source string) *Client {
	return &Client{base: strings.TrimRight(base, "/"), source: source, http: &http.Client{Timeout: 60 * time.Second}}
}

// As makes the client show that token.
func (c *Client) As(token string) *Client {
	c.token = token
	return c
}

// Bearer is the header that shows a token; none for an empty one.
func Bearer(token string) http.Header {
	if token == "" {
		return http.Header{}
	}
	return http.Header{"Authorization": {"Bearer " + token}}
}

// Refused is an answer other than success.
type Refused struct {
	Status int
	// Codes of the problems, such as "unknown-device"; see package ingest.
	Codes []string
	Text  string
}

func (r *Refused) Error() string { return fmt.Sprintf("the server answered %d: %s", r.Status, r.Text) }

// IsRefused tells a refusal with that status from a line that is broken.
func IsRefused(err error, status int) bool {
	var r *Refused
	return errors.As(err, &r) && r.Status == status
}

// problems is what is read of an answer about a batch.
type problems struct {
	Accepted int       `json:"accepted"`
	Problems []problem `json:"problems"`
	Errors   []problem `json:"errors"`
}

type problem struct {
	Code string `json:"code"`
}

func (p *problems) codes() (codes []string) {
	for _, list := range [][]problem{p.Problems, p.Errors} {
		for _, x := range list {
			codes = append(codes, x.Code)
		}
	}
	return codes
}

// Open makes a request and hands out the answer's body, which the caller
// closes; what is no success is a *Refused.
func (c *Client) Open(ctx context.Context, method, path string, header http.Header, body io.Reader) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header = Bearer(c.token)
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode < 300 {
		return res.Body, nil
	}
	defer res.Body.Close()
	return nil, refusal(method, path, res)
}

// refusal is what an answer that is no success says.
func refusal(method, path string, res *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what can be read of it
	r := &Refused{Status: res.StatusCode, Text: strings.TrimSpace(string(text))}
	var p problems
	if json.Unmarshal(text, &p) == nil {
		r.Codes = p.codes()
	}
	if len(r.Text) > 300 {
		r.Text = strings.ToValidUTF8(r.Text[:300], "") + "…"
	}
	return fmt.Errorf("%s %s: %w", method, path, r)
}

func (c *Client) call(ctx context.Context, method, path string, header http.Header, body io.Reader, into any) error {
	answer, err := c.Open(ctx, method, path, header, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if err := json.NewDecoder(answer).Decode(into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	return c.call(ctx, http.MethodGet, path, nil, nil, into)
}

func (c *Client) post(ctx context.Context, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(b), into)
}
