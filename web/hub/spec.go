package hub

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest"

	"github.com/cespare/xxhash/v2"
	"github.com/paulmach/orb"
)

// Spec is a View as a reader asks for it; docs/protocol.md gives the shape.
type Spec struct {
	Layers  []string  `json:"layers"`
	Region  geo.Code  `json:"region"`
	BBox    []float64 `json:"bbox"` // w, s, e, n
	Res     int       `json:"res"`
	Widgets []string  `json:"widgets"`
	Lang    string    `json:"lang"`
	Rate    float64   `json:"rate"` // frames a second
}

// What a View may ask for.
const (
	defaultRate = 10
	maxRate     = 40
	maxWidgets  = 64
	minRes      = 5 // average edge 8.5 km: below, a city is one cell
)

// liveLayers are those that frames carry; the others come as tiles.
var liveLayers = cim.LayersOf(cim.LayerCells, cim.LayerDevices, cim.LayerUnits, cim.LayerIncidents)

// look is a Spec made canonical, with the scope it is seen in: looks of the
// same name share one view.
type look struct {
	scope cim.Scope // narrowed to the region asked for
	aim
}

// aim is what a look asks for in its scope.
type aim struct {
	layers  cim.Layers
	bound   orb.Bound
	res     int
	widgets string // sorted, each ended by "\n"
	lang    string
	rate    int
}

// lookName names a look: scopes that show the same, made of grants of their
// own, have the same name.
type lookName struct {
	scope cim.ScopeKey
	aim
}

func (l look) name() lookName { return lookName{l.scope.Key(), l.aim} }

var everywhere = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}

// look checks s for a reader of that scope. The problems name the fields.
func (s Spec) look(scope cim.Scope, known func(widget string) bool) (look, []ingest.Problem) {
	l := look{scope: scope, aim: aim{bound: everywhere, res: geo.BaseResolution, lang: "zh", rate: defaultRate}}
	var bad []ingest.Problem
	no := func(field string, value any, code, message, expected string) {
		bad = append(bad, ingest.Problem{Field: "/view/" + field, Value: shorten(fmt.Sprint(value)),
			Code: code, Message: message, Expected: expected})
	}
	for _, name := range s.Layers {
		layer, ok := cim.ParseLayer(name)
		if !ok || !liveLayers.Has(layer) {
			no("layers", name, "unknown-layer", "no such live layer", "cells, devices, units, incidents")
			continue
		}
		l.layers |= cim.LayersOf(layer)
	}
	if len(s.Layers) == 0 && len(s.Widgets) == 0 {
		no("layers", "", "missing", "nothing is asked for", "a layer or a widget")
	}
	if narrow, ok := scope.Within(s.Region); ok {
		l.scope = narrow
	} else {
		no("region", s.Region, "outside-scope", "the region is outside what you may see", fmt.Sprintf("a region in or around one of %q", scope.Regions()))
	}
	if s.BBox != nil {
		b, ok := boundOf(s.BBox)
		if !ok {
			no("bbox", s.BBox, "malformed", "not a box", "[west,south,east,north] in degrees, west < east, south < north")
		}
		l.bound = b
	}
	if s.Res != 0 {
		if s.Res < minRes || s.Res > geo.BaseResolution {
			no("res", s.Res, "out-of-range", "no such resolution", fmt.Sprintf("%d to %d", minRes, geo.BaseResolution))
		}
		l.res = s.Res
	}
	if s.Rate != 0 {
		if !(s.Rate >= 1 && s.Rate <= maxRate) {
			no("rate", s.Rate, "out-of-range", "no such rate", fmt.Sprintf("1 to %d frames a second", maxRate))
		}
		l.rate = int(s.Rate)
	}
	switch s.Lang {
	case "":
	case "zh", "en":
		l.lang = s.Lang
	default:
		no("lang", s.Lang, "unknown-language", "no such language", "zh, en")
	}
	if len(s.Widgets) > maxWidgets {
		no("widgets", len(s.Widgets), "too-many", "too many widgets", fmt.Sprintf("at most %d", maxWidgets))
		return l, bad
	}
	ws := slices.Compact(slices.Sorted(slices.Values(s.Widgets)))
	for _, w := range ws {
		if !known(w) {
			no("widgets", w, "unknown-widget", "no such widget", "a name of GET /api/v1/widgets")
			continue
		}
		l.widgets += w + "\n"
	}
	return l, bad
}

func boundOf(b []float64) (orb.Bound, bool) {
	if len(b) != 4 {
		return everywhere, false
	}
	for _, v := range b {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return everywhere, false
		}
	}
	if b[0] >= b[2] || b[1] >= b[3] || b[0] < -180 || b[2] > 180 || b[1] < -90 || b[3] > 90 {
		return everywhere, false
	}
	return orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}, true
}

// key is the look's name in frames, equal in every process.
func (l look) key() string {
	h := xxhash.New()
	scope := l.scope.Key()
	fmt.Fprintf(h, "%q %d %d %q %d %v %d %q %q %d", scope.Region, scope.Layers, scope.Grade, scope.Grants,
		l.layers, l.bound, l.res, l.widgets, l.lang, l.rate)
	var sum [8]byte
	binary.BigEndian.PutUint64(sum[:], h.Sum64())
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

// names are the widgets of the look.
func (l look) names() []string { return strings.Fields(l.widgets) }

// period is the shortest time between two frames.
func (l look) period() time.Duration { return time.Second / time.Duration(l.rate) }

func shorten(s string) string {
	r := []rune(s)
	if len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
