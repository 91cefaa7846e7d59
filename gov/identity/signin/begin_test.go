package signin_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/identity/signin"
	"onecity/internal/audit"
)

func TestARightPasswordOpensASessionUntilItIsEnded(t *testing.T) {
	c := fresh(t)
	s, token := c.begin(" City.Operator ", good)
	if s.Pending != "" || s.Strong || s.From != desk || s.Person != c.person("city.operator") {
		t.Errorf("the session is %+v", s)
	}
	got, err := c.Lookup(t.Context(), token)
	if err != nil || got.ID != s.ID {
		t.Fatalf("looked up %+v, %v", got, err)
	}
	if n := c.count(`select count(*) from signin.session where hash = sha256($1)`, []byte(token)); n != 1 {
		t.Errorf("%d sessions have the token's SHA-256", n)
	}
	if err := c.End(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	_, err = c.Lookup(t.Context(), token)
	wants(t, "the token of an ended session", err, signin.ErrEnded)
	_, err = c.Alive(t.Context(), s.ID)
	wants(t, "an ended session", err, signin.ErrEnded)
	for _, action := range []string{"signin.ok", "signin.out"} {
		if n := c.logged(action, audit.Done); n != 1 {
			t.Errorf("%s is %d times in the log", action, n)
		}
	}
}

func TestUnknownLoginsAndWrongPasswordsAreRefusedAlikeAndCostTheSame(t *testing.T) {
	c := fresh(t)
	if _, err := c.pool.Exec(t.Context(), `delete from signin.password where person = $1::uuid`, c.person("grid.worker")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.pool.Exec(t.Context(), `update identity.person set state = 'locked' where login = 'town.leader'`); err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct{ login, password string }{
		{"city.operator", "wrong-wrong-wrong"},
		{"my.secret.typed-here", good},
		{"grid.worker", good},
		{"town.leader", good},
		{"city.operator\x00\xff", ""},
	} {
		before, _ := c.Hashed()
		_, token, err := c.Begin(t.Context(), try.login, try.password, desk, "")
		if !errors.Is(err, signin.ErrRefused) || err.Error() != signin.ErrRefused.Error() || token != "" {
			t.Errorf("%q: %v", try.login, err)
		}
		if after, _ := c.Hashed(); after != before+1 {
			t.Errorf("%q cost %d hashes", try.login, after-before)
		}
	}
	if n := c.logged("signin.refused", audit.Refused); n != 5 {
		t.Errorf("%d refusals are in the log", n)
	}
	if n := c.count(`select count(*) from audit.entry e where e::text like '%typed-here%' or e::text like '%wrong-wrong%'`); n != 0 {
		t.Errorf("what was typed is in %d entries of the log", n)
	}
}

func TestFiveWrongPasswordsLockTheLoginFromThatAddressForAGrowingTime(t *testing.T) {
	c := fresh(t)
	p := c.Policy()
	for round, lock := range []time.Duration{p.Lock, 2 * p.Lock, 4 * p.Lock} {
		for range p.Tries {
			_, _, err := c.Begin(t.Context(), "city.operator", "wrong-wrong-wrong", desk, "")
			wants(t, "a wrong password", err, signin.ErrRefused)
		}
		_, _, err := c.Begin(t.Context(), "city.operator", good, desk, "")
		if l := limited(t, "a right password after five wrong ones", err); l.Why != "locked" || l.RetryAfter > lock || l.RetryAfter < lock-time.Second {
			t.Fatalf("round %d: %+v, want %s", round, l, lock)
		}
		c.clock.move(lock + time.Second)
	}
	if n := c.logged("signin.locked", audit.Refused); n != 3 {
		t.Errorf("%d lock-outs are in the log", n)
	}
	c.begin("city.operator", good)
	_, _, err := c.Begin(t.Context(), "city.operator", "wrong-wrong-wrong", desk, "")
	wants(t, "a wrong password after a right one", err, signin.ErrRefused)
	c.begin("city.operator", good)
}

func TestALockHoldsForOneAddressOnlyAndOnEveryNode(t *testing.T) {
	c := fresh(t)
	other := c.other()
	for range c.Policy().Tries {
		_, _, err := c.Begin(t.Context(), "city.operator", "wrong-wrong-wrong", desk, "")
		wants(t, "a wrong password", err, signin.ErrRefused)
	}
	_, _, err := other.Begin(t.Context(), "city.operator", good, desk, "")
	limited(t, "the other node", err)
	if _, _, err := other.Begin(t.Context(), "city.operator", good, "10.20.30.41", ""); err != nil {
		t.Errorf("another address: %v", err)
	}
	if _, _, err := c.Begin(t.Context(), "town.operator", good, desk, ""); err != nil {
		t.Errorf("another login: %v", err)
	}
}

func TestOneAddressCannotTryManyLoginsForLong(t *testing.T) {
	c := fresh(t)
	c.policy(func(p *signin.Policy) { p.PerAddress = signin.Rate{PerMinute: 6, Burst: 8} })
	for i := range 8 {
		_, _, err := c.Begin(t.Context(), "nobody"+string(rune('a'+i)), "wrong-wrong-wrong", "2001:db8::1", "")
		wants(t, "a wrong password", err, signin.ErrRefused)
	}
	_, _, err := c.Begin(t.Context(), "city.operator", good, "2001:db8::2", "") // of the same network
	if l := limited(t, "the ninth", err); l.Why != "rate" || l.RetryAfter > 10*time.Second {
		t.Errorf("%+v", l)
	}
	c.clock.move(11 * time.Second)
	if _, _, err := c.Begin(t.Context(), "city.operator", good, "2001:db8::2", ""); err != nil {
		t.Error(err)
	}
}

func TestFiftySignInsAtOnceHashTwoAtATime(t *testing.T) {
	c := fresh(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, _, err := c.Begin(t.Context(), "city.operator", good, desk, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if all, atOnce := c.Hashed(); all != 50 || atOnce != 2 {
		t.Errorf("%d hashes, %d at once", all, atOnce)
	}
	if n := c.count(`select count(*) from signin.session`); n != c.Policy().Sessions {
		t.Errorf("%d sessions are left of one person", n)
	}
}

func TestManyWrongPasswordsAtOnceAreNotManyTries(t *testing.T) {
	c := fresh(t)
	var refused atomic.Int64
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			_, _, err := c.Begin(t.Context(), "city.operator", "wrong-wrong-wrong", desk, "")
			if errors.Is(err, signin.ErrRefused) {
				refused.Add(1)
			} else {
				limited(t, "a wrong password", err)
			}
		})
	}
	wg.Wait()
	// One more may be in the other slot when the fifth is counted.
	if n := int(refused.Load()); n < c.Policy().Tries || n > c.Policy().Tries+1 {
		t.Errorf("%d of them were tried", n)
	}
}

func TestAWaitingLineThatIsFullIsTold(t *testing.T) {
	c := fresh(t)
	o := c.options
	o.Hashes, o.Waiting = 1, 1
	small := node(t, c.clock, o)
	var busy, in atomic.Int64
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			_, _, err := small.Begin(t.Context(), "city.operator", good, desk, "")
			var l *signin.LimitedError
			switch {
			case err == nil:
				in.Add(1)
			case errors.As(err, &l) && l.Why == "busy":
				busy.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if in.Load() == 0 || in.Load()+busy.Load() != 12 {
		t.Errorf("%d in, %d told to wait", in.Load(), busy.Load())
	}
}

func TestAPasswordIsHashedAnewWhenTheParametersHaveChanged(t *testing.T) {
	c := fresh(t)
	c.policy(func(p *signin.Policy) { p.Hash.Time = 3 })
	hashed := func() int {
		return c.count(`select count(*) from signin.password where person = $1::uuid and hash like '%m=8192,t=3,p=1%'`, c.person("city.operator"))
	}
	if _, _, err := c.Begin(t.Context(), "city.operator", "wrong-wrong-wrong", desk, ""); !errors.Is(err, signin.ErrRefused) || hashed() != 0 {
		t.Errorf("a wrong password: %v, %d", err, hashed())
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, _, err := c.Begin(t.Context(), "city.operator", good, desk, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if hashed() != 1 {
		t.Error("the hash has still the old parameters")
	}
	c.begin("city.operator", good)
}
