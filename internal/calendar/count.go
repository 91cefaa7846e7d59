package calendar

import "time"

// Add is the first instant at which d of working time has passed since t, or,
// when d is negative, the last from which -d pass until t. Add(t, 0) is t.
func (c *Calendar) Add(t time.Time, d time.Duration) time.Time {
	switch {
	case d == 0:
		return t
	case d < 0:
		return c.back(t, -d)
	}
	for day := DateOf(t); ; day = day.Next(1) {
		midnight := day.Start()
		for _, s := range c.Spans(day) {
			from, to := midnight.Add(s.From), midnight.Add(s.To)
			if from.Before(t) {
				from = t
			}
			left := to.Sub(from)
			if left <= 0 {
				continue
			}
			if d <= left {
				return from.Add(d)
			}
			d -= left
		}
	}
}

func (c *Calendar) back(t time.Time, d time.Duration) time.Time {
	for day := DateOf(t); ; day = day.Next(-1) {
		midnight := day.Start()
		spans := c.Spans(day)
		for i := len(spans) - 1; i >= 0; i-- {
			from, to := midnight.Add(spans[i].From), midnight.Add(spans[i].To)
			if to.After(t) {
				to = t
			}
			left := to.Sub(from)
			if left <= 0 {
				continue
			}
			if d <= left {
				return to.Add(-d)
			}
			d -= left
		}
	}
}

// Between is the working time from a to b; negative when b is before a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	last := DateOf(b)
	for day := DateOf(a); !last.Before(day); day = day.Next(1) {
		midnight := day.Start()
		for _, s := range c.Spans(day) {
			from, to := midnight.Add(s.From), midnight.Add(s.To)
			if from.Before(a) {
				from = a
			}
			if to.After(b) {
				to = b
			}
			if to.After(from) {
				sum += to.Sub(from)
			}
		}
	}
	return sum
}

// AddDays is the end of a deadline of n working days that begins at t: the day
// of t does not count, and the last day ends with its hours of work
// (民法典 articles 201 and 203; 行政许可法 article 82: working days without
// public holidays). With n 0 it is the end of work on the day of t, or of the
// next working day.
func (c *Calendar) AddDays(t time.Time, n int) time.Time {
	works := func(d Date) bool { yes, _ := c.Works(d); return yes }
	day := DateOf(t)
	for n <= 0 && !works(day) {
		day = day.Next(1)
	}
	for n > 0 {
		day = day.Next(1)
		if works(day) {
			n--
		}
	}
	spans := c.Spans(day)
	return day.Start().Add(spans[len(spans)-1].To)
}
