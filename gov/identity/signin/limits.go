package signin

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits are the loose limits of wrong attempts, per login and per address, in
// this node's memory; the strict ones are in the database. Only wrong attempts
// are taken off, so that a whole office behind one address can begin its day.
type limits struct {
	mu    sync.Mutex
	of    map[string]*list.Element
	order *list.List // the latest used in front
	most  int
}

type limited struct {
	key string
	*rate.Limiter
}

func newLimits() *limits {
	return &limits{of: map[string]*list.Element{}, order: list.New(), most: 20_000}
}

// wait is how long until the key may be wrong again; 0 is now.
func (l *limits) wait(key string, r Rate, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.of[key]
	if !ok {
		return 0
	}
	left := e.Value.(limited).TokensAt(now)
	if left >= 1 {
		return 0
	}
	return time.Duration((1 - left) / r.PerMinute * float64(time.Minute))
}

// spend takes a wrong attempt off.
func (l *limits) spend(key string, r Rate, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.of[key]
	if !ok {
		e = l.order.PushFront(limited{key, rate.NewLimiter(rate.Limit(r.PerMinute/60), r.Burst)})
		l.of[key] = e
		if l.order.Len() > l.most {
			last := l.order.Back()
			delete(l.of, last.Value.(limited).key)
			l.order.Remove(last)
		}
	}
	l.order.MoveToFront(e)
	lim := e.Value.(limited)
	lim.SetLimitAt(now, rate.Limit(r.PerMinute/60)) // the policy may have changed
	lim.SetBurstAt(now, r.Burst)
	lim.AllowN(now, 1)
}

// place is the part of an address that one attacker has: a whole IPv4
// address, the network (/64) of an IPv6 one.
func place(from string) string {
	a, err := netip.ParseAddr(from)
	if err != nil {
		ap, err := netip.ParseAddrPort(from)
		if err != nil {
			return "?"
		}
		a = ap.Addr()
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}
