package cim_test

import (
	"math/rand/v2"

	"onecity/cim"
	"onecity/cim/cimtest"
)

// storyGrade is the highest grade in a story.
const storyGrade = 2

func newStory(seed uint64) *cimtest.Story { return cimtest.NewStory(seed) }

func chapter(seed uint64, n int) []cim.Event { return cimtest.Chapter(seed, n) }

func restless(seed uint64, n int) []cim.Event { return cimtest.Restless(seed, n) }

// inBatches is a fact as several facts of fewer items.
func inBatches(r *rand.Rand, f cim.Fact) (parts []cim.Fact) {
	switch f := f.(type) {
	case cim.Observations:
		for l := f.Observations; len(l) > 0; {
			n := 1 + r.IntN(len(l))
			parts = append(parts, cim.Observations{Observations: l[:n]})
			l = l[n:]
		}
	case cim.Positions:
		for i := range f.Positions {
			parts = append(parts, cim.Positions{Positions: f.Positions[i : i+1]})
		}
	case cim.ObjectsPut:
		for i := range f.Objects {
			parts = append(parts, cim.ObjectsPut{Objects: f.Objects[i : i+1]})
		}
	case cim.DevicesPut:
		for i := range f.Devices {
			parts = append(parts, cim.DevicesPut{Devices: f.Devices[i : i+1]})
		}
	default:
		parts = []cim.Fact{f}
	}
	return parts
}
