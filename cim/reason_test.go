package cim_test

import (
	"math"
	"testing"

	"onecity/cim"
)

func TestReasonsAddUpToTheIndexTheLargestFirst(t *testing.T) {
	f := cim.Formula{Terms: []cim.Term{
		{Measure: "alarms", Low: 0, High: 10, Weight: 1},
		{Measure: "incidents.late", Low: 0, High: 4, Weight: 2},
		{Measure: "units", Low: 2, High: 0, Weight: 1}, // less is worse
		{Measure: "observation", Property: "pm2_5", Window: cim.Hour, Stat: "mean", Low: 0, High: 75, Weight: 5},
	}}
	c := &cim.CellState{Alarms: 2, Late: 3, Units: 2}
	got := f.Reasons(c)
	if len(got) != 2 || got[0].Term.Measure != "incidents.late" || got[0].Value != 3 || got[1].Term.Measure != "alarms" {
		t.Fatalf("reasons %+v", got)
	}
	if sum := got[0].Points + got[1].Points; math.Abs(sum-100*(2*0.75+0.2)/4) > 1e-9 {
		t.Errorf("points add up to %v, want %v", sum, 100*(2*0.75+0.2)/4)
	}
}
