package alarm

import (
	"strings"
	"testing"
	"time"
)

func TestAValueBeyondTheLimitForLongEnoughOpensOne(t *testing.T) {
	f := newFeed(t, threshold(">", 150, 3))
	f.minutes("a", "pm10", 100, 151, 160, 170) // beyond from 1m, three minutes are over at 4m
	f.want()
	f.minutes("a", "pm10", 180, 190, 200)
	f.want("device:a 4m0s")
	r := f.acts[0].Report
	if r.Class != "E0106" || r.Severity != 3 || r.Title != "扬尘污染（设备a）" || r.Description != "设备a PM10 180 µg/m³ 超过 150，3 分钟" ||
		r.Lon != 120.95 || !r.Since.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", r)
	}
}

func TestOneGoodValueResetsTheDuration(t *testing.T) {
	f := newFeed(t, threshold(">", 150, 3))
	f.minutes("a", "pm10", 160, 160, 160, 150, 160, 160, 160)
	f.want()
	f.minutes("a", "pm10", 160)
	f.want("device:a 7m0s")
}

func TestTheLimitItselfIsBeyondOnlyWhenTheComparisonSaysSo(t *testing.T) {
	for compare, values := range map[string][2]float64{">": {150, 150.1}, ">=": {149.9, 150}, "<": {150, 149.9}, "<=": {150.1, 150}} {
		f := newFeed(t, threshold(compare, 150, 0))
		f.minutes("a", "pm10", values[0])
		f.want()
		f.minutes("a", "pm10", values[1])
		f.want("device:a 1m0s")
	}
}

func TestWithinTheHysteresisAnAlarmGoesOnAndAPendingOneEnds(t *testing.T) {
	r := threshold(">", 150, 2)
	r.Threshold.Until = number(120)
	f := newFeed(t, r)
	f.minutes("a", "pm10", 160, 140, 160, 160) // 140 is not beyond: it begins again
	f.want()
	f.minutes("a", "pm10", 160)
	f.want("device:a 4m0s")
	f.minutes("a", "pm10", 140, 160, 130) // goes on
	if f.did(DoClear) != 0 {
		t.Error("cleared within the hysteresis")
	}
	f.minutes("a", "pm10", 120, 100)
	if f.did(DoClear) != 1 || f.acts[len(f.acts)-1].Note != "设备a恢复" {
		t.Errorf("%d times cleared: %+v", f.did(DoClear), f.acts[len(f.acts)-1])
	}
}

func TestWhileAnIncidentIsOpenOrCoolingDownNoOtherIsOpened(t *testing.T) {
	r := threshold(">", 150, 0)
	r.CoolDown = 5
	f := newFeed(t, r)
	f.minutes("a", "pm10", 160, 100, 160, 100, 160)
	f.want("device:a 0s")
	if f.did(DoClear) != 1 {
		t.Errorf("said %d times that all is normal again", f.did(DoClear))
	}
	f.end() // at 5m
	f.minutes("a", "pm10", 170, 170, 170, 170, 170)
	f.want("device:a 0s")
	f.minutes("a", "pm10", 170)
	f.want("device:a 0s", "device:a 10m0s")
	if f.acts[0].Incident == f.acts[len(f.acts)-1].Incident {
		t.Error("the second is the first")
	}
	f.minutes("b", "pm10", 170) // another device is another target
	f.want("device:a 0s", "device:a 10m0s", "device:b 11m0s")
}

func TestAnIncidentThatNeverComesIntoTheStreamFreesItsTarget(t *testing.T) {
	f := newFeed(t, threshold(">", 150, 0))
	silent := func(x Fact) { // the Gate has refused it: nothing comes back
		f.seq++
		f.acts = append(f.acts, f.engine.Step(Event{Seq: f.seq, At: f.now, Fact: x})...)
	}
	for range 12 {
		silent(Observed{[]Observation{{"a", "pm10", f.now, 200}}})
		f.now = f.now.Add(time.Minute)
	}
	f.want("device:a 0s", "device:a 10m0s")
}

func TestALateGoodValueCutsTheDurationAndALateBadOneDoesNotLengthenIt(t *testing.T) {
	f := newFeed(t, threshold(">", 150, 3))
	f.minutes("a", "pm10", 160, 160, 160)
	f.value("a", "pm10", 100, 90*time.Second) // between two bad ones: known good until 2m
	f.minutes("a", "pm10", 160, 160)
	f.want()
	f.minutes("a", "pm10", 160)
	f.want("device:a 5m0s")

	f = newFeed(t, threshold(">", 150, 3))
	f.pass(10 * time.Minute)
	f.value("a", "pm10", 160, 0)
	f.value("a", "pm10", 160, 5*time.Minute) // what was in between nobody knows
	f.want()
	f.pass(3 * time.Minute)
	f.value("a", "pm10", 160, 0)
	f.want("device:a 13m0s")
}

func TestTheSameObservationTwiceIsOne(t *testing.T) {
	f := newFeed(t, threshold(">", 150, 1))
	o := Observed{[]Observation{{"a", "pm10", f.now, 160}}}
	f.fact(o)
	f.pass(2 * time.Minute)
	f.fact(o)
	f.want()
}

func TestEventsOfPositionsThatWereTakenArePassedOver(t *testing.T) {
	f := newFeed(t, threshold(">", 150, 0))
	f.seq = 100
	f.value("a", "pm10", 160, 0)
	f.seq = 50
	f.value("b", "pm10", 160, 0)
	f.want("device:a 0s")
}

func TestAStateHoldsUntilItIsRevokedByTheClockOfTheStream(t *testing.T) {
	r := of(KindThreshold, "cover_open", func(r *Rule) {
		r.Filter.Kinds, r.Threshold = nil, &Threshold{Compare: ">=", Limit: 1, For: 2, Hold: true}
	})
	f := newFeed(t, r)
	f.value("a", "cover_open", 1, 0)
	f.pass(time.Minute)
	f.value("a", "cover_open", 0, 0)
	f.pass(5 * time.Minute)
	f.want()
	f.value("a", "cover_open", 1, time.Hour) // late: not the newest, so not how it stands
	f.pass(5 * time.Minute)
	f.want()
	f.value("a", "cover_open", 1, 0)
	f.pass(5 * time.Minute)
	f.want("device:a 13m0s")
}

func TestADeviceWhoseClockIsWrongDoesNotMoveTheStreamsClock(t *testing.T) {
	r := of(KindThreshold, "cover_open", func(r *Rule) { r.Threshold = &Threshold{Compare: ">=", Limit: 1, For: 5, Hold: true} })
	f := newFeed(t, r)
	f.value("a", "cover_open", 1, 3*time.Hour) // it brings in what it has kept
	f.pass(4 * time.Minute)
	f.want()
	f.value("b", "cover_open", 1, -4*time.Minute) // ahead
	f.pass(2 * time.Minute)
	f.want("device:a 5m0s")
}

func TestARuleLooksOnlyAtItsRegionKindsAndDevices(t *testing.T) {
	elsewhere := threshold(">", 150, 0)
	elsewhere.Region = "320583101"
	kind := threshold(">", 150, 0)
	kind.Filter.Kinds = []string{"water"}
	one := threshold(">", 150, 0)
	one.Filter.IDs = []string{"b"}
	f := newFeed(t, elsewhere, kind, one)
	f.minutes("a", "pm10", 200)
	f.minutes("b", "noise", 200)
	f.minutes("unknown", "pm10", 200)
	f.want()
	f.minutes("b", "pm10", 200)
	f.want("device:b 3m0s")
}

func TestARuleThatOpensTooMuchIsStopped(t *testing.T) {
	f := newFeed(t, threshold(">", 150, 0))
	var all []Device
	for i := range MaxAnHour + 50 {
		all = append(all, device("x"+strings.Repeat("0", i%3)+string(rune('a'+i%26))+strings.Repeat("1", i/26), "air", 120.9, 31.3))
	}
	f.fact(Registered{Devices: all})
	for _, d := range all {
		f.value(d.ID, "pm10", 200, 0)
	}
	if f.did(DoStop) != 1 || f.did(DoOpen) != MaxAnHour+1 {
		t.Errorf("%d opened, %d times stopped", f.did(DoOpen), f.did(DoStop))
	}
}
