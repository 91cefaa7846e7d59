package limit

import (
	"fmt"
	"testing"
	"time"
)

func TestACallerWhoAsksTooMuchIsToldWhenToComeAgainAndNobodyElseIs(t *testing.T) {
	now := time.Unix(0, 0)
	var b Budgets
	b[Person][Read] = Budget{PerSecond: 2, Burst: 3}
	l := New(b, func() time.Time { return now })
	for range 3 {
		if _, ok := l.Take(Person, "a", Read); !ok {
			t.Fatal("refused within the budget")
		}
	}
	for range 10 { // asking in vain costs nothing
		if wait, ok := l.Take(Person, "a", Read); ok || wait != 500*time.Millisecond {
			t.Fatalf("after the budget: %v, %v", wait, ok)
		}
	}
	if _, ok := l.Take(Person, "b", Read); !ok {
		t.Error("another caller is refused")
	}
	if _, ok := l.Take(Person, "a", Write); !ok {
		t.Error("another kind of request is refused")
	}
	now = now.Add(500 * time.Millisecond)
	if _, ok := l.Left(Person, "a", Read); !ok {
		t.Error("nothing is left after the wait")
	}
	if _, ok := l.Take(Person, "a", Read); !ok {
		t.Error("refused after the wait")
	}
	if _, ok := l.Left(Person, "a", Read); ok {
		t.Error("something is left after all was taken")
	}
}

func TestLookingForgetsNobodyAndTheLeastRecentlySeenAreForgottenFirst(t *testing.T) {
	now := time.Unix(0, 0)
	var b Budgets
	b[Nobody][Read] = Budget{PerSecond: 1, Burst: 1}
	l := New(b, func() time.Time { return now })
	l.most = 3
	for i := range 3 {
		l.Take(Nobody, fmt.Sprint(i), Read)
	}
	l.Take(Nobody, "0", Read) // seen again
	for i := range 100 {
		l.Left(Nobody, fmt.Sprint("looked at ", i), Read)
	}
	l.Take(Nobody, "3", Read)
	if l.order.Len() != 3 || len(l.of) != 3 {
		t.Errorf("%d of %d are remembered", l.order.Len(), len(l.of))
	}
	if _, ok := l.Left(Nobody, "0", Read); ok {
		t.Error("who was seen again is forgotten")
	}
	if _, ok := l.Left(Nobody, "1", Read); !ok {
		t.Error("who was not seen for longest is not forgotten")
	}
}

func TestTheDefaultsLetADayBeginAndOneCallersWallOfDisplays(t *testing.T) {
	now := time.Unix(0, 0)
	l := New(Budgets{}, func() time.Time { return now })
	for i := range 5000 {
		if _, ok := l.Take(Program, "app:wall", Socket); !ok {
			t.Fatalf("display %d is refused", i)
		}
	}
	for s := range 600 { // a meter, once a second
		now = now.Add(time.Second)
		if _, ok := l.Take(Device, "device:meter", Write); !ok {
			t.Fatalf("second %d is refused", s)
		}
	}
	l = New(None(), nil)
	for range 100_000 {
		if _, ok := l.Take(Nobody, "x", Wrong); !ok {
			t.Fatal("what is not bounded is refused")
		}
	}
	for c, row := range Defaults() {
		for k, b := range row {
			if b.PerSecond <= 0 || b.Burst < 1 {
				t.Errorf("class %d has no budget for %s", c, Kind(k))
			}
		}
	}
}

func TestACustomersAddressesAreOne(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.2.3": "10.1.2.3", "::ffff:10.1.2.3": "10.1.2.3", "::1": "::/64",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "", "pipe": "pipe",
	} {
		if got := Address(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	l := New(Budgets{}, nil)
	who := make([]string, 10_000)
	for i := range who {
		who[i] = fmt.Sprint("person:", i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		l.Take(Person, who[i%len(who)], Read)
	}
}
