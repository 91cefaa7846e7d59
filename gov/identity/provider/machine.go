package provider

import (
	"context"
	"fmt"
	"strings"

	"onecity/gov/identity/access"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// machineName is the onboarding's.
const machineName = "identity.app"

// Machine is the onboarding of applications 应用接入, for flow.Options. The
// application's state is changed in the transition's own transaction, and what
// the application was given ends there where it may no longer be used.
func Machine() *flow.Machine {
	edit, approve := string(access.AppEdit), string(access.AppApprove)
	reason := flow.Field{Name: "reason", Title: flow.Text{ZH: "理由", EN: "Reason"}}
	tested := flow.Guard{Name: "tested", Holds: isTested,
		Title: flow.Text{ZH: "尚未用当前配置完成一次测试登录", EN: "No test sign-in has gone through with the application as it is now"}}
	otherHand := flow.Guard{Name: "other-hand", Holds: isOtherHand,
		Title: flow.Text{ZH: "双人复核：最后修改人不能审核", EN: "Four eyes: whoever changed it last may not approve it"}}
	step := func(event flow.Event, zh, en string, to flow.State, action string, from ...flow.State) flow.Transition {
		return flow.Transition{Event: event, Title: flow.Text{ZH: zh, EN: en}, From: from, To: to, Action: action, Do: moved}
	}

	test := step("test", "提交审核", "Submit as tested", Tested, edit, Draft)
	test.Guards = []flow.Guard{tested}
	approval := step("approve", "审核通过", "Approve", Approved, approve, Tested)
	approval.Guards = []flow.Guard{tested, otherHand}
	approval.NotBy = []flow.Event{flow.Started, "test", "revise"}
	rejection := step("reject", "驳回", "Reject", Rejected, approve, Tested, Approved)
	rejection.Required = []flow.Field{reason}
	suspension := step("suspend", "停用", "Suspend", Suspended, approve, Live)
	suspension.Required = []flow.Field{reason}
	resumption := step("resume", "恢复使用", "Resume", Live, approve, Suspended)
	resumption.Guards = []flow.Guard{tested}
	closing := step("close", "注销", "Close", Closed, edit, Draft, Rejected, Suspended)
	closing.System = true

	days := func(n int) *flow.Clock { return &flow.Clock{Limit: flow.Limit{Days: n}, Warn: 0.8} }
	return &flow.Machine{
		Name: machineName, Title: flow.Text{ZH: "应用接入", EN: "Application onboarding"}, Initial: Draft, Start: edit,
		States: []flow.StateDef{
			{Name: Draft, Title: flow.Text{ZH: "草拟", EN: "Draft"}, Clock: days(30)},
			{Name: Tested, Title: flow.Text{ZH: "已测试，待审核", EN: "Tested, waits for approval"}, Clock: days(5)},
			{Name: Approved, Title: flow.Text{ZH: "已审核，待上线", EN: "Approved, waits to go live"}, Clock: days(10)},
			{Name: Live, Title: flow.Text{ZH: "使用中", EN: "Live"}, Endless: "in use until it is suspended"},
			{Name: Suspended, Title: flow.Text{ZH: "已停用", EN: "Suspended"}, Clock: days(60)},
			{Name: Rejected, Title: flow.Text{ZH: "已驳回", EN: "Rejected"}, Clock: &flow.Clock{Limit: flow.Limit{Days: 60}, Warn: 0.8, Escalate: "close"}},
			{Name: Closed, Title: flow.Text{ZH: "已注销", EN: "Closed"}, Final: true},
		},
		Transitions: []flow.Transition{
			test, approval, rejection,
			step("withdraw", "撤回修改", "Take back to change it", Draft, edit, Tested, Approved),
			step("revise", "修改后重报", "Revise", Draft, edit, Rejected, Suspended),
			step("go-live", "上线", "Put live", Live, approve, Approved),
			suspension, resumption, closing,
		},
	}
}

// usable reports whether anybody at all may use an application in that state.
func usable(state string) bool { return state == Live || state == Draft || state == Tested }

// moved keeps the application's state with the item's.
func moved(ctx context.Context, tx pgx.Tx, c flow.Change) error {
	id := strings.TrimPrefix(c.Item.ID, "app:")
	to := string(c.To)
	err := tx.QueryRow(ctx, `update provider.app set state = $2, updated = $3, version = version + 1 where id = $1 returning zh`,
		id, to, c.Now).Scan(&c.Next.Title)
	if err != nil {
		return fmt.Errorf("move the application %s to %s: %w", id, to, err)
	}
	if usable(to) {
		return nil
	}
	_, err = tx.Exec(ctx, `update provider.granted set ended = $2, why = $3 where app = $1 and ended is null`, id, c.Now, string(c.Event))
	if err != nil {
		return fmt.Errorf("end what the application %s was given: %w", id, err)
	}
	return nil
}

// isTested: a sign-in has gone through since the last change.
func isTested(ctx context.Context, tx pgx.Tx, c flow.Change) (ok bool, err error) {
	err = tx.QueryRow(ctx, `select coalesce((select tested_at is not null from provider.app where 'app:' || id = $1), false)`, c.Item.ID).Scan(&ok)
	return ok, err
}

// isOtherHand: the actor is not who last changed the application.
func isOtherHand(ctx context.Context, tx pgx.Tx, c flow.Change) (ok bool, err error) {
	err = tx.QueryRow(ctx, `select coalesce((select edited_by <> $2 from provider.app where 'app:' || id = $1), false)`, c.Item.ID, c.Actor.Subject).Scan(&ok)
	return ok, err
}
