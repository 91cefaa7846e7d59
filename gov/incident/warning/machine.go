package warning

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// draftFor is how long a draft may lie: who has not issued it by then will not.
const draftFor = 24 * time.Hour

// carried is what the kernel's item carries of a warning: what its guards and
// its clock need.
type carried struct {
	Colour  string    `json:"colour"`
	Expires time.Time `json:"expires"`
	Authors []string  `json:"authors"`
}

func carriedBy(it flow.Item) (c carried, err error) {
	if err := json.Unmarshal(it.Data, &c); err != nil {
		return carried{}, fmt.Errorf("read what warning %s carries: %w", it.ID, err)
	}
	return c, nil
}

// Machine is the way of a warning, for flow.Options.
func (s *Service) Machine() *flow.Machine {
	otherHand := flow.Guard{Name: "other-hand", Title: flow.Text{ZH: "双人复核：橙色、红色预警不能由拟制人本人发布",
		EN: "Four eyes: who wrote an orange or red warning may not issue it"}, Holds: isOtherHand}
	ahead := flow.Guard{Name: "ahead", Title: flow.Text{ZH: "失效时间已过，请先修改", EN: "It would be over already: change when it expires"},
		Holds: func(_ context.Context, _ pgx.Tx, c flow.Change) (bool, error) {
			d, err := carriedBy(c.Item)
			return d.Expires.After(c.Now), err
		}}
	reason := flow.Field{Name: "reason", Title: flow.Text{ZH: "理由", EN: "Reason"}, MaxLen: 500}
	return &flow.Machine{
		Name: MachineName, Title: flow.Text{ZH: "预警发布", EN: "Emergency warning"}, Initial: Draft, Start: Action,
		States: []flow.StateDef{
			{Name: Draft, Title: flow.Text{ZH: "拟制，待发布", EN: "Draft, waits to be issued"},
				Clock: &flow.Clock{Limit: flow.Limit{Plain: draftFor}, Warn: 0.8, Escalate: Drop}},
			{Name: Issued, Title: flow.Text{ZH: "已发布", EN: "In force"},
				Clock: &flow.Clock{Limit: flow.Limit{Plain: 24 * time.Hour}, For: untilExpiry, Escalate: Expire}},
			{Name: Replaced, Title: flow.Text{ZH: "已更新", EN: "Replaced by another"}, Final: true},
			{Name: Cancelled, Title: flow.Text{ZH: "已解除", EN: "Cancelled"}, Final: true},
			{Name: Expired, Title: flow.Text{ZH: "已失效", EN: "Over"}, Final: true},
			{Name: Dropped, Title: flow.Text{ZH: "已作废", EN: "Dropped"}, Final: true},
		},
		Transitions: []flow.Transition{
			{Event: Issue, Title: flow.Text{ZH: "发布", EN: "Issue"}, From: []flow.State{Draft}, To: Issued, Action: Action,
				Guards: []flow.Guard{otherHand, ahead}, Do: s.issued},
			{Event: Drop, Title: flow.Text{ZH: "作废", EN: "Drop"}, From: []flow.State{Draft}, To: Dropped, Action: Action, System: true, Do: s.ended},
			{Event: Cancel, Title: flow.Text{ZH: "解除", EN: "Cancel"}, From: []flow.State{Issued}, To: Cancelled, Action: Action,
				Required: []flow.Field{reason}, Do: s.ended},
			{Event: Replace, Title: flow.Text{ZH: "由新预警取代", EN: "Replace"}, From: []flow.State{Issued}, To: Replaced, Action: flow.BySystem, Do: s.ended},
			{Event: Expire, Title: flow.Text{ZH: "到期失效", EN: "Expire"}, From: []flow.State{Issued}, To: Expired, Action: flow.BySystem, Do: s.ended},
		},
	}
}

// isOtherHand: a grave warning is issued by somebody who wrote none of it.
func isOtherHand(_ context.Context, _ pgx.Tx, c flow.Change) (bool, error) {
	d, err := carriedBy(c.Item)
	if err != nil {
		return false, err
	}
	grave := d.Colour == Orange || d.Colour == Red
	return !grave || !slices.Contains(d.Authors, c.Actor.Subject), nil
}

// untilExpiry is how long a warning holds from when it is issued.
func untilExpiry(it flow.Item) flow.Limit {
	d, err := carriedBy(it)
	if err != nil {
		return flow.Limit{}
	}
	return flow.Limit{Plain: max(time.Second, d.Expires.Sub(it.Since))}
}
