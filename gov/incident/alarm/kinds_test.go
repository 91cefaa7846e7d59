package alarm

import (
	"fmt"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

func TestARiseWithinItsMinutesOpensOneAndASlowOneDoesNot(t *testing.T) {
	r := of(KindRate, "gas", func(r *Rule) { r.Rate = &Rate{Direction: "rise", By: 10, Within: 5} })
	f := newFeed(t, r)
	for i := range 20 { // one a minute: six in any five minutes
		f.minutes("a", "gas", float64(i))
	}
	f.want()
	f.minutes("a", "gas", 20, 24, 28)
	f.want("device:a 22m0s") // 28 after 17, five minutes ago
	f = newFeed(t, r)
	f.minutes("a", "gas", 30, 10)
	f.want() // it falls
}

func TestAFallAndEitherDirection(t *testing.T) {
	fall := of(KindRate, "water_level", func(r *Rule) { r.Rate = &Rate{Direction: "fall", By: 1, Within: 10} })
	f := newFeed(t, fall)
	f.minutes("a", "water_level", 2, 5, 4.5, 4)
	f.want("device:a 3m0s")
	either := of(KindRate, "water_level", func(r *Rule) { r.Rate = &Rate{Direction: "either", By: 1, Within: 10} })
	f = newFeed(t, either)
	f.minutes("a", "water_level", 2, 3)
	f.minutes("b", "water_level", 3, 2)
	f.want("device:a 1m0s", "device:b 3m0s")
}

func TestALateValueCountsInTheWindowOfARate(t *testing.T) {
	r := of(KindRate, "gas", func(r *Rule) { r.Rate = &Rate{Direction: "rise", By: 10, Within: 5} })
	f := newFeed(t, r)
	f.pass(10 * time.Minute)
	f.value("a", "gas", 30, 0)
	f.value("a", "gas", 5, 20*time.Minute) // too long ago
	f.want()
	f.value("a", "gas", 15, 2*time.Minute)
	f.want("device:a 10m0s")
}

func TestASilentDeviceIsMissedAndHeardAgain(t *testing.T) {
	r := of(KindSilence, "", func(r *Rule) { r.Silence, r.Clear = &Silence{After: 10}, "{device}恢复" })
	f := newFeed(t, r)
	for range 30 {
		f.minutes("a", "pm10", 1)
		f.minutes("c", "pm10", 1)
	}
	f.want("device:b 11m0s") // never heard: since it was first looked for
	f.minutes("b", "noise", 1)
	if f.did(DoClear) != 1 {
		t.Errorf("%d", f.did(DoClear))
	}
}

func TestSilenceIsMeasuredByTheStreamAndNotByTheDevicesClock(t *testing.T) {
	r := of(KindSilence, "", func(r *Rule) { r.Silence, r.Filter.IDs = &Silence{After: 10}, []string{"a"} })
	f := newFeed(t, r)
	for range 30 { // its clock is a day behind, but it speaks
		f.value("a", "pm10", 1, 24*time.Hour)
		f.pass(time.Minute)
	}
	f.want()
}

func TestTimeInWhichNobodyListenedIsNotSilence(t *testing.T) {
	r := of(KindSilence, "", func(r *Rule) { r.Silence, r.Filter.IDs = &Silence{After: 10}, []string{"a"} })
	f := newFeed(t, r)
	f.minutes("a", "pm10", 1)
	f.now = f.now.Add(3 * time.Hour) // the server was away
	f.pass(9 * time.Minute)
	f.want()
	f.pass(2 * time.Minute)
	if len(f.opened()) != 1 {
		t.Errorf("%v", f.opened())
	}
}

func TestWhereMostAreSilentAtOnceTheLineIsBroken(t *testing.T) {
	r := of(KindSilence, "", func(r *Rule) { r.Silence, r.Filter.Kinds = &Silence{After: 10}, []string{"lamp"} })
	f := newFeed(t, r)
	var lamps []Device
	for i := range 20 {
		lamps = append(lamps, device(fmt.Sprintf("l%02d", i), "lamp", 120.9, 31.3))
	}
	f.fact(Registered{Devices: lamps})
	f.pass(30 * time.Minute)
	f.want()
	for range 11 { // all but two come back
		for _, l := range lamps[2:] {
			f.value(l.ID, "pm10", 1, 0)
		}
		f.pass(time.Minute)
	}
	if len(f.opened()) != 2 {
		t.Errorf("%v", f.opened())
	}
}

// square has its south-west corner there and sides of that many degrees.
func square(lon, lat, size float64) [][][2]float64 {
	return [][][2]float64{{{lon, lat}, {lon + size, lat}, {lon + size, lat + size}, {lon, lat + size}, {lon, lat}}}
}

func (f *feed) go_(unit string, lon, lat float64, region string) {
	f.fact(Moved{[]Position{{Unit: unit, Time: f.now, Lon: lon, Lat: lat, Region: region}}})
	f.pass(time.Minute)
}

func TestAUnitThatEntersAPolygonIsSeenAndOneThatWasInsideIsNot(t *testing.T) {
	r := of(KindFence, "", func(r *Rule) {
		r.Filter.Of, r.Fence = "unit", &Fence{When: "enter", Polygon: square(121, 31, 0.1)}
	})
	f := newFeed(t, r)
	f.go_("u1", 121.05, 31.05, "320583100") // inside when first heard of
	f.go_("u1", 121.06, 31.05, "320583100")
	f.want()
	f.go_("u1", 120.95, 31.05, "320583100")
	f.go_("u1", 121.05, 31.05, "320583100")
	f.want("unit:u1 3m0s")
	f.end()
	f.go_("u1", 121.06, 31.06, "320583100") // still inside: it entered once
	f.want("unit:u1 3m0s")
	f.go_("u1", 120.95, 31.05, "320583100")
	f.go_("u1", 121.05, 31.05, "320583100")
	f.want("unit:u1 3m0s", "unit:u1 6m0s")
}

func TestAUnitThatLeavesARegionForLongEnoughIsSeen(t *testing.T) {
	r := of(KindFence, "", func(r *Rule) {
		r.Filter.Of, r.Fence = "unit", &Fence{When: "leave", Region: "320583100", For: 3}
	})
	f := newFeed(t, r)
	f.go_("u1", 120.95, 31.38, "320583100001")
	f.go_("u1", 120.85, 31.45, "320583101") // outside
	f.go_("u1", 120.95, 31.38, "320583100") // and back
	f.go_("u1", 120.85, 31.45, "320583101") // outside at 3m
	f.want()
	f.pass(5 * time.Minute) // it says nothing more
	f.want("unit:u1 6m0s")
}

func TestALatePositionIsNotWhereSomebodyIs(t *testing.T) {
	r := of(KindFence, "", func(r *Rule) {
		r.Filter.Of, r.Fence = "unit", &Fence{When: "enter", Polygon: square(121, 31, 0.1)}
	})
	f := newFeed(t, r)
	f.pass(10 * time.Minute)
	f.go_("u1", 120.95, 31.05, "")
	f.fact(Moved{[]Position{{Unit: "u1", Time: f.now.Add(-5 * time.Minute), Lon: 121.05, Lat: 31.05}}})
	f.want()
}

func TestADeviceThatIsCarriedOutOfAFenceIsSeen(t *testing.T) {
	r := of(KindFence, "", func(r *Rule) { r.Fence = &Fence{When: "leave", Polygon: square(120.9, 31.3, 0.1)} })
	f := newFeed(t, r)
	f.pass(time.Minute)
	f.fact(Registered{Devices: []Device{device("a", "air", 121.5, 31.38)}})
	f.want("device:a 1m0s")
}

func group(count, of int) Rule {
	r := threshold(">", 150, 0)
	r.Kind, r.Threshold = KindGroup, nil
	r.Group = &Group{Compare: ">", Limit: 150, Count: count, Of: of, Ring: 2, Within: 10}
	return r
}

func TestSeveralNeighboursTogetherAreOneIncident(t *testing.T) {
	f := newFeed(t, group(2, 0))
	f.minutes("a", "pm10", 200)
	f.want()
	f.minutes("b", "pm10", 210)
	f.minutes("c", "pm10", 220) // the same matter
	if len(f.opened()) != 1 || f.acts[0].Report.Name != "2 个设备：设备a、设备b" && f.acts[0].Report.Name != "2 个设备：设备b、设备a" {
		t.Fatalf("%v %+v", f.opened(), f.acts)
	}
	r := f.acts[0].Report
	if r.Value != 210 || r.Lon < 120.95 || r.Lon > 120.951 {
		t.Errorf("%+v", r)
	}
	f.minutes("a", "pm10", 100)
	f.minutes("b", "pm10", 100)
	if f.did(DoClear) != 1 {
		t.Errorf("%d times cleared", f.did(DoClear))
	}
}

func TestValuesThatAreTooFarApartInTimeOrPlaceAreNotTogether(t *testing.T) {
	f := newFeed(t, group(2, 0))
	f.fact(Registered{Devices: []Device{device("far", "air", 121.1, 31.3)}})
	f.minutes("a", "pm10", 200)
	f.minutes("far", "pm10", 200)
	f.pass(15 * time.Minute)
	f.minutes("b", "pm10", 200)
	f.want()
}

func TestOfSoManyThatWereHeard(t *testing.T) {
	f := newFeed(t, group(2, 3))
	f.minutes("a", "pm10", 200)
	f.minutes("b", "pm10", 200)
	f.want() // two of two
	f.minutes("c", "pm10", 10)
	f.minutes("a", "pm10", 201)
	if len(f.opened()) != 1 { // two of three
		t.Errorf("%v", f.opened())
	}
}

func TestAGroupWhoseValuesGrowOldIsOver(t *testing.T) {
	f := newFeed(t, group(2, 0))
	f.minutes("a", "pm10", 200)
	f.minutes("b", "pm10", 200)
	f.pass(15 * time.Minute)
	if f.did(DoOpen) != 1 || f.did(DoClear) != 1 {
		t.Errorf("%d opened, %d cleared", f.did(DoOpen), f.did(DoClear))
	}
}

func TestAPolygonWithoutItsLastCornerIsClosed(t *testing.T) {
	ring := square(121, 31, 0.1)
	ring[0] = ring[0][:4]
	x := newRunning(of(KindFence, "", func(r *Rule) { r.Fence = &Fence{When: "enter", Polygon: ring} }))
	for p, want := range map[orb.Point]bool{{121.05, 31.05}: true, {121.001, 31.05}: true, {120.999, 31.05}: false} {
		if got := x.within(subject{Lon: p[0], Lat: p[1]}); got != want {
			t.Errorf("%v: %v", p, got)
		}
	}
}
