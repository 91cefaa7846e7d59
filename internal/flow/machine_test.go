package flow

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// permit is the test's machine: somebody applies, somebody else reviews, a
// third approves; a review that takes too long goes up a level, an approval
// that takes too long goes back.
func permit() *Machine {
	return &Machine{
		Name: "test.permit", Title: Text{"许可", "Permit"}, Initial: "draft", Start: "test.permit.create",
		States: []StateDef{
			{Name: "draft", Title: Text{"草稿", "Draft"}, Endless: "the applicant takes their time"},
			{Name: "review", Title: Text{"审查", "Review"}, Clock: &Clock{Limit: Limit{Plain: 10 * time.Minute}, Warn: .8, Again: 5 * time.Minute}},
			{Name: "approval", Title: Text{"审批", "Approval"}, Clock: &Clock{Limit: Limit{Working: 14 * time.Hour}, Warn: .5, Escalate: "expire"}},
			{Name: "live", Title: Text{"有效", "In force"}, Endless: "in force until revoked"},
			{Name: "revoked", Title: Text{"已撤销", "Revoked"}, Final: true},
			{Name: "refused", Title: Text{"不予许可", "Refused"}, Final: true},
		},
		Transitions: []Transition{
			{Event: "submit", Title: Text{"提交", "Submit"}, From: []State{"draft"}, To: "review", Action: BySubject,
				Do: func(_ context.Context, _ pgx.Tx, c Change) error { c.Next.Subject = ""; return nil }},
			{Event: "pass", Title: Text{"通过审查", "Pass"}, From: []State{"review"}, To: "approval", Action: "test.permit.review",
				NotBy: []Event{"submit"},
				Required: []Field{
					{Name: "opinion", Title: Text{"意见", "Opinion"}, MaxLen: 10},
					{Name: "grade", Title: Text{"等级", "Grade"}, Kind: KindChoice, Choices: []string{"甲", "乙"}},
					{Name: "until", Title: Text{"有效期至", "Until"}, Kind: KindDate},
				},
				Optional: []Field{{Name: "fee", Title: Text{"费用", "Fee"}, Kind: KindNumber}, {Name: "urgent", Title: Text{"加急", "Urgent"}, Kind: KindBool}},
			},
			{Event: "approve", Title: Text{"批准", "Approve"}, From: []State{"approval"}, To: "live", Action: "test.permit.approve",
				NotBy: []Event{Started, "pass"},
				Guards: []Guard{
					{Name: "named", Title: Text{"名称须含“证”", "The title must hold 证"}, Holds: func(_ context.Context, _ pgx.Tx, c Change) (bool, error) {
						return strings.Contains(c.Item.Title, "证"), nil
					}},
					{Name: "placed", Title: Text{"须有地区", "It must have a region"}, Holds: func(_ context.Context, _ pgx.Tx, c Change) (bool, error) {
						return c.Item.Region != "", nil
					}},
				}},
			{Event: "expire", Title: Text{"逾期退回", "Expire"}, From: []State{"approval"}, To: "review", Action: BySystem},
			{Event: "refuse", Title: Text{"拒绝", "Refuse"}, From: []State{"review", "approval"}, To: "refused", Action: "test.permit.approve"},
			{Event: "revoke", Title: Text{"撤销", "Revoke"}, From: []State{"live"}, To: "revoked", Action: "test.permit.approve"},
		},
	}
}

func TestAWellMadeMachineIsTaken(t *testing.T) {
	if err := permit().Check(); err != nil {
		t.Error(err)
	}
}

func TestCheckFindsWhatIsWrongWithAMachine(t *testing.T) {
	for want, spoil := range map[string]func(m *Machine){
		"its name is":                       func(m *Machine) { m.Name = "Test Permit" },
		"the machine has no title":          func(m *Machine) { m.Title.ZH = "" },
		"nobody may start it":               func(m *Machine) { m.Start = "" },
		"initial state":                     func(m *Machine) { m.Initial = "nowhere" },
		"state draft is there twice":        func(m *Machine) { m.States = append(m.States, m.States[0]) },
		"state draft has no title":          func(m *Machine) { m.States[0].Title.EN = " " },
		"waits without a clock":             func(m *Machine) { m.States[1].Clock = nil },
		"is final, but goes on":             func(m *Machine) { m.States[3].Final, m.States[3].Endless = true, "" },
		"is endless, but has a clock":       func(m *Machine) { m.States[1].Endless = "why not" },
		"has no limit, or more than one":    func(m *Machine) { m.States[1].Clock.Limit.Days = 1 },
		"warns at 1":                        func(m *Machine) { m.States[1].Clock.Warn = 1 },
		"cannot both escalate and go on":    func(m *Machine) { m.States[2].Clock.Again = time.Hour },
		"which the state does not know":     func(m *Machine) { m.States[1].Clock = &Clock{Limit: Limit{Days: 1}, Escalate: "submit"} },
		"which the program may not":         func(m *Machine) { m.States[2].Clock.Escalate = "refuse" },
		"which has fields to be filled in":  func(m *Machine) { m.Transitions[3].Required = m.Transitions[1].Required[:1] },
		"transition submit is nobody's":     func(m *Machine) { m.Transitions[0].Action = "" },
		"leads to \"nowhere\"":              func(m *Machine) { m.Transitions[0].To = "nowhere" },
		"leads from \"nowhere\"":            func(m *Machine) { m.Transitions[0].From = []State{"nowhere"} },
		"leads from nowhere":                func(m *Machine) { m.Transitions[0].From = nil },
		"leads to more than one place":      func(m *Machine) { m.Transitions[4].Event = "pass" },
		"a transition is called \"start\"":  func(m *Machine) { m.Transitions[0].Event = Started },
		"whoever did \"nothing\"":           func(m *Machine) { m.Transitions[1].NotBy = []Event{"nothing"} },
		"has the field opinion twice":       func(m *Machine) { m.Transitions[1].Optional = m.Transitions[1].Required[:1] },
		"field opinion of transition pass":  func(m *Machine) { m.Transitions[1].Required[0].Title = Text{} },
		"is of kind \"colour\"":             func(m *Machine) { m.Transitions[1].Required[0].Kind = "colour" },
		"has no choices":                    func(m *Machine) { m.Transitions[1].Required[1].Choices = nil },
		"has choices, but is none":          func(m *Machine) { m.Transitions[1].Required[2].Choices = []string{"甲"} },
		"guard named of transition approve": func(m *Machine) { m.Transitions[2].Guards[0].Holds = nil },
		"state refused cannot be reached":   func(m *Machine) { m.Transitions[4].To = "revoked" },
		"state review is a dead end":        deadEnd,
	} {
		m := permit()
		spoil(m)
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// deadEnd lets review and approval go round for ever.
func deadEnd(m *Machine) {
	m.States = m.States[:3]
	m.Transitions[2].To = "review"
	m.Transitions[2].NotBy = nil
	m.Transitions = []Transition{m.Transitions[0], m.Transitions[1], m.Transitions[2], m.Transitions[3]}
}
