package web

import (
	"context"
	"errors"
	"net/http"

	"onecity/gov/identity/access"
	"onecity/gov/incident/handover"
	"onecity/ingest"
	"onecity/web/problem"
)

type handoverBody struct {
	ID     string             `json:"id" maxLength:"64" doc:"发送方编号，重发不重复 The sender's id: the same again is the same note"`
	Region string             `json:"region,omitempty" maxLength:"15" doc:"班次所辖区域，缺省为本人派遣权所及 Code of the region; that of the caller's right by default"`
	Text   string             `json:"text" maxLength:"4000" doc:"交班内容 What the next shift must know"`
	Items  []handover.Concern `json:"items,omitempty" maxItems:"200" doc:"须盯办的案件 Cases that must not be lost sight of"`
}

func (s *Server) handoverRoutes() {
	type query struct {
		Waiting bool   `query:"waiting" doc:"仅未签收的 Only those that nobody has signed off"`
		After   string `query:"after" maxLength:"64"`
		Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"20"`
	}
	get(s, access.IncidentSend, "/api/v1/handovers", "listHandovers", "incidents", "交班记录，新的在前 Hand-overs of a shift, newest first",
		func(ctx context.Context, q *query) (*answered[listed[handover.Note]], error) {
			if s.Handovers == nil {
				return nil, absent("the hand-overs")
			}
			p, err := s.Handovers.List(ctx, dispatched(callerIn(ctx)), q.Waiting, q.After, q.Limit)
			if err != nil {
				return nil, s.failed(ctx, "list hand-overs", err)
			}
			for i := range p.Items {
				s.nameHandover(ctx, &p.Items[i])
			}
			return &answered[listed[handover.Note]]{listed[handover.Note]{Items: p.Items, Next: p.Next}}, nil
		})
	type write struct{ Body handoverBody }
	do(s, access.IncidentSend, http.MethodPost, "/api/v1/handovers", "writeHandover", "incidents", "交班 Hand a shift over",
		func(ctx context.Context, in *write) (*answered[handover.Note], error) {
			if s.Handovers == nil {
				return nil, absent("the hand-overs")
			}
			c, region := callerIn(ctx), in.Body.Region
			if mine := dispatched(c); region == "" && len(mine) > 0 {
				region = mine[0]
			}
			n, err := s.Handovers.Write(ctx, actor(c), handover.Note{ID: in.Body.ID, Region: region, Text: in.Body.Text, Items: in.Body.Items})
			return s.handedOver(ctx, "hand a shift over", n, err)
		})
	type take struct {
		ID string `path:"id" maxLength:"64" doc:"编号 The note's id"`
	}
	do(s, access.IncidentSend, http.MethodPost, "/api/v1/handovers/{id}/take", "takeHandover", "incidents", "接班签收 Sign a hand-over off",
		func(ctx context.Context, in *take) (*answered[handover.Note], error) {
			if s.Handovers == nil {
				return nil, absent("the hand-overs")
			}
			n, err := s.Handovers.Take(ctx, actor(callerIn(ctx)), in.ID)
			return s.handedOver(ctx, "sign a hand-over off", n, err)
		})
}

// dispatched are the regions that the caller dispatches in.
func dispatched(c Caller) (codes []string) {
	for _, n := range c.Rights.Nodes(access.IncidentSend) {
		if n.Axis == access.ByRegion {
			codes = append(codes, n.Code)
		}
	}
	return codes
}

func (s *Server) nameHandover(ctx context.Context, n *handover.Note) {
	if s.Identity == nil {
		return
	}
	n.ByName = s.directory().SubjectName(ctx, n.By)
	if n.TakenBy != "" {
		n.TakenName = s.directory().SubjectName(ctx, n.TakenBy)
	}
}

// handedOver answers with a note, or with why there is none.
func (s *Server) handedOver(ctx context.Context, doing string, n handover.Note, err error) (*answered[handover.Note], error) {
	var wrong *handover.InvalidError
	var taken *handover.TakenError
	switch {
	case err == nil:
		s.nameHandover(ctx, &n)
		return &answered[handover.Note]{n}, nil
	case errors.As(err, &wrong):
		return nil, problem.New(http.StatusUnprocessableEntity, "交班记录有误 / the note cannot be kept as it is",
			ingest.Problem{Field: wrong.Field, Code: "invalid", Message: wrong.ZH + " / " + wrong.EN})
	case errors.As(err, &taken):
		s.nameHandover(ctx, &taken.Note)
		who := taken.Note.TakenName
		if who == "" {
			who = taken.Note.TakenBy
		}
		return nil, problem.New(http.StatusConflict, "已由"+who+"签收 / "+who+" has signed it off",
			ingest.Problem{Field: "/id", Code: ingest.CodeConflict, Message: "已由" + who + "签收 / " + who + " has signed it off"})
	case errors.Is(err, handover.ErrOwn):
		return nil, problem.New(http.StatusConflict, "交班人不能签收自己的记录 / it is signed off by somebody else than who wrote it")
	case errors.Is(err, handover.ErrNotAllowed):
		return nil, problem.New(http.StatusForbidden, "没有权限办理 / you may not do this")
	case errors.Is(err, handover.ErrUnknown):
		return nil, problem.New(http.StatusNotFound, "没有这条交班记录 / no such hand-over")
	}
	return nil, s.failed(ctx, doing, err)
}
