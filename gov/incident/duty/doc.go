// Package duty knows who is on duty 在岗 with which unit, since when, and where
// they have been meanwhile: the patrol 巡查 of a grid worker 网格员.
//
// A [Shift] is begun and ended by the person, also later: a phone that was
// without network for the whole of it brings it in afterwards, with the times by
// its own clock. What that clock is worth is found from the time at which it says
// it is sending ([Clock]); times are put right by that and marked doubtful.
//
// Positions are kept only within a shift: where people are otherwise is nobody's
// business. The same position again changes nothing. They are dropped after
// [KeepTrack].
//
// The package knows no model and no HTTP. Whoever wants to know who may act for
// a unit asks [Service.OnDuty]; what units there are is the city model's, where
// the person's own unit is put by [Options.Register].
package duty
