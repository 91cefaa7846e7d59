package limit

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// most is how many buckets are remembered: some 200 bytes each.
const most = 100_000

// Limiter counts requests. It is safe for concurrent use.
type Limiter struct {
	budgets Budgets
	now     func() time.Time
	most    int

	mu    sync.Mutex
	of    map[key]*list.Element
	order *list.List // of *bucket, the latest used in front
}

type key struct {
	who  string
	kind Kind
}

type bucket struct {
	key
	*rate.Limiter
}

// New makes a Limiter; where a budget is zero it is that of Defaults. now is the
// clock; nil means time.Now.
func New(b Budgets, now func() time.Time) *Limiter {
	if now == nil {
		now = time.Now
	}
	return &Limiter{budgets: b.or(Defaults()), now: now, most: most, of: map[key]*list.Element{}, order: list.New()}
}

// Take takes one request of a caller off its budget. Where there is nothing
// left, it takes nothing and says after how long there is.
func (l *Limiter) Take(c Class, who string, k Kind) (wait time.Duration, ok bool) {
	return l.spend(c, who, k, 1)
}

// Left is Take that only looks.
func (l *Limiter) Left(c Class, who string, k Kind) (wait time.Duration, ok bool) {
	return l.spend(c, who, k, 0)
}

func (l *Limiter) spend(c Class, who string, k Kind, n int) (time.Duration, bool) {
	b := l.budgets[c][k]
	if b.PerSecond < 0 {
		return 0, true
	}
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	at := key{who, k}
	e, known := l.of[at]
	if !known {
		if n == 0 {
			return 0, true
		}
		e = l.order.PushFront(&bucket{at, rate.NewLimiter(rate.Limit(b.PerSecond), b.Burst)})
		l.of[at] = e
		if l.order.Len() > l.most {
			last := l.order.Back()
			delete(l.of, last.Value.(*bucket).key)
			l.order.Remove(last)
		}
	} else {
		l.order.MoveToFront(e)
	}
	limiter := e.Value.(*bucket).Limiter
	if left := limiter.TokensAt(now); left < 1 {
		return time.Duration((1 - left) / b.PerSecond * float64(time.Second)), false
	}
	return 0, limiter.AllowN(now, n)
}

// Address is the part of a remote address that one customer has: IPv4 whole,
// IPv6 its /64 (RFC 6177), where everybody has 2⁶⁴ addresses.
func Address(remote string) string {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		return remote
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
