package calendar

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Year is what a year's notice says: the days off and the days of work that
// differ from the week.
type Year struct {
	Year   int    `json:"year"`
	Source string `json:"source"` // the notice, its number and its day
	// Unverified says what of this table was not seen in the notice; empty: nothing.
	Unverified string    `json:"unverified,omitempty"`
	Holidays   []Holiday `json:"holidays"`
	Makeups    []Makeup  `json:"makeups"`
}

// Holiday 放假 is a run of days off, the first and the last included, weekends too.
type Holiday struct {
	Name string `json:"name"` // 国庆节
	From Date   `json:"from"`
	To   Date   `json:"to"`
}

// Makeup 调休上班 is a Saturday or Sunday that is worked.
type Makeup struct {
	For string `json:"for"` // the holiday it makes up for
	Day Date   `json:"day"`
}

// Hours are the hours of work on each working day, and the days of the week
// that are worked, from one day on until the next Hours begin.
type Hours struct {
	From     Date           `json:"from"`
	Source   string         `json:"source"`
	Weekdays []time.Weekday `json:"weekdays"` // 0 is Sunday
	Spans    []Span         `json:"spans"`    // in order, apart from each other
}

// Span is a part of a day, in time since midnight; in JSON ["09:00","12:00"].
type Span struct{ From, To time.Duration }

// Length of the span.
func (s Span) Length() time.Duration { return s.To - s.From }

// MarshalJSON writes ["09:00","12:00"].
func (s Span) MarshalJSON() ([]byte, error) {
	return json.Marshal([2]string{clock(s.From), clock(s.To)})
}

// UnmarshalJSON reads ["09:00","12:00"]; the end of the day is "24:00".
func (s *Span) UnmarshalJSON(b []byte) error {
	var raw [2]string
	if err := json.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("read hours: %w", err)
	}
	var err, err2 error
	s.From, err = parseClock(raw[0])
	s.To, err2 = parseClock(raw[1])
	return errors.Join(err, err2)
}

func clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

func parseClock(s string) (time.Duration, error) {
	if s == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("read the time of day %q: %w", s, err)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}
