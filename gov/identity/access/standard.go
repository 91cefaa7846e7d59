package access

// The actions of the program. A module that has more adds them here: the page
// of roles shows them all.
const (
	// The city model.

	CityView       Action = "city.view"         // read the model: tiles, frames, lists, charts
	CityWrite      Action = "city.write"        // put regions, objects, devices and tables into it
	ObservationPut Action = "observation.send"  // send observations of devices in the subtree
	UnitMove       Action = "unit.send"         // send positions of units in the subtree
	FeedView       Action = "feed.view"         // see departments' feeds and deliveries
	FeedDeliver    Action = "feed.deliver"      // deliver a feed
	DeadView       Action = "deadletter.view"   // read what was refused
	DeadMend       Action = "deadletter.mend"   // mend it and send it again
	IncidentReport Action = "incident.report"   // report an incident
	IncidentWork   Action = "incident.handle"   // accept, arrive, handle
	IncidentSend   Action = "incident.dispatch" // establish, send somebody, merge, reject
	IncidentCheck  Action = "incident.verify"   // verify what another has handled, and close
	IncidentUrge   Action = "incident.urge"     // comment on and urge 督办
	IncidentCount  Action = "incident.evaluate" // read evaluations and briefs
	AlarmRules     Action = "incident.rule"     // write and switch alarm rules
	DutyRoster     Action = "incident.roster"   // write duty rosters and responsibilities
	PartnerEdit    Action = "incident.partner"  // join other systems
	WarningIssue   Action = "warning.issue"     // broadcast a warning to everybody
	DeviceSecret   Action = "device.credential" // issue, renew and revoke devices' credentials
	MetricsView    Action = "system.metrics"    // read Prometheus figures

	// Identity and the log.

	AuditView   Action = "audit.view"
	OrgView     Action = "identity.org.view"
	OrgEdit     Action = "identity.org.edit" // organisations, posts, the three ones
	PersonView  Action = "identity.person.view"
	PersonEdit  Action = "identity.person.edit" // people and their credentials
	BindingView Action = "identity.binding.view"
	AppView     Action = "identity.app.view"
	AppEdit     Action = "identity.app.edit"    // draft and test an application
	AppApprove  Action = "identity.app.approve" // approve, put live, suspend
)

// everyLayer names the layers of the city model.
var everyLayer = []string{
	"regions", "water", "roads", "buildings", "places", "components", "devices", "units", "incidents", "cells",
}

// Grades 数据分级 of what is seen, after GB/T 43697-2024: the higher, the fewer
// may see it.
const (
	GradeOpen      uint8 = 0 // 公开
	GradeInternal  uint8 = 1 // 内部
	GradeSensitive uint8 = 2 // 敏感: where people are, who reported
	GradeImportant uint8 = 3 // 重要
)

// Standard are the roles out of the box. Who watches (auditor), who gives
// rights (security) and who keeps the house (admin) are three, as 等级保护
// (GB/T 22239-2019, 8.1.5 安全管理中心: 系统管理, 审计管理, 安全管理) has it.
func Standard() []Role {
	return []Role{
		{Code: "operator", ZH: "指挥中心值班员", EN: "Command-centre operator", Layers: everyLayer, Grade: GradeSensitive,
			Does: []Action{CityView, FeedView, DeadView, IncidentReport, IncidentSend, IncidentWork, IncidentCheck, IncidentUrge, IncidentCount,
				AlarmRules, DutyRoster, WarningIssue, OrgView}},
		{Code: "leader", ZH: "分管领导", EN: "Leader in charge", Layers: everyLayer, Grade: GradeSensitive,
			Does: []Action{CityView, FeedView, IncidentUrge, IncidentCount, WarningIssue, OrgView}},
		{Code: "grid", ZH: "网格员", EN: "Grid worker", Layers: everyLayer, Grade: GradeInternal,
			Does: []Action{CityView, IncidentReport, IncidentWork, IncidentCheck, UnitMove}},
		{Code: "enforcer", ZH: "综合执法队员", EN: "Enforcement officer", Layers: everyLayer, Grade: GradeSensitive,
			Does: []Action{CityView, IncidentReport, IncidentWork, UnitMove}},
		{Code: "viewer", ZH: "一般工作人员", EN: "Staff", Layers: everyLayer, Grade: GradeOpen,
			Does: []Action{CityView}},
		{Code: "officer", ZH: "专职信息员", EN: "Information officer", Layers: everyLayer, Grade: GradeInternal,
			Does: []Action{CityView, FeedView, FeedDeliver, DeadView, DeadMend, OrgView, PersonView, AppView, AppEdit, PartnerEdit, IncidentCount}},
		{Code: "admin", ZH: "系统管理员", EN: "System administrator", Layers: everyLayer, Grade: GradeInternal,
			Does: []Action{CityView, CityWrite, FeedView, FeedDeliver, DeadView, DeadMend, DeviceSecret, MetricsView,
				OrgView, OrgEdit, PersonView, PersonEdit, BindingView, AppView, AppEdit, PartnerEdit, DutyRoster},
			Grants: []string{"operator", "leader", "grid", "enforcer", "viewer", "officer", "gateway", "portal"}},
		{Code: "security", ZH: "安全管理员", EN: "Security administrator",
			Does:   []Action{OrgView, PersonView, PersonEdit, BindingView, AppView, AppApprove},
			Grants: []string{"admin", "security"}},
		// Who watches is made by who watches: whoever may give a role may also
		// take its holder's password into their hands.
		{Code: "auditor", ZH: "审计管理员", EN: "Auditor",
			Does:   []Action{AuditView, OrgView, PersonView, BindingView, AppView},
			Grants: []string{"auditor"}},

		// Roles of programs.
		{Code: "gateway", ZH: "物联网关", EN: "Device gateway", Layers: everyLayer, Grade: GradeInternal,
			Does: []Action{CityView, CityWrite, ObservationPut, UnitMove, DeviceSecret}},
		{Code: "portal", ZH: "公众诉求门户", EN: "Citizens' portal", Layers: []string{"regions", "incidents"}, Grade: GradeOpen,
			Does: []Action{CityView, IncidentReport}},
		{Code: "crew", ZH: "模拟作业队", EN: "Simulated crews", Layers: everyLayer, Grade: GradeSensitive,
			// what a person sends them for is addressed to no handler of theirs
			Does: []Action{CityView, IncidentWork, IncidentSend}},
		{Code: "steward", ZH: "本机工具", EN: "Tools of this machine", Layers: everyLayer, Grade: 255,
			Does: []Action{CityView, CityWrite, ObservationPut, UnitMove, FeedView, FeedDeliver, DeadView, DeadMend,
				IncidentReport, IncidentWork, IncidentSend, IncidentCheck, DeviceSecret, MetricsView}},
	}
}
