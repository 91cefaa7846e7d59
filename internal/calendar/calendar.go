package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrBad: a table contradicts itself.
var ErrBad = errors.New("the calendar's table is wrong")

// Calendar says what working time is. It never changes and is safe for
// concurrent use.
type Calendar struct {
	years map[int]Year
	hours []Hours // by From; the first is valid for all days before, too
	off   map[Date]string
	on    map[Date]string
}

// New makes a calendar of tables. There must be at least one Hours. Of two
// tables for one year, or two Hours from one day, the later in the list counts.
func New(years []Year, hours []Hours) (*Calendar, error) {
	c := &Calendar{years: map[int]Year{}, off: map[Date]string{}, on: map[Date]string{}}
	for _, y := range years {
		if err := y.check(); err != nil {
			return nil, err
		}
		c.years[y.Year] = y
	}
	for _, y := range c.years {
		for _, h := range y.Holidays {
			for d := h.From; !h.To.Before(d); d = d.Next(1) {
				c.off[d] = h.Name
			}
		}
		for _, m := range y.Makeups {
			c.on[m.Day] = m.For
		}
	}
	for _, h := range hours {
		if err := h.check(); err != nil {
			return nil, err
		}
		c.hours = slices.DeleteFunc(c.hours, func(have Hours) bool { return have.From == h.From })
		c.hours = append(c.hours, h)
	}
	if len(c.hours) == 0 {
		return nil, fmt.Errorf("%w: no hours of work", ErrBad)
	}
	slices.SortFunc(c.hours, func(a, b Hours) int { return a.From.Start().Compare(b.From.Start()) })
	return c, nil
}

// With is this calendar with newer tables in place of its own.
func (c *Calendar) With(years []Year, hours []Hours) (*Calendar, error) {
	all := make([]Year, 0, len(c.years)+len(years))
	for _, y := range c.years {
		all = append(all, y)
	}
	return New(append(all, years...), append(slices.Clone(c.hours), hours...))
}

// Years are the tables of the calendar, by year.
func (c *Calendar) Years() []Year {
	var out []Year
	for _, y := range c.years {
		out = append(out, y)
	}
	slices.SortFunc(out, func(a, b Year) int { return cmp.Compare(a.Year, b.Year) })
	return out
}

// Hours are the calendar's hours of work, the oldest first.
func (c *Calendar) Hours() []Hours { return slices.Clone(c.hours) }

// Announced reports whether the year's notice is known. In a year whose is
// not, the weeks are counted as they are, and what was counted is preliminary.
func (c *Calendar) Announced(year int) bool {
	_, ok := c.years[year]
	return ok
}

// Works reports whether a day is a working day 工作日, and the holiday's name
// that makes the day differ from its weekday; empty: it does not.
func (c *Calendar) Works(d Date) (bool, string) {
	if name, ok := c.on[d]; ok {
		return true, name
	}
	if name, ok := c.off[d]; ok {
		return false, name
	}
	return slices.Contains(c.at(d).Weekdays, d.Weekday()), ""
}

// Spans are the hours of work of a day; none when it is not worked.
func (c *Calendar) Spans(d Date) []Span {
	if works, _ := c.Works(d); !works {
		return nil
	}
	return c.at(d).Spans
}

func (c *Calendar) at(d Date) Hours {
	i := len(c.hours) - 1
	for i > 0 && d.Before(c.hours[i].From) {
		i--
	}
	return c.hours[i]
}

func (y Year) check() error {
	seen := map[Date]bool{}
	for _, h := range y.Holidays {
		if h.To.Before(h.From) || h.To.Start().Sub(h.From.Start()) > 31*24*time.Hour {
			return fmt.Errorf("%w: %d %s lasts from %v to %v", ErrBad, y.Year, h.Name, h.From, h.To)
		}
		for d := h.From; !h.To.Before(d); d = d.Next(1) {
			if seen[d] {
				return fmt.Errorf("%w: %d says %v twice", ErrBad, y.Year, d)
			}
			seen[d] = true
		}
	}
	for _, m := range y.Makeups {
		if seen[m.Day] {
			return fmt.Errorf("%w: %d says %v twice", ErrBad, y.Year, m.Day)
		}
		seen[m.Day] = true
	}
	for d := range seen {
		// New Year's days off may begin in the year before
		if d.Year != y.Year && d.Year != y.Year-1 {
			return fmt.Errorf("%w: %d speaks of %v", ErrBad, y.Year, d)
		}
	}
	return nil
}

func (h Hours) check() error {
	if len(h.Weekdays) == 0 || len(h.Spans) == 0 {
		return fmt.Errorf("%w: hours from %v have no working day or no hours", ErrBad, h.From)
	}
	for _, d := range h.Weekdays {
		if d < time.Sunday || d > time.Saturday {
			return fmt.Errorf("%w: hours from %v have a weekday %d", ErrBad, h.From, d)
		}
	}
	end := time.Duration(0)
	for _, s := range h.Spans {
		if s.From < end || s.To <= s.From || s.To > 24*time.Hour {
			return fmt.Errorf("%w: hours from %v are out of order", ErrBad, h.From)
		}
		end = s.To
	}
	return nil
}
