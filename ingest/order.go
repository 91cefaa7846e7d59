package ingest

import (
	"cmp"
	"slices"

	"onecity/cim"
)

// inOrder is obs with each datastream's times ascending. The model remembers
// the newest nine times of a datastream and takes what is older than all of
// them for too late: of a batch sent newest first it would take nine. What is
// in order of time already stays as it is, and obs is not written to.
func inOrder(obs []cim.Observation) []cim.Observation {
	if slices.IsSortedFunc(obs, func(a, b cim.Observation) int { return a.Time.Compare(b.Time) }) {
		return obs
	}
	sorted := slices.Clone(obs)
	slices.SortStableFunc(sorted, func(a, b cim.Observation) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Property, b.Property), a.Time.Compare(b.Time))
	})
	return sorted
}

// datastream names one series of a device.
type datastream struct {
	device   string
	property cim.Property
}

// untimedOnce gives o, which has no time, the Gate's; a second one of its
// datastream in one batch would be a repeat of the first to the model.
func (b *batch) untimedOnce(o *cim.Observation) *Problem {
	of := datastream{o.Device, o.Property}
	if _, twice := b.untimed[of]; twice {
		return &Problem{Field: "/time", Value: Shorten(o.Device + " " + string(o.Property)), Code: CodeDuplicate,
			Message:  "同一数据流在一批中有两个未注明时间的观测值 / a second value without a time of one datastream in one batch",
			Expected: "a time for each value"}
	}
	if b.untimed == nil {
		b.untimed = make(map[datastream]struct{})
	}
	b.untimed[of] = struct{}{}
	o.Time = b.now
	return nil
}
