package signin

import (
	"testing"
	"time"
)

func TestASessionThatEndsWhileItIsReadIsNotRemembered(t *testing.T) {
	var r remembered
	l := &live{Session: Session{ID: "one", hash: [32]byte{1}}}
	r.put(l, r.now())
	if _, ok := r.id("one"); ok {
		t.Error("it is remembered though nobody would tell of its end")
	}
	r.turn(true)
	age := r.now()
	r.drop(l.Session.hash)
	r.put(l, age)
	if _, ok := r.hash(l.Session.hash); ok {
		t.Error("it is remembered under its token")
	}
	if _, ok := r.id("one"); ok {
		t.Error("it is remembered under its id")
	}
	r.put(l, r.now())
	newer := &live{Session: Session{ID: "one", hash: [32]byte{2}}}
	r.put(newer, r.now())
	r.drop(l.Session.hash) // the old token
	if got, ok := r.id("one"); !ok || got != newer {
		t.Error("the session under its newer token was forgotten")
	}
	r.turn(false)
	if _, ok := r.hash(newer.Session.hash); ok {
		t.Error("it is remembered after memory was turned off")
	}
}

func TestATokenThatIsRevokedWhileItIsReadIsNotRemembered(t *testing.T) {
	var c cache[string, int]
	c.turn(true)
	age := c.now()
	c.drop("a")
	c.put("a", 1, age)
	if _, ok := c.get("a"); ok {
		t.Error("it is remembered")
	}
	c.put("a", 1, c.now())
	if v, ok := c.get("a"); !ok || v != 1 {
		t.Error("it is not remembered")
	}
}

func TestLooseLimitsForgetTheOldestKeysFirst(t *testing.T) {
	l := newLimits()
	l.most = 2
	r := Rate{PerMinute: 1, Burst: 1}
	now := time.Unix(1_800_000_000, 0)
	for _, key := range []string{"a", "b", "c"} {
		l.spend(key, r, now)
	}
	if l.wait("a", r, now) != 0 || l.wait("b", r, now) == 0 || l.wait("c", r, now) == 0 || l.order.Len() != 2 {
		t.Error("the wrong key was forgotten")
	}
}
