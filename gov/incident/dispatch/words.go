package dispatch

import (
	"fmt"
	"math"
	"strings"
)

// kindWords name kinds of units; others go by their code.
var kindWords = map[string][2]string{
	"grid": {"网格", "grid"}, "enforcement": {"综合执法", "enforcement"}, "sanitation": {"环卫", "sanitation"},
	"emergency": {"应急", "emergency"}, "repair": {"抢修", "repair"}, "municipal": {"市政", "municipal"}, "water": {"水务", "water"},
	"police": {"公安", "police"}, "fire": {"消防", "fire"}, "medical": {"急救", "medical"}, "greening": {"园林", "greening"},
}

func kindOf(code string) (zh, en string) {
	if w, ok := kindWords[code]; ok {
		return w[0], w[1]
	}
	return code, code
}

// reasons say what speaks for a candidate and against it, the weightiest first.
// turn is what it is on duty with for the place, away where else; zero: not.
func reasons(c Case, m *Mandate, k Candidate, turn, away Turn) []Because {
	list := []Because{occupied(c, k)}
	switch {
	case turn.ID != "":
		until := turn.Until.In(c.At.Location()).Format("15:04")
		list = append(list, Because{"当班至 " + until, "On duty until " + until})
	case k.SignedOn:
		list = append(list, Because{"已签到上岗", "Has begun its shift"})
	case away.ID != "":
		list = append(list, Because{"在其他区域值班：" + away.Region, "On duty in another region: " + away.Region})
	}
	if k.Responsible {
		zh, en := kindOf(k.Kind)
		if m.owns(k.Unit) {
			list = append(list, Because{"责任单位自有力量", "Of the organisation that answers for it"})
		} else {
			list = append(list, Because{"应派类别：" + zh, "Of a kind that goes: " + en})
		}
	} else if m != nil && len(m.Kinds) > 0 {
		zh, en := kindOf(k.Kind)
		list = append(list, Because{"非应派类别：" + zh, "Not of a kind that goes: " + en})
	}
	farZH, farEN := far(k.Metres)
	longZH, longEN := long(k.Seconds)
	if k.Routed {
		return append(list, Because{"沿路 " + farZH + "，约 " + longZH, farEN + " by road, about " + longEN})
	}
	return append(list, Because{"无路可循，估计 " + farZH + "、" + longZH, "No way over the streets; estimated " + farEN + ", " + longEN})
}

func occupied(c Case, k Candidate) Because {
	switch n := len(k.Busy); {
	case k.Quiet:
		minutes := int(c.At.Sub(k.Seen).Minutes())
		if k.Seen.IsZero() {
			return Because{"从未上报位置", "Has never said where it is"}
		}
		return Because{fmt.Sprintf("已 %d 分钟未报位置", minutes), fmt.Sprintf("Not heard of for %d min", minutes)}
	case n == 1:
		return Because{"在办 1 件", "Has 1 incident in hand"}
	case n > 1:
		return Because{fmt.Sprintf("在办 %d 件", n), fmt.Sprintf("Has %d incidents in hand", n)}
	case k.Status == "handling":
		return Because{"处置中", "Is handling something"}
	case strings.EqualFold(k.Status, "moving"):
		return Because{"空闲，巡查中", "Free, on patrol"}
	}
	return Because{"空闲", "Free"}
}

// far and long are a distance and a time as one says them.
func far(metres float64) (zh, en string) {
	if metres >= 995 {
		return fmt.Sprintf("%.1f 公里", metres/1000), fmt.Sprintf("%.1f km", metres/1000)
	}
	return fmt.Sprintf("%.0f 米", math.Round(metres/10)*10), fmt.Sprintf("%.0f m", math.Round(metres/10)*10)
}

func long(seconds float64) (zh, en string) {
	minutes := int(math.Ceil(seconds / 60))
	if minutes < 60 {
		return fmt.Sprintf("%d 分钟", max(1, minutes)), fmt.Sprintf("%d min", max(1, minutes))
	}
	return fmt.Sprintf("%d 小时 %d 分", minutes/60, minutes%60), fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}
