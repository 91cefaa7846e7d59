package dispatch_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/gov/incident/dispatch"
)

var rubbish = dispatch.Case{Class: "E0101", Region: "320583100001", At: noon}

func randomUnits(rng *rand.Rand) (units []dispatch.Unit, turns []dispatch.Turn) {
	kinds := []string{"grid", "sanitation", "enforcement"}
	for i := range 40 {
		u := dispatch.Unit{ID: string(rune('a'+i%26)) + string(rune('a'+i/26)), Kind: kinds[rng.IntN(3)], Seen: noon.Add(-time.Duration(rng.IntN(20)) * time.Minute),
			Status: []string{"idle", "moving", "handling", "off", ""}[rng.IntN(5)], Metres: float64(rng.IntN(5)) * 500, Routed: rng.IntN(5) > 0, SignedOn: rng.IntN(6) == 0}
		u.Seconds = u.Metres / 8
		for n := range rng.IntN(3) {
			u.Busy = append(u.Busy, string(rune('0'+n)))
		}
		units = append(units, u)
		if rng.IntN(3) == 0 {
			turns = append(turns, dispatch.Turn{ID: u.ID, Unit: u.ID, Region: []string{"", "320583", "320583100", "320583101"}[rng.IntN(4)], Until: noon.Add(time.Hour)})
		}
	}
	return units, turns
}

func TestTheOrderOfCandidatesHoldsItsPromises(t *testing.T) {
	m := &dispatch.Mandate{Org: "0001", Kinds: []string{"sanitation"}}
	compared := 0
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 5))
		units, turns := randomUnits(rng)
		list := dispatch.Rank(rubbish, m, turns, units, 100)
		off := 0
		for _, u := range units {
			if u.Status == "off" {
				off++
			}
		}
		if len(list) != len(units)-off {
			t.Fatalf("seed %d: %d of %d units, %d of them off", seed, len(list), len(units), off)
		}
		for i, k := range list {
			if k.Free && (len(k.Busy) > 0 || k.Quiet || k.Status == "handling" || noon.Sub(k.Seen) >= dispatch.QuietAfter) {
				t.Fatalf("seed %d: %+v is free", seed, k)
			}
			if k.Responsible != (k.Kind == "sanitation") {
				t.Fatalf("seed %d: %+v", seed, k)
			}
			if len(k.Reasons) < 2 || slices.ContainsFunc(k.Reasons, func(b dispatch.Because) bool { return b.ZH == "" || b.EN == "" }) {
				t.Fatalf("seed %d: reasons %+v", seed, k.Reasons)
			}
			if i == 0 {
				continue
			}
			a, b := list[i-1], k
			compared++
			switch {
			case b.Free && !a.Free:
				t.Fatalf("seed %d: %s, which is free, comes after %s, which is not", seed, b.ID, a.ID)
			case a.Quiet && !b.Quiet:
				t.Fatalf("seed %d: %s comes after %s, which nobody has heard of", seed, b.ID, a.ID)
			case a.Free != b.Free || a.Quiet != b.Quiet:
			case b.Responsible && !a.Responsible:
				t.Fatalf("seed %d: %s, which answers, comes after %s, which does not", seed, b.ID, a.ID)
			case a.Responsible != b.Responsible || a.Routed != b.Routed:
			case b.Duty && !a.Duty:
				if b.Seconds <= a.Seconds+300 {
					t.Fatalf("seed %d: %s, which is on duty and %v s away, comes after %s, which is not, %v s", seed, b.ID, b.Seconds, a.ID, a.Seconds)
				}
			case a.Duty && !b.Duty:
				if b.Seconds < a.Seconds-300 {
					t.Fatalf("seed %d: %s, %v s away, comes after %s, which is on duty and %v s away", seed, b.ID, b.Seconds, a.ID, a.Seconds)
				}
			case b.Seconds < a.Seconds:
				t.Fatalf("seed %d: %s is %v s away and comes after %s, which is %v s", seed, b.ID, b.Seconds, a.ID, a.Seconds)
			}
		}
		// The same units told in another order are the same answer.
		rng.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
		again := dispatch.Rank(rubbish, m, turns, units, 100)
		for i := range list {
			if list[i].ID != again[i].ID {
				t.Fatalf("seed %d: %s and %s at place %d", seed, list[i].ID, again[i].ID, i)
			}
		}
	}
	if compared < 5000 {
		t.Errorf("%d pairs: the test tries too little", compared)
	}
}

// A unit that comes nearer, and is the same in all else, never falls behind.
func TestComingNearerNeverHurts(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 6))
		units, turns := randomUnits(rng)
		place := func(id string) int {
			return slices.IndexFunc(dispatch.Rank(rubbish, nil, turns, units, 100), func(k dispatch.Candidate) bool { return k.ID == id })
		}
		i := rng.IntN(len(units))
		before := place(units[i].ID)
		units[i].Seconds /= 2
		if after := place(units[i].ID); after > before {
			t.Fatalf("seed %d: from place %d to %d", seed, before, after)
		}
	}
}

func TestReasonsSayInBothLanguagesWhatSpeaksForAUnit(t *testing.T) {
	c := rubbish
	c.At = noon.In(shanghai(t))
	m := &dispatch.Mandate{Org: "0001", OrgName: "城管局", Kinds: []string{"sanitation"}}
	units := []dispatch.Unit{
		{ID: "1", Kind: "sanitation", Seen: noon, Status: "idle", Metres: 1234, Seconds: 181, Routed: true},
		{ID: "2", Kind: "grid", Seen: noon, Status: "moving", Metres: 300, Seconds: 61, Routed: true},
		{ID: "3", Kind: "grid", Org: "城管局", Seen: noon, Busy: []string{"a", "b"}, Metres: 90_000, Seconds: 4000, Routed: false},
		{ID: "4", Kind: "grid", Seen: noon.Add(-20 * time.Minute), Metres: 10, Seconds: 1, Routed: true},
	}
	turns := []dispatch.Turn{{ID: "t1", Unit: "1", Region: "320583100", Until: noon.Add(4 * time.Hour)}, {ID: "t2", Unit: "2", Region: "320583101", Until: noon.Add(time.Hour)}}
	want := []string{
		"空闲；当班至 16:00；应派类别：环卫；沿路 1.2 公里，约 4 分钟 | Free; On duty until 16:00; Of a kind that goes: sanitation; 1.2 km by road, about 4 min",
		"空闲，巡查中；在其他区域值班：320583101；非应派类别：网格；沿路 300 米，约 2 分钟 | Free, on patrol; On duty in another region: 320583101; Not of a kind that goes: grid; 300 m by road, about 2 min",
		"在办 2 件；责任单位自有力量；无路可循，估计 90.0 公里、1 小时 7 分 | Has 2 incidents in hand; Of the organisation that answers for it; No way over the streets; estimated 90.0 km, 1 h 7 min",
		"已 20 分钟未报位置；非应派类别：网格；沿路 10 米，约 1 分钟 | Not heard of for 20 min; Not of a kind that goes: grid; 10 m by road, about 1 min",
	}
	for i, k := range dispatch.Rank(c, m, turns, units, 100) {
		var zh, en []string
		for _, r := range k.Reasons {
			zh, en = append(zh, r.ZH), append(en, r.EN)
		}
		if got := strings.Join(zh, "；") + " | " + strings.Join(en, "; "); got != want[i] {
			t.Errorf("%s\nwant %s", got, want[i])
		}
	}
}
