// Package evaluation is 综合评价, the last of the seven steps of GB/T 30428: it
// counts what came of the cases and makes indicators of the counts.
//
// A case's history is folded into [Part]s: one says that so much of a
// [Measure] happened at a time, by whom, in which unit and organisation. The
// counts of a period are sums of parts, so those of a region's parts, of its
// classes or of its days add up to the region's. What belongs together is
// counted on one day: that a case was handled in time on the day on which it
// had to be handled, so that no share is over 100 %.
//
// An [Indicator] is data: a [Formula] over the measures, its target and from
// when on it counts. Dividing by nothing has no value; it is not zero.
//
// [Service.Run] keeps the counts while cases change, told by triggers in the
// transaction of each change. Cities and towns are read from sums by day,
// smaller regions from their cases. The same fold makes both.
package evaluation
