package alarm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// state is what an engine must remember; what it was told of devices and units
// comes from the model again.
type state struct {
	Seq       uint64               `json:"seq"`
	Now       time.Time            `json:"now"`
	Listening time.Time            `json:"listening"`
	Minute    int64                `json:"minute"`
	Rules     map[string]ruleState `json:"rules"`
	Series    []seriesState        `json:"series"`
}

type ruleState struct {
	Digest  string               `json:"digest"`
	Version int64                `json:"version"`
	On      bool                 `json:"on"`
	Targets map[string]*target   `json:"targets"`
	Heard   map[string]time.Time `json:"heard,omitempty"`
	Sides   map[string]side      `json:"sides,omitempty"`
	Began   time.Time            `json:"began"`
	Hour    []time.Time          `json:"hour,omitempty"`
	Errors  int                  `json:"errors,omitempty"`
	Spent   int64                `json:"spent,omitempty"`
	Stopped bool                 `json:"stopped,omitempty"`
}

type seriesState struct {
	Device   string `json:"d"`
	Property string `json:"p"`
	series
}

// State is everything that the engine remembers, as bytes: the same facts give
// the same bytes.
func (e *Engine) State() ([]byte, error) {
	s := state{Seq: e.seq, Now: e.now, Listening: e.listening, Minute: e.minute, Rules: map[string]ruleState{}}
	for _, r := range e.rules {
		s.Rules[r.ID] = ruleState{
			Digest: r.digest, Version: r.Version, On: r.On, Targets: r.targets, Heard: r.heard, Sides: r.sides,
			Began: r.began, Hour: r.hour, Errors: r.errors, Spent: r.spent, Stopped: r.stopped,
		}
	}
	for k, v := range e.series {
		s.Series = append(s.Series, seriesState{k.device, k.property, *v})
	}
	slices.SortFunc(s.Series, func(a, b seriesState) int {
		if c := strings.Compare(a.Device, b.Device); c != 0 {
			return c
		}
		return strings.Compare(a.Property, b.Property)
	})
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the state of the alarm rules: %w", err)
	}
	return b, nil
}

// Restore goes on from a State, with the rules that there are now. The devices
// and units are to be told before the next event.
func (e *Engine) Restore(b []byte, rules []Rule) error {
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("read the state of the alarm rules: %w", err)
	}
	e.seq, e.now, e.listening, e.minute = s.Seq, s.Now, s.Listening, s.Minute
	e.byID = map[string]*running{}
	for id, r := range s.Rules {
		e.byID[id] = r.running(id)
	}
	clear(e.series)
	for i := range s.Series {
		x := s.Series[i].series
		e.series[stream{s.Series[i].Device, s.Series[i].Property}] = &x
	}
	kept := e.series
	e.series = map[stream]*series{} // no device is known yet: nothing is to be dropped
	e.Set(rules)
	e.series = kept
	return nil
}

// running is the rule as far as the state knows it, for running.take.
func (s ruleState) running(id string) *running {
	r := &running{
		Rule: Rule{ID: id, Version: s.Version, On: s.On}, digest: s.Digest, targets: s.Targets, heard: s.Heard, sides: s.Sides,
		began: s.Began, hour: s.Hour, errors: s.Errors, spent: s.Spent, stopped: s.Stopped,
	}
	if r.targets == nil {
		r.targets = map[string]*target{}
	}
	return r
}
