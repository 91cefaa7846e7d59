package cim

// Alarm reports whether v is outside the alarm limits of p.
func (p Property) Alarm(v float64) bool { return false }
