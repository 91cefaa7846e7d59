package streets

import (
	"fmt"
	"math"

	orbgeo "github.com/paulmach/orb/geo"
)

var turnsZH = map[Turn]string{
	Straight: "直行", SlightLeft: "靠左", Left: "左转", SharpLeft: "向左后方转弯", SlightRight: "靠右", Right: "右转", SharpRight: "向右后方转弯", UTurn: "掉头",
}

var turnsEN = map[Turn]string{
	Straight: "Go straight on", SlightLeft: "Bear left", Left: "Turn left", SharpLeft: "Turn sharp left",
	SlightRight: "Bear right", Right: "Turn right", SharpRight: "Turn sharp right", UTurn: "Turn round",
}

// classWords name a road that has no name.
var classWords = map[string][2]string{
	"motorway": {"高速公路", "the motorway"}, "motorway_link": {"高速匝道", "the motorway ramp"},
	"trunk": {"快速路", "the trunk road"}, "trunk_link": {"匝道", "the ramp"},
	"primary": {"主干道", "the main road"}, "primary_link": {"匝道", "the ramp"},
	"secondary": {"次干道", "the secondary road"}, "tertiary": {"支路", "the side road"},
	"service": {"内部道路", "the service road"}, "track": {"土路", "the track"},
	"path": {"小路", "the path"}, "footway": {"人行道", "the footway"}, "pedestrian": {"步行街", "the pedestrian street"},
	"steps": {"台阶", "the steps"}, "cycleway": {"自行车道", "the cycleway"},
}

var compass = [8][2]string{
	{"北", "north"}, {"东北", "north-east"}, {"东", "east"}, {"东南", "south-east"},
	{"南", "south"}, {"西南", "south-west"}, {"西", "west"}, {"西北", "north-west"},
}

// words are a stretch's line of text.
func words(s stretch) (zh, en string) {
	nameZH, nameEN := named(s.road)
	farZH, farEN := far(s.metres)
	switch s.turn {
	case Depart:
		d := compass[int(math.Round(math.Mod(bearingOf(s)+360, 360)/45))%8]
		return fmt.Sprintf("沿%s向%s行驶%s", nameZH, d[0], farZH), fmt.Sprintf("Head %s on %s for %s", d[1], nameEN, farEN)
	case Enter:
		if s.exit == 0 {
			return "进入环岛，行驶" + farZH, "Enter the roundabout, " + farEN
		}
		return fmt.Sprintf("进入环岛，第%d个出口驶出，进入%s，共%s", s.exit, nameZH, farZH),
			fmt.Sprintf("At the roundabout take exit %d onto %s, %s in all", s.exit, nameEN, farEN)
	case Straight:
		return fmt.Sprintf("直行进入%s，行驶%s", nameZH, farZH), fmt.Sprintf("Go straight on onto %s for %s", nameEN, farEN)
	}
	return fmt.Sprintf("%s进入%s，行驶%s", turnsZH[s.turn], nameZH, farZH), fmt.Sprintf("%s onto %s for %s", turnsEN[s.turn], nameEN, farEN)
}

func bearingOf(s stretch) float64 {
	if len(s.line) < 2 || s.line[0] == s.line[len(s.line)-1] {
		return 0
	}
	if s.metres < 2*lookAhead {
		return orbgeo.Bearing(s.line[0], s.line[len(s.line)-1])
	}
	return bearingIn(s.line)
}

func named(r *Road) (zh, en string) {
	w, ok := classWords[r.Class]
	if !ok {
		w = [2]string{"无名道路", "an unnamed road"}
	}
	zh, en = w[0], w[1]
	if r.Name != "" {
		zh, en = r.Name, r.Name
	}
	if r.NameEn != "" {
		en = r.NameEn
	}
	return zh, en
}

// far is a distance as one says it.
func far(metres float64) (zh, en string) {
	if metres >= 995 {
		return fmt.Sprintf(" %.1f 公里", metres/1000), fmt.Sprintf("%.1f km", metres/1000)
	}
	rounded := max(10, math.Round(metres/10)*10)
	return fmt.Sprintf(" %.0f 米", rounded), fmt.Sprintf("%.0f m", rounded)
}

// onFoot is how far off the streets a place must be to say so, in metres.
const onFoot = 30

func arrival(off float64) (zh, en string) {
	if off < onFoot {
		return "到达目的地", "You have arrived"
	}
	farZH, farEN := far(off)
	return "停车，离路约" + farZH + "到达", "Stop; the place is " + farEN + " off the street"
}
