// Package flow is the workflow kernel 流程内核: one table-driven state machine
// that every module of the government's work uses.
//
// A [Machine] is data: states, transitions, who may, what must be filled in,
// guards, and for each state in which something is waited for a clock in
// working time 工作日 or in minutes, with what happens when it runs out. An
// [Engine] runs machines on PostgreSQL. One transition is one transaction: the
// new state (refused with [ErrConflict] when somebody was faster), the module's
// own change, an audit entry, an outbox row, and the jobs that follow.
//
// What waits for a person, in all modules, is one list ([Engine.Waiting]).
// A machine prints itself as a diagram ([Machine.Mermaid], [Machine.SVG]), and
// [Machine.Check] walks it: no dead end, every transition has an owner, every
// waiting state a clock.
package flow
