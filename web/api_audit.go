package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"onecity/gov/identity/access"
	"onecity/internal/audit"
	"onecity/web/problem"
)

// entriesWithin is whose entries the caller may read.
func entriesWithin(c Caller) audit.Within {
	var w audit.Within
	for _, n := range c.Rights.Nodes(access.AuditView) {
		if n.Axis == access.ByRegion {
			w.Regions = append(w.Regions, n.Code)
		} else {
			w.Orgs = append(w.Orgs, n.Code)
		}
		// An entry about neither, such as a sign-in, is for who holds a whole tree.
		w.All = w.All || n.Code == ""
	}
	return w
}

type entryBody struct {
	audit.Entry
	Name string `json:"name,omitempty" doc:"操作人姓名 Name of who did it"`
	// Number is its leaf's; −1 while it is not sealed.
	Number int64 `json:"number"`
	// ObjectName is what the object is called, if it is a person or an organisation.
	ObjectName string `json:"object_name,omitempty" doc:"对象名称 Name of the object"`
	Erased     bool   `json:"erased,omitempty"`
}

type auditState struct {
	Sealed   int64   `json:"sealed" doc:"已封存条数 Entries in the signed tree"`
	Unsealed int64   `json:"unsealed" doc:"待封存条数 Entries that wait"`
	Lag      float64 `json:"lag_s" doc:"最早一条待封存的秒数 Age of the oldest that waits, seconds"`
	Halted   string  `json:"halted,omitempty" doc:"停止封存的原因 Why sealing has stopped"`
	Origin   string  `json:"origin"`
	Hash     string  `json:"hash"`
}

func (s *Server) auditRoutes() {
	type query struct {
		From    time.Time `query:"from"`
		To      time.Time `query:"to"`
		Actor   string    `query:"actor" maxLength:"128"`
		Action  string    `query:"action" maxLength:"64" doc:"以此开头的操作 Actions that begin with it"`
		Object  string    `query:"object" maxLength:"160"`
		Region  string    `query:"region" maxLength:"15"`
		Under   string    `query:"under" maxLength:"64" doc:"机构路径 Path of an organisation"`
		Outcome string    `query:"outcome" enum:"done,refused,failed"`
		Text    string    `query:"q" maxLength:"100"`
		After   string    `query:"after" maxLength:"100"`
		Limit   int       `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	}
	get(s, access.AuditView, "/api/v1/audit/entries", "searchAudit", "audit", "审计检索，新者在前 Search the log, newest first",
		func(ctx context.Context, q *query) (*answered[listed[entryBody]], error) {
			found, err := s.Audit.Search(ctx, entriesWithin(callerIn(ctx)), audit.Filter{
				Since: q.From, Until: q.To, Actor: q.Actor, Action: q.Action, Object: q.Object, Region: q.Region, Org: q.Under,
				Outcome: q.Outcome, Text: q.Text,
			}, audit.Page{Limit: q.Limit, After: q.After})
			if err != nil {
				return nil, s.unaudited(ctx, "search the log", err)
			}
			a := paged(make([]entryBody, len(found.Entries)), 0, nil)
			for i, e := range found.Entries {
				a.Body.Items[i] = s.entryOf(ctx, e)
			}
			a.Body.Next = found.Next
			return a, nil
		})
	get(s, access.AuditView, "/api/v1/audit/entries/{id}", "getAuditEntry", "audit", "审计条目 One entry",
		func(ctx context.Context, in *idPath) (*answered[entryBody], error) {
			e, err := s.Audit.Get(ctx, entriesWithin(callerIn(ctx)), in.ID)
			if err != nil {
				return nil, s.unaudited(ctx, "read an entry", err)
			}
			return &answered[entryBody]{s.entryOf(ctx, audit.Found{Entry: e.Entry, Number: -1, Erased: !e.Erased.IsZero()})}, nil
		})
	type proofAnswer struct {
		Disposition string `header:"Content-Disposition"`
		Body        audit.Proof
	}
	get(s, access.AuditView, "/api/v1/audit/entries/{id}/proof", "proveAuditEntry", "audit", "存在性证明 Proof that an entry is in the log",
		func(ctx context.Context, in *idPath) (*proofAnswer, error) {
			if _, err := s.Audit.Get(ctx, entriesWithin(callerIn(ctx)), in.ID); err != nil {
				return nil, s.unaudited(ctx, "read an entry", err)
			}
			p, err := s.Audit.Proof(ctx, in.ID)
			if err != nil {
				return nil, s.unaudited(ctx, "prove an entry", err)
			}
			return &proofAnswer{`attachment; filename="proof-` + in.ID + `.json"`, p}, nil
		})
	type textAnswer struct {
		ContentType string `header:"Content-Type"`
		Body        []byte
	}
	get(s, access.AuditView, "/api/v1/audit/checkpoint", "getCheckpoint", "audit", "最新检查点 The newest signed checkpoint (C2SP note)",
		func(ctx context.Context, _ *struct{}) (*textAnswer, error) {
			c, err := s.Audit.Checkpoint(ctx)
			if err != nil {
				return nil, s.unaudited(ctx, "read the checkpoint", err)
			}
			return &textAnswer{"text/plain; charset=utf-8", []byte(c.Note)}, nil
		})
	get(s, access.AuditView, "/api/v1/audit/key", "getAuditKey", "audit", "验证公钥 The public keys that checkpoints are checked with",
		func(ctx context.Context, _ *struct{}) (*textAnswer, error) {
			keys, err := s.Audit.Verifiers()
			if err != nil {
				return nil, s.unaudited(ctx, "read the public keys", err)
			}
			return &textAnswer{"text/plain; charset=utf-8", []byte(keys)}, nil
		})
	get(s, access.AuditView, "/api/v1/audit/state", "getAuditState", "audit", "审计封存状态 How far sealing is",
		func(ctx context.Context, _ *struct{}) (*answered[auditState], error) {
			lag, err := s.Audit.Lag(ctx)
			if err != nil {
				return nil, s.unaudited(ctx, "measure the log", err)
			}
			st := auditState{Sealed: lag.Size, Unsealed: lag.Unsealed, Lag: lag.Age.Seconds(), Origin: s.Audit.Origin(), Hash: string(s.Audit.Hash())}
			if lag.Halted != nil {
				st.Halted = lag.Halted.Error()
			}
			return &answered[auditState]{st}, nil
		})
}

func (s *Server) entryOf(ctx context.Context, e audit.Found) entryBody {
	b := entryBody{Entry: e.Entry, Number: e.Number, Erased: e.Erased}
	if s.Identity != nil {
		b.Name = s.directory().SubjectName(ctx, e.Actor)
		b.ObjectName = s.directory().ObjectName(ctx, e.Object)
	}
	return b
}

func (s *Server) unaudited(ctx context.Context, doing string, err error) error {
	switch {
	case errors.Is(err, audit.ErrNotFound):
		return problem.New(http.StatusNotFound, "没有这条审计记录，或不在可见范围 / no such entry, or not for you to see")
	case errors.Is(err, audit.ErrUnsealed):
		return problem.New(http.StatusConflict, "尚未封存，请稍后再试 / not sealed yet, try again in a few seconds")
	}
	return s.failed(ctx, doing, err)
}
