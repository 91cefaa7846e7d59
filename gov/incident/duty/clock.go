package duty

import "time"

// Clock is what a phone's clock is worth, found when something comes from it.
type Clock struct {
	skew time.Duration // its time minus ours
	now  time.Time
}

// ClockOf compares the time at which a phone says it is sending with ours. A
// zero sent says nothing: then the clock is believed.
func ClockOf(sent, now time.Time) Clock {
	if sent.IsZero() {
		return Clock{now: now}
	}
	return Clock{skew: sent.Sub(now), now: now}
}

// Skew is the phone's clock minus ours.
func (c Clock) Skew() time.Duration { return c.skew }

// Doubtful reports whether the clock is too far off for its times to be relied
// on.
func (c Clock) Doubtful() bool { return c.skew > MaxSkew || c.skew < -MaxSkew }

// Right is t by our clock, never later than now.
func (c Clock) Right(t time.Time) time.Time {
	if c.Doubtful() {
		t = t.Add(-c.skew)
	}
	if t.After(c.now) {
		return c.now
	}
	return t
}
