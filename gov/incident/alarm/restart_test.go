package alarm

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// everyRule is one of each kind, made to be crossed often.
func everyRule() []Rule {
	rules := []Rule{
		threshold(">", 150, 2),
		of(KindThreshold, "cover_open", func(r *Rule) { r.Threshold = &Threshold{Compare: ">=", Limit: 1, For: 1, Hold: true} }),
		of(KindRate, "gas", func(r *Rule) { r.Rate = &Rate{Direction: "either", By: 8, Within: 4} }),
		of(KindSilence, "", func(r *Rule) { r.Silence = &Silence{After: 3} }),
		of(KindFence, "", func(r *Rule) {
			r.Filter.Of, r.Fence = "unit", &Fence{When: "enter", Polygon: square(121, 31, 0.1), For: 1}
		}),
		group(2, 2),
		express("value > mean15m * 1.2 && count(neighbours, .value > 120) >= 1", func(x *Expression) { x.For = 1 }),
		express("silent > 4", nil),
	}
	rules[0].Threshold.Until = number(120)
	for i := range rules {
		rules[i].ID, rules[i].On, rules[i].CoolDown, rules[i].Clear = fmt.Sprint("r", i), true, Minutes(i%3), "恢复"
	}
	return rules
}

func register() Registered {
	r := Registered{Units: []Unit{{ID: "u1", Name: "车", Kind: "x"}, {ID: "u2", Name: "车", Kind: "x"}}}
	for i := range 8 {
		r.Devices = append(r.Devices, device(fmt.Sprint("d", i), "air", 120.95+0.001*float64(i), 31.38))
	}
	return r
}

// story is a random one; incidents come back into it as they would, some never,
// some are closed.
func story(seed uint64, n int) []Event {
	rng := rand.New(rand.NewPCG(seed, 1))
	now, opened := noon, []string{}
	e := New(Options{Names: words{}})
	e.Set(everyRule())
	e.Step(Event{Seq: 1, At: now, Fact: register()})
	list := []Event{{Seq: 1, At: now, Fact: register()}}
	tell := func(f Fact) {
		ev := Event{Seq: uint64(len(list)) + 1, At: now, Fact: f}
		list = append(list, ev)
		for _, a := range e.Step(ev) {
			if a.Do == DoOpen && rng.IntN(8) > 0 {
				opened = append(opened, a.Incident)
			}
		}
	}
	for range n {
		now = now.Add(time.Duration(rng.IntN(12)) * time.Second)
		if rng.IntN(300) == 0 {
			now = now.Add(time.Duration(rng.IntN(600)) * time.Second)
		}
		at := now.Add(-time.Duration(max(rng.IntN(200)-120, -2)) * time.Second)
		d := fmt.Sprint("d", rng.IntN(9)) // one is not registered
		switch rng.IntN(12) {
		case 0:
			tell(nil)
		case 1:
			tell(Moved{[]Position{{Unit: fmt.Sprint("u", 1+rng.IntN(2)), Time: at, Lon: 120.98 + 0.04*float64(rng.IntN(2)), Lat: 31.05}}})
		case 2:
			if len(opened) > 0 {
				i := rng.IntN(len(opened))
				tell(Told{Incident: opened[i], Open: rng.IntN(3) > 0})
			}
		case 3:
			tell(Observed{[]Observation{{d, "cover_open", at, float64(rng.IntN(2))}}})
		case 4:
			tell(Observed{[]Observation{{d, "gas", at, 20 * rng.Float64()}}})
		case 5:
			r := register()
			i := rng.IntN(8)
			r.Devices[i].Lon += 0.01 * float64(rng.IntN(2))
			r.Devices[i] = device(r.Devices[i].ID, "air", r.Devices[i].Lon, 31.38)
			tell(Registered{Devices: r.Devices[i : i+1]})
		default:
			tell(Observed{[]Observation{{d, "pm10", at, 80 + 100*rng.Float64()}, {d, "pm10", at.Add(time.Second), 80 + 100*rng.Float64()}}})
		}
	}
	return list
}

func acts(list []Act) (out []string) {
	for _, a := range list {
		out = append(out, fmt.Sprintf("%d %s %s %s %s", a.Seq, a.Do, a.Rule, a.Incident, a.Report.Description))
	}
	return out
}

// knows tells an engine that begins in the middle of the devices as they stood
// then: the model's part in a real start.
func knows(e *Engine, events []Event, upTo uint64) {
	for _, ev := range events {
		if r, ok := ev.Fact.(Registered); ok && ev.Seq <= upTo {
			e.register(r)
		}
	}
	e.acts = nil
}

func TestAnEngineThatIsRestartedAnywhereOpensWhatOneThatNeverStoppedOpens(t *testing.T) {
	for seed := range uint64(12) {
		events := story(seed, 3000)
		whole := New(Options{Names: words{}})
		whole.Set(everyRule())
		var want []Act
		for _, ev := range events {
			want = append(want, whole.Step(ev)...)
		}
		if len(want) < 100 {
			t.Fatalf("seed %d: only %d acts", seed, len(want))
		}

		rng := rand.New(rand.NewPCG(seed, 2))
		e := New(Options{Names: words{}})
		e.Set(everyRule())
		kept, err := e.State()
		if err != nil {
			t.Fatal(err)
		}
		did := map[string]bool{}
		var got []Act
		for i := 0; i < len(events); i++ {
			for _, a := range e.Step(events[i]) {
				if key := acts([]Act{a})[0]; !did[key] { // what was done before the restart is the same again
					did[key] = true
					got = append(got, a)
				}
			}
			switch rng.IntN(100) {
			case 0:
				if kept, err = e.State(); err != nil {
					t.Fatal(err)
				}
			case 1: // killed: what came after the state that was kept is read again
				e = New(Options{Names: words{}})
				if err := e.Restore(kept, everyRule()); err != nil {
					t.Fatal(err)
				}
				knows(e, events, e.Seq())
				i = int(e.Seq()) - 1
			}
		}
		if a, b := acts(want), acts(got); !slices.Equal(a, b) {
			t.Fatalf("seed %d: %d acts, want %d", seed, len(b), len(a))
		}
		a, errA := whole.State()
		b, errB := e.State()
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("seed %d: the states differ", seed)
		}
	}
}

func TestNoTwoOpenIncidentsOfOneRuleAndTarget(t *testing.T) {
	for seed := range uint64(6) {
		open := map[string]string{}
		e := New(Options{Names: words{}})
		e.Set(everyRule())
		ended := map[string]bool{}
		for _, ev := range story(seed, 3000) {
			for _, a := range e.Step(ev) {
				if a.Do != DoOpen {
					continue
				}
				key := a.Rule + " " + a.Report.Target
				if was := open[key]; was != "" && !ended[was] && e.byID[a.Rule].targets[a.Report.Target].Incident != a.Incident {
					t.Errorf("seed %d: %s is open twice", seed, key)
				}
				if was := open[key]; was == a.Incident {
					t.Errorf("seed %d: %s is opened twice", seed, was)
				}
				open[key] = a.Incident
			}
			if f, ok := ev.Fact.(Told); ok && !f.Open {
				ended[f.Incident] = true
			}
		}
	}
}

func TestAChangedRuleKeepsItsOpenIncidentsAndForgetsWhatWasPending(t *testing.T) {
	r := threshold(">", 150, 2)
	f := newFeed(t, r)
	f.minutes("a", "pm10", 160, 160, 160)
	f.minutes("b", "pm10", 160)
	f.want("device:a 2m0s")
	next := r
	next.ID, next.On, next.Version = "r0", true, 2
	next.Threshold = &Threshold{Compare: ">", Limit: 140, For: 2}
	f.engine.Set([]Rule{next})
	f.value("b", "pm10", 160, 0)
	f.minutes("a", "pm10", 160, 160, 160)
	f.minutes("b", "pm10", 160)
	f.want("device:a 2m0s", "device:b 7m0s")
	f.engine.Set([]Rule{{ID: "r0", Definition: next.Definition}}) // off
	f.minutes("c", "pm10", 160, 160, 160, 160)
	f.want("device:a 2m0s", "device:b 7m0s")
	f.engine.Set([]Rule{next}) // on again: a's is still open
	f.minutes("a", "pm10", 160, 160, 160, 160)
	f.want("device:a 2m0s", "device:b 7m0s")
}

func BenchmarkObserve(b *testing.B) {
	e := New(Options{Names: words{}})
	e.Set(everyRule())
	e.Step(Event{Seq: 1, At: noon, Fact: register()})
	at := noon
	b.ReportAllocs()
	for i := range b.N {
		at = at.Add(100 * time.Millisecond)
		e.Step(Event{Seq: uint64(i) + 2, At: at, Fact: Observed{[]Observation{{fmt.Sprint("d", i%8), "pm10", at, float64(80 + i%60)}}}})
	}
}
