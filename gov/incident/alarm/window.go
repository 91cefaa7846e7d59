package alarm

import (
	"slices"
	"time"
)

// series is what is remembered of one datastream.
type series struct {
	Newest time.Time `json:"t"` // by the device's clock
	Value  float64   `json:"v"`
	Window []minute  `json:"w,omitempty"` // oldest first; only where a rule needs it
}

// minute sums up the values of one minute, so that values that come late find
// their place and a window has a bound.
type minute struct {
	At      int64   `json:"m"` // minutes since 1970
	N       int     `json:"n"`
	Sum     float64 `json:"s"`
	Min     float64 `json:"a"`
	Max     float64 `json:"b"`
	First   float64 `json:"f"`
	FirstAt int64   `json:"fa"` // milliseconds since 1970
}

const (
	// windowOf expressions.
	windowOf = 15 * time.Minute
)

// remember puts a value into the window, which is kept for so long before the
// newest value.
func (s *series) remember(at time.Time, v float64, long time.Duration) {
	m := at.Unix() / 60
	i, found := slices.BinarySearchFunc(s.Window, m, func(b minute, m int64) int { return int(b.At - m) })
	if !found {
		if i == 0 && len(s.Window) > 0 && s.Newest.Sub(at) > long {
			return
		}
		s.Window = slices.Insert(s.Window, i, minute{At: m, N: 1, Sum: v, Min: v, Max: v, First: v, FirstAt: at.UnixMilli()})
	} else {
		b := &s.Window[i]
		b.N++
		b.Sum += v
		b.Min, b.Max = min(b.Min, v), max(b.Max, v)
		if ms := at.UnixMilli(); ms < b.FirstAt {
			b.First, b.FirstAt = v, ms
		}
	}
	oldest := s.Newest
	if at.After(oldest) {
		oldest = at
	}
	before := oldest.Add(-long).Unix() / 60
	n := 0
	for n < len(s.Window) && s.Window[n].At < before {
		n++
	}
	s.Window = slices.Delete(s.Window, 0, n)
}

// since are the minutes of the window from so long before the newest value on.
func (s *series) since(long time.Duration) []minute {
	from := s.Newest.Add(-long).Unix() / 60
	for i := range s.Window {
		if s.Window[i].At >= from {
			return s.Window[i:]
		}
	}
	return nil
}

// low and high are the least and the greatest value of the last so long.
func (s *series) lowHigh(long time.Duration) (low, high float64) {
	low, high = s.Value, s.Value
	for _, b := range s.since(long) {
		low, high = min(low, b.Min), max(high, b.Max)
	}
	return low, high
}

func (s *series) mean(long time.Duration) float64 {
	sum, n := 0.0, 0
	for _, b := range s.since(long) {
		sum, n = sum+b.Sum, n+b.N
	}
	if n == 0 {
		return s.Value
	}
	return sum / float64(n)
}

// rate is the change a minute, from the oldest value of the window to the
// newest; 0 when they are less than a minute apart.
func (s *series) rate(long time.Duration) float64 {
	list := s.since(long)
	if len(list) == 0 {
		return 0
	}
	minutes := float64(s.Newest.UnixMilli()-list[0].FirstAt) / 60_000
	if minutes < 1 {
		return 0
	}
	return (s.Value - list[0].First) / minutes
}
