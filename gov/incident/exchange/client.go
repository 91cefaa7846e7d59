package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// answerLimit is how much of an answer is read: nobody needs more of it.
const answerLimit = 64 << 10

var (
	errRedirect = errors.New("the partner redirects, which is not followed: give the address it leads to")
	errLocal    = errors.New("the address is this machine's or a link's own, which no partner has")
)

// newClient sends to partners: no redirect, no proxy, no cookie, bounded in
// time; never to this machine or a link-local address, whatever a name resolves
// to (government networks' private addresses are where partners are).
func newClient(timeout time.Duration, loopback bool) *http.Client {
	d := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		ip := net.ParseIP(host)
		if ip == nil || ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast() || ip.IsLoopback() && !loopback {
			return fmt.Errorf("%s: %w", host, errLocal)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: d.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: timeout,
			MaxResponseHeaderBytes: 32 << 10, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute,
		},
	}
}

// answer is what a partner said.
type answer struct {
	status int
	body   []byte
	retry  string // Retry-After
	took   time.Duration
}

// exchange sends a request and reads the answer.
func (s *Service) exchange(ctx context.Context, r *http.Request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	r.Header.Set("User-Agent", "OneCity")
	began := time.Now()
	resp, err := s.client.Do(r.WithContext(ctx))
	if err != nil {
		return answer{took: time.Since(began)}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	a := answer{resp.StatusCode, body, resp.Header.Get("Retry-After"), time.Since(began)}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return a, fmt.Errorf("%d: %w", resp.StatusCode, errRedirect)
	case resp.StatusCode < 200 || resp.StatusCode >= 300:
		return a, fmt.Errorf("HTTP %d: %.200s", resp.StatusCode, printable(body))
	case err != nil:
		return a, fmt.Errorf("read the answer: %w", err)
	}
	return a, nil
}

// printable is a text that the database and a page take.
func printable(b []byte) string {
	out := make([]rune, 0, len(b))
	for _, r := range string(b) {
		if r >= ' ' && r != '\uFFFD' {
			out = append(out, r)
		}
	}
	return string(out)
}
