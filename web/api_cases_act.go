package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"onecity/gov/identity/access"
	"onecity/gov/incident"
	"onecity/ingest"
	"onecity/internal/flow"
	"onecity/web/problem"
	"onecity/web/upload"
)

type eventIn struct {
	ID   string `path:"id" maxLength:"200" doc:"案件编号 The case's id, which is the incident's"`
	Body struct {
		ID      string         `json:"id,omitempty" maxLength:"200" doc:"发送方为此次操作起的编号，重发不重办 The sender's id of the command: the same again changes nothing"`
		Event   flow.Event     `json:"event" maxLength:"64"`
		Version int64          `json:"version" minimum:"1" doc:"办理人所见版本 The version that the person saw"`
		Input   map[string]any `json:"input,omitempty" doc:"字段 The fields that the offer names"`
		Why     string         `json:"why,omitempty" maxLength:"2000"`
		At      *time.Time     `json:"at,omitempty" doc:"实际办理时间（手机时钟） When it was done, by the sender's clock"`
	}
}

type remarkIn struct {
	ID   string `path:"id" maxLength:"200" doc:"案件编号 The case's id, which is the incident's"`
	Body struct {
		ID   string `json:"id,omitempty" maxLength:"200"`
		Text string `json:"text" maxLength:"4000"`
		Kind string `json:"kind,omitempty" enum:"note,urge,backup" default:"note" doc:"批注、督办、请求支援"`
	}
}

type proofIn struct {
	ID   string `path:"id" maxLength:"200" doc:"案件编号 The case's id, which is the incident's"`
	Body struct {
		ID       string     `json:"id" minLength:"1" maxLength:"200"`
		Upload   string     `json:"upload" maxLength:"200" doc:"上传编号，或 /media/ 下的路径 Id of an upload, or a path below /media/"`
		Phase    string     `json:"phase" enum:"report,before,after,scene,form"`
		TakenAt  *time.Time `json:"takenAt,omitempty" doc:"手机时钟 By the sender's clock"`
		SentAt   *time.Time `json:"sentAt,omitempty" doc:"发送时的手机时钟 The sender's clock when sending"`
		Lon      *float64   `json:"lon,omitempty"`
		Lat      *float64   `json:"lat,omitempty"`
		Accuracy float64    `json:"accuracy,omitempty" minimum:"0" doc:"米 Metres"`
		Text     string     `json:"text,omitempty" maxLength:"2000"`
	}
}

type mergeIn struct {
	ID   string `path:"id" maxLength:"200" doc:"案件编号 The case's id, which is the incident's"`
	Body struct {
		Into    string `json:"into" minLength:"1" maxLength:"200"`
		Version int64  `json:"version" minimum:"1"`
		Why     string `json:"why,omitempty" maxLength:"2000"`
	}
}

type splitIn struct {
	ID   string `path:"id" maxLength:"200" doc:"案件编号 The case's id, which is the incident's"`
	Body struct {
		Version int64  `json:"version" minimum:"1"`
		Why     string `json:"why,omitempty" maxLength:"2000"`
	}
}

type ratingIn struct {
	ID   string `path:"id" maxLength:"200" doc:"案件编号 The case's id, which is the incident's"`
	Body struct {
		Stars int    `json:"stars" minimum:"1" maximum:"5"`
		Text  string `json:"text,omitempty" maxLength:"2000"`
		Key   string `json:"key,omitempty" maxLength:"200" doc:"市民上报时所得凭证 The key that a citizen was given with the report"`
	}
}

func (s *Server) caseActRoutes() {
	// act answers with the case after something was done with one that the
	// caller sees.
	act := func(ctx context.Context, id, doing string, do func(c Caller, by flow.Actor) error) (*answered[caseBody], error) {
		c := callerIn(ctx)
		if _, err := s.Cases.Get(ctx, caseScope(c), id); err != nil {
			return nil, s.uncased(ctx, doing, id, err)
		}
		if err := do(c, actor(c)); err != nil {
			return nil, s.uncased(ctx, doing, id, err)
		}
		return s.caseFor(ctx, id)
	}
	do(s, access.CityView, http.MethodPost, "/api/v1/cases/{id}/events", "fireCase", "cases", "办理案件 Lead a case on",
		func(ctx context.Context, in *eventIn) (*answered[caseBody], error) {
			return act(ctx, in.ID, "lead a case on", func(c Caller, by flow.Actor) error {
				if into, ok := in.Body.Input["into"].(string); ok && in.Body.Event == incident.Merge {
					if _, err := s.Cases.Get(ctx, caseScope(c), into); err != nil {
						return err
					}
				}
				cmd := incident.Command{ID: in.Body.ID, Event: in.Body.Event, Version: in.Body.Version, Why: in.Body.Why, At: orZero(in.Body.At),
					Input: map[string]json.RawMessage{}}
				for name, v := range in.Body.Input {
					raw, err := json.Marshal(v)
					if err != nil {
						return err
					}
					cmd.Input[name] = raw
				}
				_, err := s.Cases.Fire(ctx, by, in.ID, cmd)
				return err
			})
		})
	do(s, access.CityView, http.MethodPost, "/api/v1/cases/{id}/notes", "noteCase", "cases", "批注、督办、请求支援 Comment, urge, call for help",
		func(ctx context.Context, in *remarkIn) (*answered[caseBody], error) {
			return act(ctx, in.ID, "keep a remark", func(_ Caller, by flow.Actor) error {
				keep := s.Cases.Note
				switch in.Body.Kind {
				case "urge":
					keep = s.Cases.Urge
				case "backup":
					keep = s.Cases.Backup
				}
				_, err := keep(ctx, by, in.ID, incident.Remark{ID: in.Body.ID, Text: in.Body.Text})
				return err
			})
		})
	do(s, access.CityView, http.MethodPost, "/api/v1/cases/{id}/merge", "mergeCase", "cases", "并案 Merge a case into another",
		func(ctx context.Context, in *mergeIn) (*answered[caseBody], error) {
			return act(ctx, in.ID, "merge a case", func(c Caller, by flow.Actor) error {
				if _, err := s.Cases.Get(ctx, caseScope(c), in.Body.Into); err != nil {
					return err
				}
				_, err := s.Cases.Merge(ctx, by, in.ID, in.Body.Into, in.Body.Version, in.Body.Why)
				return err
			})
		})
	do(s, access.CityView, http.MethodPost, "/api/v1/cases/{id}/split", "splitCase", "cases", "拆案 Split a case from the one that it was merged into",
		func(ctx context.Context, in *splitIn) (*answered[caseBody], error) {
			return act(ctx, in.ID, "split a case", func(_ Caller, by flow.Actor) error {
				_, err := s.Cases.Split(ctx, by, in.ID, in.Body.Version, in.Body.Why)
				return err
			})
		})
	do(s, signedIn, http.MethodPost, "/api/v1/cases/{id}/rating", "rateCase", "cases", "群众评价 The reporter's rating",
		func(ctx context.Context, in *ratingIn) (*answered[caseBody], error) {
			return act(ctx, in.ID, "rate a case", func(_ Caller, by flow.Actor) error {
				reporter := ""
				if in.Body.Key != "" {
					is, err := s.Cases.Get(ctx, incident.Whole(), in.ID)
					if err != nil {
						return err
					}
					if !(owner{s}).Holds(in.ID, in.Body.Key) {
						return incident.ErrNotAllowed
					}
					reporter = is.Reporter
				}
				_, err := s.Cases.Rate(ctx, by, in.ID, reporter, in.Body.Stars, in.Body.Text)
				return err
			})
		})
	do(s, access.CityView, http.MethodPost, "/api/v1/cases/{id}/proofs", "proveCase", "cases", "提交证据 Keep a proof with a case", s.proveCase)
}

func (s *Server) proveCase(ctx context.Context, in *proofIn) (*answered[incident.Proof], error) {
	c := callerIn(ctx)
	if !c.may(access.IncidentWork) && !c.may(access.IncidentReport) {
		return nil, denied(c, access.IncidentWork)
	}
	if _, err := s.Cases.Get(ctx, caseScope(c), in.ID); err != nil {
		return nil, s.uncased(ctx, "keep a proof", in.ID, err)
	}
	p := incident.Proof{ID: in.Body.ID, Case: in.ID, Phase: in.Body.Phase, TakenAt: orZero(in.Body.TakenAt), Lon: in.Body.Lon, Lat: in.Body.Lat,
		Accuracy: in.Body.Accuracy, Text: in.Body.Text}
	done, err := s.photo(ctx, c, "/upload", in.Body.Upload)
	if err != nil {
		return nil, err
	}
	p.Media, p.SHA256, p.Bytes = done.Media, done.SHA256, done.Bytes
	kept, err := s.Cases.AddProof(ctx, actor(c), p, orZero(in.Body.SentAt))
	if err != nil {
		return nil, s.uncased(ctx, "keep a proof", in.ID, err)
	}
	return &answered[incident.Proof]{kept}, nil
}

// photo is a stored photo that the caller names: their own upload, or a path
// of the media store.
func (s *Server) photo(ctx context.Context, c Caller, field, name string) (upload.Done, error) {
	missing := problem.New(http.StatusUnprocessableEntity, "没有这个照片 / there is no such photo",
		ingest.Problem{Field: field, Value: ingest.Shorten(name), Code: ingest.CodeUnknownCode, Message: "没有这个照片 / no such photo", Expected: "an upload, or /media/…"})
	if path, ok := strings.CutPrefix(name, "/media/"); ok {
		// Who names a photo has it shown with their own case: it is one that they see.
		if !s.seesPhoto(requestOf(ctx), path) {
			return upload.Done{}, missing
		}
		body, contentType, err := s.Broker.Media(ctx, path)
		if err != nil || !strings.HasPrefix(contentType, "image/") {
			return upload.Done{}, missing
		}
		return upload.Done{Media: name, SHA256: sha256Hex(body), Bytes: int64(len(body))}, nil
	}
	if s.Uploads == nil {
		return upload.Done{}, absent("the uploads")
	}
	d, err := s.Uploads.Done(ctx, c.ID, name)
	if err != nil {
		p := upload.Problem(err)
		if p.Status == http.StatusServiceUnavailable {
			return upload.Done{}, s.failed(ctx, "find an upload", err)
		}
		return upload.Done{}, p
	}
	return d, nil
}
