package cim

import (
	"fmt"
	"math"
)

// Formula makes the composite index of a cell 综合指数, 0 (good) to 100 (bad):
// 100 × Σ w·clamp((x − Low)/(High − Low), 0, 1) / Σ w over the terms whose
// measure the cell has. It is data: a city sets its own by a FormulaPut.
type Formula struct {
	Terms []Term `json:"terms"`
}

// Term weighs one measure of a cell.
type Term struct {
	// Measure is "observation" (Property, Window, Stat), "incidents.open",
	// "incidents.late", "alarms", "units" or "indicator" (Property is its name).
	// Counts are measures that every cell has.
	Measure  string   `json:"measure"`
	Property Property `json:"property,omitempty"`
	Window   Window   `json:"window,omitempty"`
	Stat     string   `json:"stat,omitempty"` // "last", "mean", "max", "count"
	Low      float64  `json:"low"`
	High     float64  `json:"high"` // below Low where less is worse
	Weight   float64  `json:"weight"`
}

// Check says what is wrong with the formula, nil when nothing is.
func (f Formula) Check() error {
	for i, t := range f.Terms {
		if err := t.check(); err != nil {
			return fmt.Errorf("term %d: %w", i, err)
		}
	}
	return nil
}

func (t Term) check() error {
	switch t.Measure {
	case "observation":
		switch t.Stat {
		case "last", "mean", "max", "count":
		default:
			return fmt.Errorf(`stat %q is none of "last", "mean", "max", "count"`, t.Stat)
		}
		if int(t.Window) >= WindowCount {
			return fmt.Errorf("window %d is none of 0 to %d", t.Window, WindowCount-1)
		}
	case "incidents.open", "incidents.late", "alarms", "units", "indicator":
	default:
		return fmt.Errorf("unknown measure %q", t.Measure)
	}
	for _, v := range []float64{t.Low, t.High, t.Weight} {
		if !(math.Abs(v) <= maxValue) {
			return fmt.Errorf("low %v, high %v, weight %v: not all are numbers", t.Low, t.High, t.Weight)
		}
	}
	if t.Low == t.High {
		return fmt.Errorf("low and high are both %v", t.Low)
	}
	if t.Weight < 0 {
		return fmt.Errorf("weight %v is negative", t.Weight)
	}
	return nil
}

// index is the composite index of c, NaN when no term applies.
func (f Formula) index(c *CellState) float64 {
	var sum, weights float64
	for i := range f.Terms {
		t := &f.Terms[i]
		x, ok := t.measure(c)
		if !ok {
			continue
		}
		sum += t.Weight * max(0, min(1, (x-t.Low)/(t.High-t.Low)))
		weights += t.Weight
	}
	if weights == 0 {
		return math.NaN()
	}
	return 100 * sum / weights
}

func (t *Term) measure(c *CellState) (x float64, ok bool) {
	switch t.Measure {
	case "observation":
		return t.observed(c)
	case "incidents.open":
		for _, n := range c.Open {
			x += float64(n)
		}
		return x, true
	case "incidents.late":
		return float64(c.Late), true
	case "alarms":
		return float64(c.Alarms), true
	case "units":
		return float64(c.Units), true
	case "indicator":
		for _, v := range c.Indicators {
			if v.Name == string(t.Property) {
				return v.Value, true
			}
		}
	}
	return 0, false
}

func (t *Term) observed(c *CellState) (x float64, ok bool) {
	for i := range c.Properties {
		p := &c.Properties[i]
		if p.Property != t.Property {
			continue
		}
		a := p.Windows[t.Window]
		switch t.Stat {
		case "count":
			return float64(a.Count), true
		case "last":
			return a.Last, a.Count > 0
		case "mean":
			return a.Mean(), a.Count > 0
		case "max":
			return a.Max, a.Count > 0
		}
	}
	return 0, false
}
