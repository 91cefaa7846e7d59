package flow_test

import (
	"fmt"
	"time"

	"onecity/internal/flow"
)

// A machine is a table. Its module makes it once, gives it to New with the
// others, and calls Start and Fire.
func ExampleMachine() {
	loan := &flow.Machine{
		Name: "library.loan", Title: flow.Text{ZH: "借阅", EN: "Loan"}, Initial: "asked", Start: "library.ask",
		States: []flow.StateDef{
			{Name: "asked", Title: flow.Text{ZH: "待批", EN: "Asked"}, Clock: &flow.Clock{Limit: flow.Limit{Days: 3}, Warn: 0.8}},
			{Name: "lent", Title: flow.Text{ZH: "已借出", EN: "Lent"}, Clock: &flow.Clock{Limit: flow.Limit{Plain: 30 * 24 * time.Hour}}},
			{Name: "returned", Title: flow.Text{ZH: "已归还", EN: "Returned"}, Final: true},
		},
		Transitions: []flow.Transition{
			{Event: "lend", Title: flow.Text{ZH: "借出", EN: "Lend"}, From: []flow.State{"asked"}, To: "lent",
				Action: "library.lend", NotBy: []flow.Event{flow.Started}},
			{Event: "return", Title: flow.Text{ZH: "归还", EN: "Return"}, From: []flow.State{"lent"}, To: "returned",
				Action: "library.lend", Required: []flow.Field{{Name: "condition", Title: flow.Text{ZH: "状况", EN: "Condition"}}}},
		},
	}
	fmt.Println(loan.Check())
	fmt.Print(loan.Mermaid(flow.ZH, "lent"))
	// Output:
	// <nil>
	// stateDiagram-v2
	//     direction LR
	//     state "待批" as s_asked
	//     state "已借出" as s_lent
	//     state "已归还" as s_returned
	//     [*] --> s_asked
	//     s_asked --> s_lent: 借出
	//     s_lent --> s_returned: 归还
	//     s_returned --> [*]
	//     classDef present font-weight:bold,stroke-width:3px
	//     class s_lent present
}
