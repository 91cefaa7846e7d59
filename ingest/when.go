package ingest

import (
	"fmt"
	"time"
)

// time checks t against the Gate's clock; a zero t becomes it.
func (b *batch) time(field string, t *time.Time) *Problem {
	if t.IsZero() {
		*t = b.now
		return nil
	}
	return checkTime(field, *t, b.now)
}

func checkTime(field string, t, now time.Time) *Problem {
	ahead := t.Sub(now)
	switch {
	case ahead > MaxAhead:
		return &Problem{Field: field, Value: t.Format(time.RFC3339), Code: CodeFutureTime,
			Message:  fmt.Sprintf("时间超前 %[1]s，请校准发送方时钟 / the time is %[1]s ahead, set the sender's clock", span(ahead)),
			Expected: "at most " + now.Add(MaxAhead).UTC().Format(time.RFC3339)}
	case -ahead > MaxAge:
		return &Problem{Field: field, Value: t.Format(time.RFC3339), Code: CodeTooOld,
			Message:  fmt.Sprintf("时间过早，已过 %[1]s / the time is %[1]s ago", span(-ahead)),
			Expected: "at least " + now.Add(-MaxAge).UTC().Format(time.RFC3339)}
	}
	return nil
}

// span is a duration as people say it: days from two on, else hours and minutes.
func span(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%.0f d", d.Hours()/24)
	}
	minutes := int(d.Round(time.Minute).Minutes())
	if minutes < 60 {
		return fmt.Sprintf("%dm", minutes)
	}
	return fmt.Sprintf("%dh%dm", minutes/60, minutes%60)
}
