package streets

import (
	"math"
	"strconv"
	"strings"
)

// Tags is the part of a Road that OpenStreetMap's tags tell (keys highway,
// oneway, junction, maxspeed, access, motor_vehicle, each as its page at
// https://wiki.openstreetmap.org/wiki/Map_features has it). kind is the class
// where there is no highway tag. A motorway and a roundabout are one-way
// without saying so, but only where the tags come from OpenStreetMap: a road
// that was drawn as one line for both carriageways has no highway tag.
func Tags(kind string, tags map[string]string) Road {
	r := Road{Class: kind, MaxSpeed: ParseSpeed(tags["maxspeed"])}
	if h := tags["highway"]; h != "" {
		r.Class = h
	}
	switch tags["junction"] {
	case "roundabout", "circular":
		r.Roundabout, r.Direction = true, Forth
	}
	if tags["highway"] == "motorway" {
		r.Direction = Forth
	}
	switch tags["oneway"] {
	case "yes", "1", "true":
		r.Direction = Forth
	case "-1", "reverse":
		r.Direction = Back
	case "no", "0", "false":
		r.Direction = Both
	}
	// The narrower key wins.
	for _, key := range []string{"access", "motor_vehicle"} {
		switch tags[key] {
		case "no":
			// Whoever is sent has a right of their own; a road closed to all is a
			// road that is mostly not open to the public.
			r.Access = Closed
			if key == "access" {
				r.Access = Private
			}
		case "private", "destination", "customers", "delivery", "permit", "agricultural", "forestry":
			r.Access = Private
		case "yes", "permissive", "designated", "official":
			r.Access = Open
		}
	}
	return r
}

// fastestLimit bounds what is believed of a sign, km/h.
const fastestLimit = 160

// ParseSpeed reads OpenStreetMap's maxspeed as km/h: "50", "30 mph", "walk"; of
// several ("50;30") the lowest. 0 where it says no number ("none", "signals",
// "CN:urban").
func ParseSpeed(text string) float64 {
	lowest := 0.0
	for part := range strings.SplitSeq(text, ";") {
		v := parseOne(strings.TrimSpace(part))
		if v > 0 && (lowest == 0 || v < lowest) {
			lowest = v
		}
	}
	return lowest
}

func parseOne(text string) float64 {
	if text == "walk" {
		return 7
	}
	factor := 1.0
	for unit, f := range map[string]float64{"km/h": 1, "kmh": 1, "mph": 1.609344, "knots": 1.852} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			text, factor = strings.TrimSpace(number), f
			break
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if v *= factor; err != nil || math.IsNaN(v) || v < 1 || v > fastestLimit {
		return 0
	}
	return v
}
