package forms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"onecity/gov/incident"
	"onecity/gov/incident/evidence"
	"onecity/internal/database"
	"onecity/internal/flow"
)

// Phase is that of the proofs that forms are kept as.
const Phase = "form"

// ContentType is that of a document in the media store.
const ContentType = "text/html; charset=utf-8"

// What can be wrong with what is asked of a Service, beside *Invalid and the
// errors of package incident.
var (
	// ErrNoTemplate: there is no template of that code.
	ErrNoTemplate = errors.New("no such form template")
	// ErrNoForm: the case has no such form.
	ErrNoForm = errors.New("no such form")
	// ErrNoID: a form needs an id of its sender's of at most 100 characters.
	ErrNoID = errors.New("a form needs an id of 1 to 100 letters, digits, points and hyphens")
)

// Cases are where forms are kept (incident.Service).
type Cases interface {
	Get(ctx context.Context, scope database.Scope, id string) (incident.Case, error)
	Proofs(ctx context.Context, scope database.Scope, id string) ([]incident.Proof, error)
	AddProof(ctx context.Context, by flow.Actor, p incident.Proof, sentAt time.Time) (incident.Proof, error)
}

// Media is the store of photos and documents (streams.Broker).
type Media interface {
	PutMedia(ctx context.Context, name, contentType string, body []byte) error
	Media(ctx context.Context, name string) (body []byte, contentType string, err error)
}

// Options of a Service.
type Options struct {
	Templates []Template
	Cases     Cases
	Media     Media
	// Chain is the chain of evidence that proofs are linked to as they are kept.
	Chain *evidence.Chain
	// Zone is the city's; nil: UTC.
	Zone func() *time.Location
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Service fills forms in and keeps them with their cases.
type Service struct{ opt Options }

// New makes a Service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = func() *time.Location { return time.UTC }
	}
	return &Service{o}
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// Templates are those that can be filled in.
func (s *Service) Templates() []Template { return slices.Clone(s.opt.Templates) }

func (s *Service) template(code string) (*Template, error) {
	for i := range s.opt.Templates {
		if t := &s.opt.Templates[i]; t.Code == code {
			return t, nil
		}
	}
	return nil, fmt.Errorf("form template %q: %w", code, ErrNoTemplate)
}

// Filling is a form as its sender fills it in.
type Filling struct {
	// ID is the sender's: the same again is the same form, which stays as it was.
	ID       string                     `json:"id" maxLength:"100"`
	Template string                     `json:"template" maxLength:"40"`
	Values   map[string]json.RawMessage `json:"values"`
	// FilledAt is when, and SentAt what time it was at sending, by the sender's clock.
	FilledAt time.Time `json:"filledAt,omitzero"`
	SentAt   time.Time `json:"sentAt,omitzero"`
	Lon      *float64  `json:"lon,omitempty" minimum:"-180" maximum:"180"`
	Lat      *float64  `json:"lat,omitempty" minimum:"-90" maximum:"90"`
	Accuracy float64   `json:"accuracy,omitempty" minimum:"0"`
}

// Author is who fills a form in, as the document names them.
type Author struct {
	Name, Authority string
}

// Fill keeps a form with a case that is in scope, as a proof. An *Invalid names
// every field that is wrong; nothing is kept then.
func (s *Service) Fill(ctx context.Context, by flow.Actor, scope database.Scope, id string, f Filling, who Author) (incident.Proof, error) {
	if f.ID == "" || len(f.ID) > 100 || !plainID.MatchString(f.ID) {
		return incident.Proof{}, ErrNoID
	}
	t, err := s.template(f.Template)
	if err != nil {
		return incident.Proof{}, err
	}
	c, err := s.opt.Cases.Get(ctx, scope, id)
	if err != nil {
		return incident.Proof{}, fmt.Errorf("fill in a form of %s: %w", id, err)
	}
	// A second attempt would be rendered at another time, and so have other bytes.
	proofs, err := s.opt.Cases.Proofs(ctx, scope, id)
	if err != nil {
		return incident.Proof{}, fmt.Errorf("fill in a form of %s: %w", id, err)
	}
	for _, p := range proofs {
		if p.ID == f.ID && p.Phase == Phase {
			return p, nil
		}
	}
	now := s.opt.Now().In(s.opt.Zone()).Truncate(time.Second)
	body, err := t.Render(f.Values, Document{No: number(c, t, f.ID), Case: c.No, Authority: who.Authority, ID: f.ID, By: who.Name, At: now})
	if err != nil {
		return incident.Proof{}, fmt.Errorf("fill in a form of %s: %w", id, err)
	}
	sum := sha256.Sum256(body)
	name := "form-" + hex.EncodeToString(sum[:]) + ".html"
	// First the document, then what names it: never the other way round.
	if err := s.opt.Media.PutMedia(ctx, name, ContentType, body); err != nil {
		return incident.Proof{}, fmt.Errorf("keep a form of %s: %w", id, err)
	}
	if f.FilledAt.IsZero() {
		f.FilledAt = now
	}
	p, err := s.opt.Cases.AddProof(ctx, by, incident.Proof{ID: f.ID, Case: id, Phase: Phase, Media: "/media/" + name, SHA256: hex.EncodeToString(sum[:]),
		Bytes: int64(len(body)), TakenAt: f.FilledAt, Lon: f.Lon, Lat: f.Lat, Accuracy: f.Accuracy, By: by.Subject, Text: t.ZH}, f.SentAt)
	if err != nil {
		return incident.Proof{}, fmt.Errorf("keep a form of %s: %w", id, err)
	}
	return p, nil
}

// number is a document's 文书编号: its case's, the kind's mark and four digits
// of its id, so that it can be told before the server is reached again.
func number(c incident.Case, t *Template, id string) string {
	sum := sha256.Sum256([]byte(c.ID + "\x00" + id))
	return fmt.Sprintf("%s-%s-%X", c.No, t.Mark, sum[:2])
}

// Document reads a form of a case that is in scope: HTML, as it was kept.
// ErrNoForm when the case has none of that id.
func (s *Service) Document(ctx context.Context, scope database.Scope, id, proof string) ([]byte, error) {
	proofs, err := s.opt.Cases.Proofs(ctx, scope, id)
	if err != nil {
		return nil, fmt.Errorf("read a form of %s: %w", id, err)
	}
	for _, p := range proofs {
		if p.ID != proof || p.Phase != Phase {
			continue
		}
		body, kind, err := s.opt.Media.Media(ctx, strings.TrimPrefix(p.Media, "/media/"))
		if err != nil {
			return nil, fmt.Errorf("read form %s of %s: %w", proof, id, err)
		}
		if kind != ContentType {
			break // a photo that somebody calls a form is not shown as one
		}
		return body, nil
	}
	return nil, fmt.Errorf("form %s of %s: %w", proof, id, ErrNoForm)
}

// Evidence checks the chain of evidence of a case that is in scope.
func (s *Service) Evidence(ctx context.Context, scope database.Scope, id string) (evidence.Report, error) {
	if _, err := s.opt.Cases.Get(ctx, scope, id); err != nil {
		return evidence.Report{}, fmt.Errorf("check the chain of evidence of %s: %w", id, err)
	}
	proofs, err := s.opt.Cases.Proofs(ctx, scope, id)
	if err != nil {
		return evidence.Report{}, fmt.Errorf("check the chain of evidence of %s: %w", id, err)
	}
	return s.opt.Chain.Check(ctx, id, proofs)
}
