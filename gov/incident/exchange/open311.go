package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"onecity/gov/incident"

	"github.com/jackc/pgx/v5"
)

// How often a partner is asked for the end of a case: after askFirst, then each
// time half as long again, at most askMost.
const (
	askFirst = time.Minute
	askMost  = 15 * time.Minute
)

// handOver reports a case to a partner's GeoReport v2 (POST requests.json) and
// keeps the number that it gets there. The Idempotency-Key keeps a partner that
// knows it, such as this program, from taking the same case twice.
func (s *Service) handOver(ctx context.Context, k known, d due) (answer, error) {
	var c incident.Case
	if err := json.Unmarshal(d.Body, &c); err != nil {
		return answer{}, fmt.Errorf("read the case to hand over: %w", err)
	}
	service := c.Class
	if theirs, ok := k.Services[c.Class]; ok {
		service = theirs
	}
	form := url.Values{
		"service_code": {service}, "lat": {number(c.Lat)}, "long": {number(c.Lon)},
		"description": {strings.TrimSpace(c.Title + "\n" + c.Description + "\n（" + c.No + "）")}, "client_id": {d.ID},
	}
	for name, v := range map[string]string{"address_string": c.Address, "jurisdiction_id": k.Jurisdiction, "api_key": k.key, "title": c.Title} {
		if v != "" {
			form.Set(name, v)
		}
	}
	if len(c.Photos) > 0 && s.o.Source != "" {
		form.Set("media_url", strings.TrimSuffix(s.o.Source, "/")+c.Photos[0])
	}
	r, err := s.open311Request(ctx, k, http.MethodPost, "/requests.json", nil, form)
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Idempotency-Key", d.ID)
	a, err := s.exchange(ctx, r)
	if err != nil {
		return a, err
	}
	var receipts []struct {
		ID    text `json:"service_request_id"`
		Token text `json:"token"`
	}
	if err := json.Unmarshal(a.body, &receipts); err != nil || len(receipts) == 0 || receipts[0].ID == "" {
		return a, fmt.Errorf("the answer has no service_request_id: %.200s", printable(a.body))
	}
	_, err = s.pool.Exec(ctx, `insert into exchange.handed (delivery, partner, object, remote, next) values ($1, $2, $3, $4, $5) on conflict do nothing`,
		d.ID, k.ID, c.ID, printable([]byte(receipts[0].ID)), s.now().Add(askFirst))
	if err != nil {
		return a, fmt.Errorf("keep the partner's number of %s: %w", c.ID, err)
	}
	return a, nil
}

// open311Request makes a request of a partner's GeoReport v2, with its key.
func (s *Service) open311Request(ctx context.Context, k known, method, path string, query, form url.Values) (*http.Request, error) {
	u := strings.TrimSuffix(k.URL, "/") + path
	if query == nil {
		query = url.Values{}
	}
	if k.Jurisdiction != "" {
		query.Set("jurisdiction_id", k.Jurisdiction)
	}
	if k.key != "" {
		query.Set("api_key", k.key)
	}
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, u, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "application/json")
	return r, nil
}

// asked is a case that a partner is asked about.
type asked struct {
	Delivery, Case, Remote string
	Since, Asked           time.Time
}

// AskDue asks a partner for the cases that it was handed by Open311 and is due to
// be asked about; one that it has closed comes back.
func (s *Service) AskDue(ctx context.Context, partner string) error {
	for ctx.Err() == nil {
		k, ok := s.known.get(partner)
		if !ok || !k.On {
			return nil
		}
		now := s.now()
		var q asked
		err := s.pool.QueryRow(ctx, `
			update exchange.handed h set next = $3, asked = $2 from exchange.delivery d
			where d.id = h.delivery and h.delivery = (select delivery from exchange.handed where partner = $1 and next <= $2 order by next limit 1
				for update skip locked)
			returning h.delivery::text, h.object, h.remote, coalesce(d.sent, d.made), h.asked`, partner, now, now.Add(askMost)).
			Scan(&q.Delivery, &q.Case, &q.Remote, &q.Since, &q.Asked)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("take a case that %s has: %w", partner, err)
		}
		trouble := s.ask(ctx, k, q)
		if ctx.Err() != nil {
			return nil
		}
		if trouble == nil {
			continue
		}
		s.o.Log.Warn("a partner was asked about a case in vain", "partner", partner, "case", q.Case, "error", trouble)
		if _, err := s.pool.Exec(ctx, `update exchange.handed set error = $2 where delivery = $1`,
			q.Delivery, fmt.Sprintf("%.500s", printable([]byte(trouble.Error())))); err != nil {
			return fmt.Errorf("mark that %s did not answer: %w", partner, err)
		}
		return nil
	}
	return nil
}

// ask asks about one case.
func (s *Service) ask(ctx context.Context, k known, q asked) error {
	if s.cases != nil { // it may have been taken back
		c, err := s.cases.Case(ctx, q.Case)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err != nil || c.State != incident.External || c.Partner != k.ID {
			return s.askLater(ctx, q, "", nil)
		}
	}
	r, err := s.open311Request(ctx, k, http.MethodGet, "/requests/"+url.PathEscape(q.Remote)+".json", nil, nil)
	if err != nil {
		return err
	}
	a, err := s.exchange(ctx, r)
	if err != nil {
		return err
	}
	var list []struct {
		Status string `json:"status"`
		Notes  string `json:"status_notes"`
		Media  string `json:"media_url"`
	}
	if err := json.Unmarshal(a.body, &list); err != nil || len(list) == 0 {
		return fmt.Errorf("the answer has no request: %.200s", printable(a.body))
	}
	if !strings.EqualFold(list[0].Status, "closed") {
		again := s.now().Add(min(max(askFirst, q.Asked.Sub(q.Since)/2), askMost))
		return s.askLater(ctx, q, list[0].Status, &again)
	}
	end := End{ID: "open311/" + q.Delivery, Case: q.Case, Result: resultOf(list[0].Notes), At: s.now()}
	if end.Result == "" {
		end.Result = "对方已办结 closed by " + k.Name
	}
	if list[0].Media != "" {
		end.Photos = []string{list[0].Media}
	}
	if s.cases == nil {
		return errors.New("nobody takes the end of a case")
	}
	if err := s.cases.ComeBack(ctx, k.Partner, end); err != nil {
		return fmt.Errorf("bring case %s back: %w", q.Case, err)
	}
	return s.askLater(ctx, q, "closed", nil)
}

// longestResult is the most characters of a result, as of a webhook's.
const longestResult = 1000

// resultOf is a partner's note as the loop takes it: one with a character that it
// does not take, or without end, would keep the case away for ever.
func resultOf(notes string) string {
	clean := []rune(strings.TrimSpace(printable([]byte(notes))))
	return string(clean[:min(len(clean), longestResult)])
}

// askLater keeps what the partner said and when it is asked again; nil: never.
func (s *Service) askLater(ctx context.Context, q asked, status string, next *time.Time) error {
	_, err := s.pool.Exec(ctx, `update exchange.handed set status = coalesce(nullif($2, ''), status), next = $3, error = '' where delivery = $1`,
		q.Delivery, printable([]byte(status)), next)
	if err != nil {
		return fmt.Errorf("keep what is known of case %s: %w", q.Case, err)
	}
	return nil
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// text is a JSON string, or a number as text: servers of GeoReport differ.
type text string

// UnmarshalJSON takes both.
func (t *text) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*t = text(n.String())
	return nil
}
