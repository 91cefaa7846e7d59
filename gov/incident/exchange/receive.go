package exchange

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"onecity/gov/incident"
	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
)

// Path is where partners send; ?partner= says which one.
const Path = "/exchange/v1/events"

// MaxBody is the most bytes of what a partner sends.
const MaxBody = 256 << 10

// Receipt is the answer to what a partner sent.
type Receipt struct {
	ID        string `json:"id"` // the event's
	Accepted  bool   `json:"accepted"`
	Duplicate bool   `json:"duplicate,omitempty"` // it was taken before
	Case      string `json:"case,omitempty"`      // the case that it became, or ended
}

// ErrEvent: what came in is signed, but is no event that is taken.
var ErrEvent = errors.New("the event cannot be taken")

// Receive takes what a partner has sent: body with its headers, at most MaxBody.
// ErrSignature when it is not signed, ErrNotFound for a partner that is not
// there or off, ErrEvent when nothing can be done with it; any other error
// means that it is to be sent again.
func (s *Service) Receive(ctx context.Context, partner string, h http.Header, body []byte) (Receipt, error) {
	k, ok := s.known.get(partner)
	if !ok || !k.On || k.Kind != Webhook {
		return Receipt{}, fmt.Errorf("the partner %.40q: %w", partner, ErrNotFound)
	}
	message, err := Verify(h, k.good(s.now()), s.now(), body)
	if err != nil {
		return Receipt{}, err
	}
	e, err := readEvent(h, body)
	if err != nil {
		return Receipt{}, err
	}
	// The message's id goes with its signature; the event's id, which a sender may
	// repeat in another message, names what it says.
	before, known, err := s.receivedBefore(ctx, k.ID, message, e.ID)
	if err == nil && known {
		return Receipt{ID: e.ID, Accepted: true, Duplicate: true, Case: before}, nil
	}
	if err != nil && e.Type != TypeReport {
		return Receipt{}, err
	}
	// A report goes on while the database is away: the gate takes it once anyhow.
	var id string
	switch e.Type {
	case TypeReport:
		id, err = s.reported(ctx, k.Partner, e)
	case TypeEnded:
		id, err = s.ended(ctx, k.Partner, e)
	case TypeTest:
	default:
		err = fmt.Errorf("%w: type %.80q is not one of %s, %s, %s", ErrEvent, e.Type, TypeReport, TypeEnded, TypeTest)
	}
	if err != nil {
		return Receipt{}, err
	}
	if err := s.keep(ctx, k.Partner, message, e, id); err != nil && e.Type != TypeReport {
		return Receipt{}, err
	} else if err != nil {
		s.o.Log.Warn("a partner's report was taken and could not be noted", "partner", k.ID, "case", id, "error", err)
	}
	return Receipt{ID: e.ID, Accepted: true, Case: id}, nil
}

// receivedBefore finds what a message has done before.
func (s *Service) receivedBefore(ctx context.Context, partner, message, event string) (object string, known bool, err error) {
	err = s.pool.QueryRow(ctx, `select object from exchange.received where partner = $1 and id = any($2) limit 1`,
		partner, []string{"message " + message, "event " + event}).Scan(&object)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look whether %s of %s came before: %w", event, partner, err)
	}
	return object, true, nil
}

// keep notes what came in.
func (s *Service) keep(ctx context.Context, p Partner, message string, e Event, object string) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, id := range []string{"message " + message, "event " + e.ID} {
			if _, err := tx.Exec(ctx, `insert into exchange.received (partner, id, at, type, object) values ($1, $2, $3, $4, $5) on conflict do nothing`,
				p.ID, id, s.now(), e.Type, object); err != nil {
				return err
			}
		}
		return s.write(ctx, tx, audit.Entry{Actor: "partner:" + p.ID, Action: "incident.partner.receive", Object: objectOf(p, object),
			Region: p.Region, Outcome: audit.Done, Detail: told(map[string]string{"type": e.Type, "event": e.ID})})
	})
	if err != nil {
		return fmt.Errorf("note what %s sent: %w", p.ID, err)
	}
	return nil
}

func objectOf(p Partner, id string) string {
	if id == "" {
		return object(p)
	}
	return "incident:" + id
}

func told(v map[string]string) json.RawMessage {
	body, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage(`{}`) // texts always can be told
	}
	return body
}

// readEvent reads a CloudEvent in structured mode, or in binary mode where the
// attributes are headers "ce-…" (HTTP Protocol Binding 1.0.2, section 3.1).
func readEvent(h http.Header, body []byte) (e Event, err error) {
	wrong := func(format string, args ...any) (Event, error) {
		return Event{}, fmt.Errorf("%w: "+format, append([]any{ErrEvent}, args...)...)
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return wrong("Content-Type is needed")
	}
	if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") {
		return wrong("charset %.20q; it must be utf-8", c)
	}
	switch {
	case kind == eventMedia:
		if err := json.Unmarshal(body, &e); err != nil {
			return wrong("it is no JSON of an event: %v", err)
		}
	case strings.HasPrefix(kind, "application/cloudevents"):
		return wrong("%s is not taken: one event at a time, as %s", kind, eventMedia)
	case h.Get("ce-specversion") != "":
		e = Event{SpecVersion: h.Get("ce-specversion"), ID: h.Get("ce-id"), Source: h.Get("ce-source"), Type: h.Get("ce-type"),
			Subject: h.Get("ce-subject"), DataContentType: kind, Data: bytes.TrimSpace(body)}
		if t := h.Get("ce-time"); t != "" {
			at, err := time.Parse(time.RFC3339, t)
			if err != nil {
				return wrong("ce-time is no RFC 3339 time")
			}
			e.Time = &at
		}
	default:
		return wrong("it is no CloudEvent: %s, or ce-… headers", eventMedia)
	}
	switch {
	case e.SpecVersion != "1.0":
		return wrong("specversion %.20q; it must be 1.0", e.SpecVersion)
	case e.ID == "" || len(e.ID) > 256 || e.Source == "" || len(e.Source) > 1000 || e.Type == "" || len(e.Subject) > 256:
		return wrong("id, source and type are needed, and not longer than 256, 1000 and 256 bytes")
	case strings.ContainsAny(e.ID+e.Subject, "\x00"):
		return wrong("id and subject hold a NUL")
	case e.DataContentType != "" && e.DataContentType != "application/json":
		return wrong("the data must be application/json")
	case len(e.Data) > 0 && !json.Valid(e.Data):
		return wrong("the data are no JSON")
	}
	return e, nil
}

// reported hands a partner's report to the gate.
func (s *Service) reported(ctx context.Context, p Partner, e Event) (string, error) {
	if !p.Reports || s.report == nil {
		return "", fmt.Errorf("%w: this partner may not report", ErrEvent)
	}
	var r incident.Report
	if err := json.Unmarshal(e.Data, &r); err != nil {
		return "", fmt.Errorf("%w: the data are no report: %w", ErrEvent, err)
	}
	// What it is called, how it came and where it lies is not the sender's to say.
	r.ID, r.Channel, r.Region, r.Reporter, r.Grade = CaseID(p.ID, e.ID), "department", "", "partner:"+p.ID, 0
	r.Photos = nil // they are elsewhere; ours are in the media store
	if r.Reported.IsZero() && e.Time != nil {
		r.Reported = *e.Time
	}
	if err := s.report(ctx, p, r); err != nil {
		return "", err
	}
	return r.ID, nil
}

// CaseID is the id of the case that a partner's report with that event id
// becomes: always the same.
func CaseID(partner, event string) string {
	sum := sha256.Sum256([]byte(partner + "\x00" + event))
	return partner + "-" + hex.EncodeToString(sum[:8])
}

// ended is the end of a case that the partner was handed; the subject names it.
func (s *Service) ended(ctx context.Context, p Partner, e Event) (string, error) {
	if s.cases == nil {
		return "", fmt.Errorf("%w: no end of a case is taken here", ErrEvent)
	}
	var end End
	if err := json.Unmarshal(e.Data, &end); err != nil {
		return "", fmt.Errorf("%w: the data are no end of a case: %w", ErrEvent, err)
	}
	if e.Subject == "" || strings.TrimSpace(end.Result) == "" || len([]rune(end.Result)) > 1000 || len(end.Photos) > 20 {
		return "", fmt.Errorf("%w: the subject (the case) and the result (at most 1000 characters, at most 20 photos) are needed", ErrEvent)
	}
	for _, photo := range end.Photos {
		if err := checkURL(photo); err != nil {
			return "", fmt.Errorf("%w: a photo: %w", ErrEvent, err)
		}
	}
	c, err := s.cases.Case(ctx, e.Subject)
	if errors.Is(err, ErrNotFound) || err == nil && c.Partner != p.ID {
		return "", fmt.Errorf("%w: case %.64q is not with this partner", ErrEvent, e.Subject)
	}
	if err != nil {
		return "", err
	}
	end.ID, end.Case = e.ID, e.Subject
	if err := s.cases.ComeBack(ctx, p, end); err != nil {
		return "", err
	}
	return e.Subject, nil
}
