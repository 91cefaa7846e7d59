// Package alarm lets what devices and units report open an incident by itself:
// a [Rule] 告警规则 is data, and the [Engine] is a deterministic machine that is
// fed with the facts of the city's stream in their order and says which
// incidents to open.
//
// Six kinds of rules: a threshold with duration and hysteresis, a rate of
// change, the silence of a device, a fence 电子围栏, several sensors in
// neighbouring H3 cells, and an expression. The engine knows no clock but the
// stream's, so the same facts give the same incidents, on another node, after a
// restart, and over what was recorded ([Trial]): a rule is tried against history
// before it is switched on.
//
// [Service] keeps the rules (who changed what, each version, the audit log) and
// [Service.Run] feeds the engine; its state is kept with its position, and an
// incident's id is made of rule, target and begin, so that what is said twice
// is one report. The package knows no model and no HTTP: cmd turns the city's
// events into [Event] and joins [Gate] to the way in of incidents.
package alarm
