package cim_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"onecity/cim"
)

// reckon sums up by hand what a window of n slots of size holds at now, for a
// cell that steps phase seconds early.
func reckon(obs []cim.Observation, now time.Time, size time.Duration, n int64, phase int) (a cim.Aggregate) {
	slot := func(t time.Time) int64 {
		return (t.UnixMilli() + int64(phase)*1000) / size.Milliseconds()
	}
	var last time.Time
	for _, o := range obs {
		if !o.Time.Before(last) {
			last, a.Last = o.Time, o.Value
		}
		if k := slot(o.Time); k <= slot(now)-n {
			continue
		}
		if a.Count == 0 || o.Value > a.Max {
			a.Max = o.Value
		}
		a.Count++
		a.Sum += o.Value
	}
	return a
}

func TestWindowsHoldWhatASumByHandHolds(t *testing.T) {
	windows := []struct {
		w    cim.Window
		size time.Duration
		n    int64
	}{{cim.Minute, 10 * time.Second, 6}, {cim.Quarter, time.Minute, 15}, {cim.Hour, 5 * time.Minute, 12}, {cim.Day, time.Hour, 24}}
	forSeeds(t, 4, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 5))
		c := newCity(t, fourTowns(), cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95+float64(seed)/300, 31.35)}})
		var taken []cim.Observation
		phases := map[int]bool{}
		for p := range 10 {
			phases[p] = true
		}
		newest := time.Time{}
		for range 400 {
			switch r.IntN(40) {
			case 0:
				c.now = c.now.Add(time.Duration(r.IntN(7200)) * time.Second)
			case 1:
				c.now = c.now.Add(time.Duration(r.IntN(30)) * time.Hour)
			default:
				c.now = c.now.Add(time.Duration(r.IntN(9000)) * time.Millisecond)
			}
			at := c.now.Add(-time.Duration(r.IntN(3000)) * time.Millisecond)
			if r.IntN(3) == 0 && newest.After(at.Add(-time.Hour)) {
				at = newest.Add(-time.Duration(r.IntN(60_000)) * time.Millisecond) // late
			}
			o := cim.Observation{Device: "a", Property: "pm2_5", Time: at, Value: float64(r.IntN(1000)) / 4}
			total := c.read().Tally("").Observations.Total
			c.take(cim.Observations{Observations: []cim.Observation{o}})
			rd := c.read()
			if rd.Tally("").Observations.Total > total {
				taken = append(taken, o)
			}
			if at.After(newest) {
				newest = at
			}
			if r.IntN(3) == 0 {
				c.after(time.Duration(r.IntN(5000)) * time.Millisecond)
				rd = c.read()
			}
			taken = slices.DeleteFunc(taken, func(o cim.Observation) bool { return c.now.Sub(o.Time) > 26*time.Hour })
			d, _ := rd.Device("a")
			cell, ok := rd.Cell(d.Cell)
			if !ok || len(cell.Properties) == 0 {
				t.Fatal("no property")
			}
			for p := range phases {
				for _, w := range windows {
					got := cell.Properties[0].Windows[w.w]
					want := reckon(taken, c.now, w.size, w.n, p)
					if got.Count != want.Count || got.Max != want.Max || got.Last != want.Last || math.Abs(got.Sum-want.Sum) > 1e-6 {
						delete(phases, p)
						if len(phases) == 0 {
							t.Fatalf("at %s, window %s: got %+v, by hand %+v", c.now, w.w, got, want)
						}
						break
					}
				}
			}
		}
		if n := c.read().Tally("").Observations.Total; n < 200 {
			t.Errorf("only %d observations were taken", n)
		}
	})
}

func TestAPropertyThatIsSilentForADayLeavesItsCell(t *testing.T) {
	c := newCity(t, fourTowns(), cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35)}})
	c.take(observed("a", "pm2_5", noon, 35))
	d, _ := c.read().Device("a")
	c.after(23 * time.Hour)
	if cell, _ := c.read().Cell(d.Cell); len(cell.Properties) != 1 {
		t.Errorf("after 23 h: %+v", cell)
	}
	if ch := c.after(time.Hour); len(ch.Refs) != 1 || ch.Refs[0].Layer != cim.LayerCells {
		t.Errorf("the cell is not named: %+v", ch.Refs)
	}
	if cell, _ := c.read().Cell(d.Cell); len(cell.Properties) != 0 {
		t.Errorf("after 24 h: %+v", cell)
	}
	if d, _ := c.read().Device("a"); d.Streams[0].Value != 35 {
		t.Error("the device forgot its last value")
	}
}

func TestAnObservationOlderThanTheRememberedOnesIsTooLate(t *testing.T) {
	c := newCity(t, fourTowns(), cim.DevicesPut{Devices: []cim.Device{airDevice("a", 120.95, 31.35)}})
	c.now = noon.Add(time.Hour)
	for i := range 10 {
		c.take(observed("a", "pm2_5", noon.Add(time.Duration(i)*time.Minute), float64(i)))
	}
	for i, want := range map[int]string{0: "too-late", 1: "too-late"} {
		before := c.read().Ignored()[want]
		c.take(observed("a", "pm2_5", noon.Add(time.Duration(i)*time.Minute), 5))
		if c.read().Ignored()[want] != before+1 {
			t.Errorf("%d: not %s", i, want)
		}
	}
	c.take(observed("a", "pm2_5", noon.Add(5*time.Minute), 5))                // a duplicate
	c.take(observed("a", "pm2_5", noon.Add(5*time.Minute+30*time.Second), 5)) // late, and new
	if got := c.read().Tally("").Observations; got.Total != 11 || got.Duplicates != 1 {
		t.Errorf("%+v", got)
	}
	d, _ := c.read().Device("a")
	if d.Streams[0].Value != 9 {
		t.Errorf("a late observation became the last: %+v", d.Streams[0])
	}
}
