package cim

// timers is a heap of moments (milliseconds) at which something must be looked
// at again. What a moment means is settled when it comes: it may be stale.
type timers []timer

type timer struct {
	at   int64
	slot uint32
}

func (h *timers) push(at int64, slot uint32) {
	a := append(*h, timer{at, slot})
	i := len(a) - 1
	for i > 0 {
		up := (i - 1) / 2
		if a[up].at <= a[i].at {
			break
		}
		a[up], a[i] = a[i], a[up]
		i = up
	}
	*h = a
}

// due takes out a timer whose moment is not after now.
func (h *timers) due(now int64) (slot uint32, ok bool) {
	a := *h
	if len(a) == 0 || a[0].at > now {
		return 0, false
	}
	slot = a[0].slot
	n := len(a) - 1
	a[0] = a[n]
	a = a[:n]
	for i := 0; ; {
		kid := 2*i + 1
		if kid >= n {
			break
		}
		if kid+1 < n && a[kid+1].at < a[kid].at {
			kid++
		}
		if a[i].at <= a[kid].at {
			break
		}
		a[i], a[kid] = a[kid], a[i]
		i = kid
	}
	*h = a
	return slot, true
}
