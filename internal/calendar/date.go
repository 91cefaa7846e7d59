package calendar

import (
	"fmt"
	"time"
)

// Zone is China Standard Time 北京时间. It has had no daylight saving since
// 1992, so a fixed offset is exact and needs no zone files on the machine.
func Zone() *time.Location { return zone }

var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// Date is a day in Zone; as text "2026-10-01".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day in which an instant lies.
func DateOf(t time.Time) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-10-01".
func ParseDate(s string) (Date, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return Date{}, fmt.Errorf("read the date %q: %w", s, err)
	}
	return DateOf(t), nil
}

// Start is the day's first instant.
func (d Date) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone) }

// Next is the day that is n days later.
func (d Date) Next(n int) Date { return DateOf(d.Start().AddDate(0, 0, n)) }

// Weekday of the day.
func (d Date) Weekday() time.Weekday { return d.Start().Weekday() }

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

func (d Date) String() string { return d.Start().Format(time.DateOnly) }

// MarshalText writes "2026-10-01".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "2026-10-01".
func (d *Date) UnmarshalText(b []byte) error {
	got, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = got
	return nil
}
