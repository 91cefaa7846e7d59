package alarm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/vm"
	"github.com/paulmach/orb"
)

// phase of a target.
type phase uint8

const (
	idle    phase = iota
	pending       // the condition holds, not yet long enough
	open          // an incident was opened
	cooling       // its incident has ended, and not long ago
)

// subject is the device, unit or place that a target is, as it was last seen.
type subject struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Kind      string  `json:"kind,omitempty"`
	Lon       float64 `json:"lon"`
	Lat       float64 `json:"lat"`
	Region    string  `json:"region,omitempty"`
	Value     float64 `json:"value"`
	Count     int     `json:"count,omitempty"`
	Simulated bool    `json:"simulated,omitempty"`
}

// target is one thing that a rule has an eye on.
type target struct {
	Phase   phase     `json:"phase"`
	Since   time.Time `json:"since"`   // when the condition began, by the device's clock
	Arrived time.Time `json:"arrived"` // the same by the stream's
	subject
	Incident string    `json:"incident,omitempty"`
	Opened   time.Time `json:"opened,omitzero"`
	Seen     bool      `json:"seen,omitempty"` // the incident has come into the stream
	Over     bool      `json:"over,omitempty"` // the condition has gone
	Told     bool      `json:"told,omitempty"` // and that was said
	Until    time.Time `json:"until,omitzero"` // of cooling
	Cell     uint64    `json:"cell,omitempty"` // of a group
}

// side is which side of a fence somebody is on.
type side struct {
	Newest time.Time `json:"t"`
	Armed  bool      `json:"a"` // was on the good side since it last fired
}

// running is a rule as the engine works with it.
type running struct {
	Rule
	digest  string
	dur     time.Duration // how long the condition must hold
	hold    bool          // time runs on without values
	when    *condition
	until   *condition
	fence   orb.Polygon
	targets map[string]*target
	heard   map[string]time.Time // of a silence: by device
	sides   map[string]side      // of a fence
	began   time.Time            // by the stream's clock
	hour    []time.Time          // what it opened in the last hour
	errors  int                  // of the expression, in a row
	spent   int64                // cost in the current minute
	stopped bool

	watch []*Device // of a silence or an expression that asks for it: those that it looks at
	fresh bool      // watch is up to date
}

// live reports whether the rule opens incidents.
func (r *running) live() bool { return r.On && !r.stopped }

// digestOf names what a rule asks for, without its name, note and texts.
func digestOf(d Definition) string {
	d.Name, d.NameEn, d.Note, d.Clear, d.Open = "", "", "", "", Opening{}
	b, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

func newRunning(r Rule) *running {
	x := &running{Rule: r, digest: digestOf(r.Definition), targets: map[string]*target{}}
	switch r.Kind {
	case KindThreshold:
		x.dur, x.hold = r.Threshold.For.Duration(), r.Threshold.Hold
	case KindSilence:
		x.heard = map[string]time.Time{}
	case KindFence:
		x.dur, x.hold, x.sides = r.Fence.For.Duration(), true, map[string]side{}
		for _, ring := range r.Fence.Polygon {
			line := make(orb.Ring, len(ring))
			for i, p := range ring {
				line[i] = orb.Point(p)
			}
			x.fence = append(x.fence, line)
		}
	case KindExpression:
		x.dur = r.Expression.For.Duration()
		x.when, _ = compile("/expression/when", r.Expression.When)
		if r.Expression.Until != "" {
			x.until, _ = compile("/expression/until", r.Expression.Until)
		}
		x.heard = map[string]time.Time{}
	}
	return x
}

// looksAt reports whether the rule is about the device.
func (r *running) looksAt(d *Device) bool {
	return r.Filter.Of != "unit" && r.Filter.takes(d.ID, d.Kind) && strings.HasPrefix(d.Region, r.Region)
}

func (f *Filter) takes(id, kind string) bool {
	return (len(f.Kinds) == 0 || slices.Contains(f.Kinds, kind)) && (len(f.IDs) == 0 || slices.Contains(f.IDs, id))
}

// window is how long values must be remembered for the rule; 0 not at all.
func (r *running) window() time.Duration {
	switch r.Kind {
	case KindRate:
		return r.Rate.Within.Duration()
	case KindExpression:
		return windowOf
	}
	return 0
}

// mentions reports whether the rule's expression speaks of a name.
func (r *running) mentions(name string) bool {
	return r.when != nil && r.when.uses[name] || r.until != nil && r.until.uses[name]
}

// compares reports whether v is beyond the limit.
func compares(v float64, compare string, limit float64) bool {
	switch compare {
	case ">":
		return v > limit
	case ">=":
		return v >= limit
	case "<":
		return v < limit
	case "<=":
		return v <= limit
	}
	return false
}

// machine is one that expressions run in.
type machine = vm.VM
