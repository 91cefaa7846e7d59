// Package flow is the workflow kernel 流程内核: one table-driven state machine
// that every module of the government's work uses.
//
// A [Machine] is data: states, transitions, who may, what must be filled in,
// guards, and for each state in which something is waited for a clock in
// working days 工作日, working hours or plain time, with what happens when it
// runs out. [Machine.Check] walks it (no dead end, every transition has an
// owner, every waiting state a clock), [Machine.Mermaid] and [Machine.SVG] draw
// it.
//
// An [Engine] runs machines on PostgreSQL ([Migrate], [New]). An [Item] is one
// piece of work; [Engine.Start] begins it, [Engine.Fire] makes a transition.
// One transition is one transaction: the new state (refused as a [Conflict]
// when somebody was faster), the module's own change ([Transition.Do]), an
// audit entry, a line of history, an outbox row, and the job of the clock.
// StartTx and FireTx do so in a transaction of the caller's.
//
// [Engine.Waiting] is the one list of what waits for a person, in all modules;
// [Engine.Events] is what they can do with an item now, and why not.
//
// [Engine.Run] owns what goes on by itself: clocks strike, modules' jobs are
// done (river), and the outbox is handed over to [Options.Publish], at least
// once and each message always under the same ID.
package flow
