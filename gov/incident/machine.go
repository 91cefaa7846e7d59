package incident

import (
	"slices"
	"time"

	"onecity/internal/flow"
)

// The actions of package access that the loop asks for, by name: this module
// knows no other.
const (
	actReport = "incident.report"
	actHandle = "incident.handle"
	actSend   = "incident.dispatch"
	actCheck  = "incident.verify"
	actUrge   = "incident.urge"
	actRoster = "incident.roster"
)

// words are a text in both languages.
func words(zh, en string) flow.Text { return flow.Text{ZH: zh, EN: en} }

// Machine is the loop for flow.Options. Only a Service leads a case on, since
// the record and its timeline change in the same transaction.
func Machine(o Options) *flow.Machine {
	o.fill()
	return &flow.Machine{
		Name: MachineName, Title: words("案件办理", "Handling of a case"),
		Initial: Reported, Start: flow.BySystem, States: states(), Transitions: transitions(o), Struck: struck,
	}
}

// warnAt is the part of a limit after which a warning is due; again how long
// after an escalation the next one follows.
const (
	warnAt = 0.8
	again  = 24 * time.Hour
)

func states() []flow.StateDef {
	// limit is for a case whose class has none for the step.
	step := func(s flow.State, zh, en string, limit time.Duration) flow.StateDef {
		return flow.StateDef{Name: s, Title: words(zh, en), Clock: &flow.Clock{
			Limit: flow.Limit{Plain: limit}, For: limitOf(s), Warn: warnAt, Again: again}}
	}
	return []flow.StateDef{
		step(Reported, "待立案", "Reported, waits to be established", 4*time.Hour),
		step(Established, "待派遣", "Established, waits for somebody to be sent", 4*time.Hour),
		step(Offered, "待抢单", "Open call, waits for a unit to accept", 30*time.Minute),
		step(Assigned, "待接单", "Assigned, waits to be accepted", 30*time.Minute),
		step(Accepted, "已接单", "Accepted, on the way", 24*time.Hour),
		step(Handling, "处置中", "Being handled", 24*time.Hour),
		{Name: Delaying, Title: words("延期待批", "Asks for more time"),
			Clock: &flow.Clock{Limit: flow.Limit{Working: 4 * time.Hour}, Warn: warnAt, Again: again}},
		{Name: Suspended, Title: words("已挂账", "Suspended"),
			Clock: &flow.Clock{Limit: flow.Limit{Days: 5}, Warn: warnAt, Again: 5 * again}},
		step(External, "已移交", "With another system", 24*time.Hour),
		step(Handled, "待核查", "Handled, waits for verification", 24*time.Hour),
		{Name: Closed, Title: words("已结案", "Closed"), Final: true},
		{Name: Rejected, Title: words("不予立案", "Rejected"), Final: true},
		{Name: Merged, Title: words("已并案", "Merged into another"), Endless: "part of another case until it is split from it"},
	}
}

func field(name, zh, en, kind string) flow.Field {
	return flow.Field{Name: name, Title: words(zh, en), Kind: kind}
}

// The fields of the commands.
var (
	fieldReason  = field("reason", "理由", "Reason", flow.KindText)
	fieldResult  = field("result", "处置结果", "Result", flow.KindText)
	fieldNote    = field("note", "说明", "Note", flow.KindText)
	fieldUnit    = field("unit", "力量", "Unit", flow.KindText)
	fieldUnits   = field("units", "力量，以逗号分隔", "Units, separated by commas", flow.KindText)
	fieldHandler = field("handler", "经办人", "Handler", flow.KindText)
	fieldOrg     = field("org", "责任单位", "Organisation", flow.KindText)
	fieldUntil   = field("until", "延期至", "Until", flow.KindDate)
	fieldPartner = field("partner", "对接系统", "Partner", flow.KindText)
	fieldInto    = field("into", "并入案件", "Into the case", flow.KindText)
	fieldLon     = field("lon", "经度", "Longitude", flow.KindNumber)
	fieldLat     = field("lat", "纬度", "Latitude", flow.KindNumber)
)

func fields(f ...flow.Field) []flow.Field { return f }

// transitions are the machine's, in the order in which a page offers them.
func transitions(o Options) []flow.Transition {
	ours := addressed(o)
	// who did the work, or said that another system did, does not verify it
	hands := []flow.Event{Accept, Arrive, Finish, ComeBack}
	list := []flow.Transition{
		{Event: Establish, Title: words("立案", "Establish"), From: []flow.State{Reported}, To: Established, Action: actSend, Optional: fields(fieldNote)},
		{Event: Assign, Title: words("派遣", "Assign"), From: []flow.State{Reported, Established, Offered, Assigned, Accepted, Handling}, To: Assigned,
			Action: actSend, Optional: fields(fieldUnit, fieldHandler, fieldOrg, fieldNote)},
		{Event: Offer, Title: words("广播抢单", "Open call"), From: []flow.State{Reported, Established, Assigned}, To: Offered,
			Action: actSend, Required: fields(fieldUnits), Optional: fields(fieldOrg, fieldNote)},
		{Event: Accept, Title: words("接单", "Accept"), From: []flow.State{Assigned, Offered}, To: Accepted,
			Action: actHandle, Optional: fields(fieldUnit, fieldNote), Guards: append(slices.Clone(ours), ownUnit(o))},
		{Event: Decline, Title: words("拒单", "Decline"), From: []flow.State{Assigned}, To: Established,
			Action: actHandle, Required: fields(fieldReason), Guards: ours},
		{Event: Arrive, Title: words("到场", "Arrive"), From: []flow.State{Accepted}, To: Handling,
			Action: actHandle, Optional: fields(fieldLon, fieldLat, fieldNote), Guards: ours},
		{Event: Finish, Title: words("处置完成", "Finish"), From: []flow.State{Handling}, To: Handled,
			Action: actHandle, Required: fields(fieldResult), Optional: fields(fieldNote), Guards: append(slices.Clone(ours), proven())},
		{Event: GiveBack, Title: words("退回", "Return"), From: []flow.State{Accepted, Handling}, To: Established,
			Action: actHandle, Required: fields(fieldReason), Guards: ours},
		{Event: AskDelay, Title: words("申请延期", "Ask for more time"), From: []flow.State{Accepted, Handling}, To: Delaying,
			Action: actHandle, Required: fields(fieldReason, fieldUntil), Guards: ours},
		{Event: GrantDelay, Title: words("同意延期", "Grant more time"), From: []flow.State{Delaying}, To: Handling, Action: actSend, Optional: fields(fieldNote)},
		{Event: RefuseDelay, Title: words("不同意延期", "Refuse more time"), From: []flow.State{Delaying}, To: Handling,
			Action: actSend, Required: fields(fieldReason)},
		{Event: Close, Title: words("核查结案", "Verify and close"), From: []flow.State{Handled}, To: Closed,
			Action: actCheck, Optional: fields(fieldResult, fieldNote), NotBy: hands},
		{Event: Rework, Title: words("返工", "Rework"), From: []flow.State{Handled}, To: Assigned,
			Action: actCheck, Required: fields(fieldReason), NotBy: hands},
		{Event: Suspend, Title: words("挂账", "Suspend"), From: []flow.State{Established, Accepted, Handling}, To: Suspended,
			Action: actSend, Required: fields(fieldReason)},
		{Event: Resume, Title: words("恢复办理", "Resume"), From: []flow.State{Suspended}, To: Established, Action: actSend, Optional: fields(fieldNote)},
		{Event: HandOver, Title: words("移交", "Hand over"), From: []flow.State{Reported, Established}, To: External,
			Action: actSend, Required: fields(fieldPartner), Optional: fields(fieldNote), System: true},
		{Event: TakeBack, Title: words("收回", "Take back"), From: []flow.State{External}, To: Established,
			Action: actSend, Required: fields(fieldReason), System: true},
		{Event: ComeBack, Title: words("外部办结", "Done by the other system"), From: []flow.State{External}, To: Handled,
			Action: actSend, Required: fields(fieldResult), Optional: fields(fieldNote), System: true},
		{Event: Merge, Title: words("并案", "Merge"), From: []flow.State{Reported, Established, Assigned}, To: Merged,
			Action: actSend, Required: fields(fieldInto)},
		{Event: Split, Title: words("拆案", "Split"), From: []flow.State{Merged}, To: Reported, Action: actSend},
		{Event: Reject, Title: words("不予立案", "Reject"), From: []flow.State{Reported, Established}, To: Rejected,
			Action: actSend, Required: fields(fieldReason)},
		{Event: SourceEnded, Title: words("来源办结", "Ended by its source"), To: Closed, Action: flow.BySystem, Optional: fields(fieldResult),
			From: []flow.State{Reported, Established, Offered, Assigned, Accepted, Handling, Delaying, Suspended, External, Handled}},
	}
	for i := range list {
		list[i].Do = keepWork
	}
	return list
}
