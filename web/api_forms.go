package web

import (
	"context"
	"errors"
	"net/http"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/gov/incident"
	"onecity/gov/incident/evidence"
	"onecity/gov/incident/forms"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

// formPolicy lets a document show its own styles and signatures, and nothing
// else: whatever was written into its fields, nothing of it runs or loads.
const formPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-modals"

func (s *Server) formRoutes() {
	type templates struct {
		Templates []forms.Template `json:"templates"`
	}
	get(s, access.IncidentWork, "/api/v1/form-templates", "formTemplates", "incidents", "执法文书模板 Templates of law-enforcement documents",
		func(context.Context, *struct{}) (*answered[templates], error) {
			if s.Forms == nil {
				return nil, absent("the forms")
			}
			return &answered[templates]{templates{s.Forms.Templates()}}, nil
		})
	type filling struct {
		ID   string `path:"id" maxLength:"100" doc:"案件编号 The case's id"`
		Body forms.Filling
	}
	do(s, access.IncidentWork, http.MethodPost, "/api/v1/cases/{id}/forms", "fillForm", "incidents", "填写执法文书 Fill in a document; it is kept as a proof of the case",
		func(ctx context.Context, in *filling) (*answered[incident.Proof], error) {
			if s.Forms == nil {
				return nil, absent("the forms")
			}
			c := callerIn(ctx)
			p, err := s.Forms.Fill(ctx, actor(c), caseScope(c), in.ID, in.Body, s.author(ctx, c))
			if err != nil {
				return nil, s.unfilled(ctx, "keep a form", in.ID, err)
			}
			return &answered[incident.Proof]{p}, nil
		})
	type one struct {
		ID string `path:"id" maxLength:"100" doc:"案件编号 The case's id"`
	}
	get(s, access.CityView, "/api/v1/cases/{id}/evidence", "caseEvidence", "incidents", "证据链核验 The chain of evidence of a case, checked anew",
		func(ctx context.Context, in *one) (*answered[evidence.Report], error) {
			if s.Forms == nil {
				return nil, absent("the forms")
			}
			r, err := s.Forms.Evidence(ctx, caseScope(callerIn(ctx)), in.ID)
			if err != nil {
				return nil, s.unfilled(ctx, "check a chain of evidence", in.ID, err)
			}
			if err := s.openEvidence(ctx, in.ID, &r); err != nil {
				return nil, err
			}
			return &answered[evidence.Report]{r}, nil
		})
	s.raw(operation{
		need: access.CityView, method: http.MethodGet, path: "/api/v1/cases/{id}/forms/{proof}", id: "formDocument", tag: "incidents",
		summary: "执法文书，可打印 A document as it was kept, to be printed on A4",
		params:  []*huma.Param{pathParam("id", "案件编号 The case's id"), pathParam("proof", "证据编号 The proof's id")},
		answer:  &huma.Schema{Type: huma.TypeString}, answerType: "text/html", errors: []int{404, 503},
	}, s.formDocument)
}

func (s *Server) formDocument(w http.ResponseWriter, r *http.Request) {
	if s.Forms == nil {
		absent("the forms").Write(w)
		return
	}
	body, err := s.Forms.Document(r.Context(), caseScope(CallerOf(r)), r.PathValue("id"), r.PathValue("proof"))
	if err != nil {
		s.failed(r.Context(), "read a form", s.unfilled(r.Context(), "read a form", r.PathValue("proof"), err)).Write(w)
		return
	}
	if err := s.openEvidence(r.Context(), r.PathValue("id"), nil); err != nil {
		s.failed(r.Context(), "read a form", err).Write(w)
		return
	}
	h := w.Header()
	h.Set("Content-Type", forms.ContentType)
	h.Set("Content-Security-Policy", formPolicy)
	h.Set("Cache-Control", "private, no-cache")
	_, _ = w.Write(body) // the reader has gone when this fails
}

// author is the caller as a document names them.
func (s *Server) author(ctx context.Context, c Caller) forms.Author {
	a := forms.Author{Name: c.Name, Authority: s.city.Snapshot().In(c.Scope).Profile().Name}
	if c.signed == nil || s.Identity == nil {
		return a
	}
	a.Name = s.directory().SubjectName(ctx, c.ID)
	system := identity.System("")
	if p, err := s.directory().Person(ctx, system, c.signed.Person); err == nil {
		if o, err := s.directory().Org(ctx, system, p.Org); err == nil {
			a.Authority = o.Name
		}
	}
	return a
}

func (s *Server) unfilled(ctx context.Context, doing, id string, err error) error {
	var wrong *forms.Invalid
	switch {
	case errors.As(err, &wrong):
		p := problem.New(http.StatusUnprocessableEntity, "文书有未填或填错的项 / fields of the form are missing or wrong")
		for _, f := range wrong.Problems {
			p.Errors = append(p.Errors, ingest.Problem{Field: "/values/" + f.Field, Code: f.Code, Message: f.ZH + " / " + f.EN})
		}
		return p
	case errors.Is(err, forms.ErrNoID):
		return problem.New(http.StatusUnprocessableEntity, "编号有误 / the form's id is wrong", ingest.Problem{Field: "/id", Code: "invalid", Message: err.Error()})
	case errors.Is(err, forms.ErrNoTemplate):
		return problem.New(http.StatusUnprocessableEntity, "没有这种文书 / there is no such template", ingest.Problem{Field: "/template", Code: "unknown", Message: err.Error()})
	case errors.Is(err, forms.ErrNoForm), errors.Is(err, incident.ErrUnknown):
		return notFound("案件或文书", id)
	case errors.Is(err, incident.ErrNotAllowed):
		return denied(callerIn(ctx), access.IncidentWork)
	}
	return s.failed(ctx, doing, err)
}
