package incident

import "onecity/internal/flow"

// The states of a case, with the step of GB/T 30428 that each belongs to.
const (
	Reported    flow.State = "reported"    // 待立案: 信息收集
	Established flow.State = "established" // 待派遣: 案件建立
	Offered     flow.State = "offered"     // 待抢单: 任务派遣, an open call
	Assigned    flow.State = "assigned"    // 待接单: 任务派遣
	Accepted    flow.State = "accepted"    // 已接单，赶赴现场: 任务处理
	Handling    flow.State = "handling"    // 处置中: 任务处理
	Delaying    flow.State = "delaying"    // 延期待批: 任务处理
	Suspended   flow.State = "suspended"   // 已挂账: 任务处理
	External    flow.State = "external"    // 已移交: with another system
	Handled     flow.State = "handled"     // 待核查: 处理反馈
	Closed      flow.State = "closed"      // 已结案: 核查结案
	Rejected    flow.State = "rejected"    // 不予立案
	Merged      flow.State = "merged"      // 已并案
)

// The events. Who may, and what must be filled in, is the machine's.
const (
	Establish   flow.Event = "establish"    // 立案: reported → established
	Reject      flow.Event = "reject"       // 不予立案: reported, established → rejected; reason
	Assign      flow.Event = "assign"       // 派遣: reported, established, offered, assigned, accepted, handling → assigned; unit or handler; org?, note?
	Offer       flow.Event = "offer"        // 广播抢单: reported, established, assigned → offered; units (comma-separated)
	Accept      flow.Event = "accept"       // 接单: assigned, offered → accepted; unit?
	Decline     flow.Event = "decline"      // 拒单: assigned → established; reason
	Arrive      flow.Event = "arrive"       // 到场: accepted → handling; lon?, lat?
	Finish      flow.Event = "finish"       // 处置完成: handling → handled; result; needs a photo after
	GiveBack    flow.Event = "return"       // 退回: accepted, handling → established; reason
	AskDelay    flow.Event = "ask-delay"    // 申请延期: accepted, handling → delaying; reason, until
	GrantDelay  flow.Event = "grant-delay"  // 同意延期: delaying → handling
	RefuseDelay flow.Event = "refuse-delay" // 不同意延期: delaying → handling; reason
	Suspend     flow.Event = "suspend"      // 挂账: established, accepted, handling → suspended; reason
	Resume      flow.Event = "resume"       // 恢复: suspended → established
	HandOver    flow.Event = "hand-over"    // 移交: reported, established → external; partner
	TakeBack    flow.Event = "take-back"    // 收回: external → established; reason
	ComeBack    flow.Event = "come-back"    // 外部办结: external → handled; the partner's word; result
	Close       flow.Event = "close"        // 核查结案: handled → closed; not by who handled it; result
	Rework      flow.Event = "rework"       // 返工: handled → assigned, the same unit; not by who handled it; reason
	Merge       flow.Event = "merge"        // 并案: reported, established, assigned → merged; by Service.Merge
	Split       flow.Event = "split"        // 拆案: merged → reported; by Service.Split
	SourceEnded flow.Event = "source-ended" // 来源办结: the sender's system says it is over → closed
)
