package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/internal/flow"
	"onecity/web/problem"
)

// actor is the caller as the workflow kernel knows it.
func actor(c Caller) flow.Actor {
	return identity.By{Rights: c.Rights, Subject: c.ID, From: c.From, Session: c.Session}.Actor()
}

// seer is the caller as the list of what waits knows it.
func seer(c Caller) flow.Seer {
	return flow.Seer{Subject: c.ID, Reach: func(action string) []flow.Subtree {
		var out []flow.Subtree
		for _, n := range c.Rights.Nodes(access.Action(action)) {
			axis := flow.ByRegion
			if n.Axis == access.ByOrg {
				axis = flow.ByOrg
			}
			out = append(out, flow.Subtree{Axis: axis, Prefix: n.Code})
		}
		return out
	}}
}

// itemBody is a piece of work with what the caller may do with it.
type itemBody struct {
	flow.Item
	StateTitle flow.Text     `json:"stateTitle"`
	Kind       flow.Text     `json:"kind"`
	Events     []flow.Offer  `json:"events"`
	History    []flow.Record `json:"history,omitempty"`
}

type tasks struct {
	Items  []itemBody  `json:"items"`
	Counts flow.Counts `json:"counts"`
}

func (s *Server) taskRoutes() {
	type query struct {
		Machine string `query:"machine" maxLength:"64"`
		Text    string `query:"q" maxLength:"100"`
		Overdue bool   `query:"overdue"`
		Offset  int    `query:"offset" minimum:"0" maximum:"100000"`
		Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	}
	get(s, signedIn, "/api/v1/me/tasks", "myTasks", "flow", "待我办理 What waits for the caller, in all modules",
		func(ctx context.Context, q *query) (*answered[tasks], error) {
			c := callerIn(ctx)
			f := flow.Filter{Text: q.Text, Overdue: q.Overdue}
			if q.Machine != "" {
				f.Machines = []string{q.Machine}
			}
			w, err := s.Flow.Waiting(ctx, seer(c), f, flow.Page{Offset: q.Offset, Limit: q.Limit})
			if err != nil {
				return nil, s.unflowed(ctx, "list what waits", err)
			}
			a := &answered[tasks]{tasks{Items: make([]itemBody, len(w.Items)), Counts: w.Counts}}
			offers, err := s.Flow.Offers(ctx, actor(c), w.Items)
			if err != nil {
				return nil, s.unflowed(ctx, "list what waits", err)
			}
			for i, it := range w.Items {
				if a.Body.Items[i], err = s.itemWith(it, offers[i]); err != nil {
					return nil, s.unflowed(ctx, "list what waits", err)
				}
			}
			return a, nil
		})
	type machine struct {
		Name  string `path:"name" maxLength:"64" doc:"流程名 Name of the machine, with .svg"`
		State string `query:"state" maxLength:"64" doc:"当前状态 The present state"`
		Lang  string `query:"lang" enum:"zh,en" default:"zh"`
	}
	type svg struct {
		ContentType string `header:"Content-Type"`
		Cache       string `header:"Cache-Control"`
		Body        []byte
	}
	get(s, signedIn, "/api/v1/machines/{name}", "drawMachine", "flow", "流程图 A machine as a diagram (SVG)",
		func(ctx context.Context, in *machine) (*svg, error) {
			m, err := s.Flow.Machine(strings.TrimSuffix(in.Name, ".svg"))
			if err != nil {
				return nil, s.unflowed(ctx, "find a machine", err)
			}
			return &svg{"image/svg+xml", "private, max-age=300", m.SVG(flow.Lang(in.Lang), flow.State(in.State))}, nil
		})
}

// itemOf is an item with what the caller may do; who may do nothing with it
// and has no part in it does not see it (flow keeps no scope of its own).
func (s *Server) itemOf(ctx context.Context, c Caller, machine, id string, history bool) (itemBody, error) {
	it, offers, err := s.Flow.Events(ctx, actor(c), machine, id)
	if err != nil {
		return itemBody{}, err
	}
	b, err := s.itemWith(it, offers)
	if err == nil && history {
		b.History, err = s.Flow.History(ctx, machine, id)
	}
	return b, err
}

// itemWith puts an item together with its words.
func (s *Server) itemWith(it flow.Item, offers []flow.Offer) (itemBody, error) {
	m, err := s.Flow.Machine(it.Machine)
	if err != nil {
		return itemBody{}, err
	}
	b := itemBody{Item: it, Kind: m.Title, Events: offers}
	for _, st := range m.States {
		if st.Name == it.State {
			b.StateTitle = st.Title
		}
	}
	return b, nil
}

func (s *Server) unflowed(ctx context.Context, doing string, err error) error {
	var conflict *flow.Conflict
	var incomplete *flow.Incomplete
	var refusal *flow.Refusal
	switch {
	case errors.As(err, &conflict):
		return problem.New(http.StatusConflict, "已被他人办理，请刷新 / somebody else was faster: read it again",
			ingest.Problem{Field: "/version", Code: ingest.CodeConflict, Message: "当前状态 / it is now " + string(conflict.Present.State)})
	case errors.As(err, &incomplete):
		p := problem.New(http.StatusUnprocessableEntity, "有未填或填错的项 / fields are missing or wrong")
		for _, f := range incomplete.Fields {
			p.Errors = append(p.Errors, ingest.Problem{Field: "/input/" + f.Name, Code: ingest.CodeMissing, Message: f.Problem.ZH + " / " + f.Problem.EN})
		}
		return p
	case errors.As(err, &refusal):
		p := problem.New(http.StatusUnprocessableEntity, "条件不满足 / conditions do not hold")
		for _, g := range refusal.Guards {
			p.Errors = append(p.Errors, ingest.Problem{Field: "/", Code: g.Name, Message: g.Title.ZH + " / " + g.Title.EN})
		}
		return p
	case errors.Is(err, flow.ErrNotAllowed):
		return problem.New(http.StatusForbidden, "没有权限办理 / you may not do this")
	case errors.Is(err, flow.ErrUnknown):
		return problem.New(http.StatusNotFound, "没有这项工作 / no such work")
	case errors.Is(err, flow.ErrNoSuchEvent):
		return problem.New(http.StatusConflict, "此状态下不能这样办理 / this cannot be done in the present state")
	}
	return s.failed(ctx, doing, err)
}
