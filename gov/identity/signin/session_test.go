package signin_test

import (
	"sync/atomic"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/signin"
	"onecity/internal/audit"
)

func TestASessionEndsWhenNothingIsHeardForHalfAnHourAndAfterTwelveHours(t *testing.T) {
	for _, kind := range []string{"asking the database", "from memory"} {
		t.Run(kind, func(t *testing.T) {
			c := fresh(t)
			if kind == "from memory" {
				c.follows()
			}
			_, token := c.begin("city.operator", good)
			for range 26 { // thirteen hours, in steps that keep it awake
				c.clock.move(29 * time.Minute)
				if _, err := c.Lookup(t.Context(), token); err != nil {
					break
				}
			}
			_, err := c.Lookup(t.Context(), token)
			wants(t, "a session of twelve hours", err, signin.ErrEnded)
			_, token = c.begin("city.operator", good)
			if _, err := c.Lookup(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			c.clock.move(30 * time.Minute)
			_, err = c.Lookup(t.Context(), token)
			wants(t, "a session that nothing was heard of", err, signin.ErrEnded)
		})
	}
}

func TestANodeThatHearsNothingKnowsWhatAnotherHasHeard(t *testing.T) {
	c := fresh(t).follows()
	other := c.other().follows()
	_, token := c.begin("city.operator", good)
	for _, n := range []*city{c, other} {
		if _, err := n.Lookup(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		c.clock.move(20 * time.Minute)
		if _, err := c.Lookup(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := other.Lookup(t.Context(), token); err != nil {
		t.Errorf("the node that was not asked for an hour: %v", err)
	}
}

func TestRequestsAskTheDatabaseOnceAMinute(t *testing.T) {
	c := fresh(t).follows()
	_, token := c.begin("city.operator", good)
	if _, err := c.Lookup(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	asked := func(n int) int64 {
		before := c.pool.Stat().AcquireCount()
		for range n {
			if _, err := c.Lookup(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		return c.pool.Stat().AcquireCount() - before
	}
	if n := asked(1000); n != 0 {
		t.Errorf("a thousand requests asked the database %d times", n)
	}
	c.clock.move(61 * time.Second)
	if n := asked(1000); n != 1 {
		t.Errorf("a thousand requests a minute later asked it %d times", n)
	}
	if n := c.count(`select count(*) from signin.session where seen >= $1`, c.clock.now().Add(-time.Second)); n != 1 {
		t.Error("the last request was not written")
	}
}

func TestASessionThatEndsOnOneNodeIsRefusedOnTheOther(t *testing.T) {
	c := fresh(t).follows()
	other := c.other().follows()
	var told atomic.Int64
	defer other.Watch(func() { told.Add(1) })()
	over := func(token string) func() bool {
		return func() bool { _, err := other.Lookup(t.Context(), token); return err != nil }
	}
	ends := map[string]func(signin.Session) error{
		"a sign-out":  func(s signin.Session) error { return c.End(t.Context(), s) },
		"one of all":  func(s signin.Session) error { return c.EndOne(t.Context(), c.as("city.admin"), s.Person, s.ID) },
		"all of them": func(s signin.Session) error { return c.EndAll(t.Context(), c.as("city.operator"), s.Person) },
		"a new password": func(s signin.Session) error {
			return c.SetPassword(t.Context(), system, s.Person, good, false)
		},
		"no factors": func(s signin.Session) error { return c.ResetFactors(t.Context(), c.as("city.admin"), s.Person) },
		"its removal with SQL": func(s signin.Session) error {
			_, err := c.pool.Exec(t.Context(), `delete from signin.session`)
			return err
		},
	}
	for what, end := range ends {
		s, token := c.begin("city.operator", good)
		if _, err := other.Lookup(t.Context(), token); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		before := told.Load()
		if err := end(s); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		c.until(what+" is known on the other node", over(token))
		c.until(what+" is told to its hub", func() bool { return told.Load() > before })
		if _, err := other.Alive(t.Context(), s.ID); err == nil {
			t.Errorf("%s: the session's id is still good", what)
		}
	}
}

func TestAPersonWhoIsLockedLosesAllSessionsAtOnce(t *testing.T) {
	c := fresh(t).follows()
	other := c.other().follows()
	var tokens []string
	for range 3 {
		_, token := c.begin("village.viewer", good)
		tokens = append(tokens, token)
		if _, err := other.Lookup(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	p, err := c.dir.ByLogin(t.Context(), "village.viewer")
	if err != nil {
		t.Fatal(err)
	}
	p.State = "locked"
	if _, err := c.dir.EditPerson(t.Context(), system, p); err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		for _, n := range []*city{c, other} {
			n.until("the token is refused", func() bool { _, err := n.Lookup(t.Context(), token); return err != nil })
		}
	}
	_, _, err = c.Begin(t.Context(), "village.viewer", good, desk, "")
	wants(t, "a locked person", err, signin.ErrRefused)
	c.until("the log has it", func() bool { return c.logged("signin.end", audit.Done) == 1 })
}

func TestANodeThatDoesNotFollowBelievesNothingItRemembers(t *testing.T) {
	c := fresh(t)
	_, token := c.begin("city.operator", good)
	if _, err := c.Lookup(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if _, err := c.pool.Exec(t.Context(), `update identity.person set state = 'left' where login = 'city.operator'`); err != nil {
		t.Fatal(err)
	}
	_, err := c.Lookup(t.Context(), token)
	wants(t, "the token of somebody who left", err, signin.ErrEnded)
}

func TestALineThatIsCutIsNoticed(t *testing.T) {
	c := fresh(t).follows()
	_, token := c.begin("city.operator", good)
	if _, err := c.Lookup(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	n := c.count(`select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and query like 'listen signin%') x`)
	if n != 1 {
		t.Fatalf("%d lines were cut", n)
	}
	c.until("the node has noticed", func() bool { return !c.Following() })
	c.until("it follows again", c.Following)
	if _, err := c.Lookup(t.Context(), token); err != nil {
		t.Error(err)
	}
}

func TestOneselfAndWhoMastersAPersonSeeAndEndTheirSessions(t *testing.T) {
	c := fresh(t)
	s, _ := c.begin("city.operator", good)
	person := s.Person
	list, err := c.Sessions(t.Context(), c.as("city.operator"), person)
	if err != nil || len(list) != 1 || list[0].ID != s.ID || list[0].Agent != "a browser" {
		t.Fatalf("one's own: %+v, %v", list, err)
	}
	if list, err := c.Sessions(t.Context(), c.as("city.admin"), person); err != nil || len(list) != 1 {
		t.Errorf("an administrator's: %+v, %v", list, err)
	}
	_, err = c.Sessions(t.Context(), c.as("grid.worker"), person)
	wants(t, "somebody else's", err, identity.ErrNotFound)
	wants(t, "to end somebody else's", c.EndOne(t.Context(), c.as("grid.worker"), person, s.ID), identity.ErrRefused)
	wants(t, "to end somebody else's as one's own", c.EndOne(t.Context(), c.as("grid.worker"), c.person("grid.worker"), s.ID), identity.ErrNotFound)
	if err := c.EndOne(t.Context(), c.as("city.operator"), person, s.ID); err != nil {
		t.Error(err)
	}
}

func TestWhatIsOverIsTakenOut(t *testing.T) {
	c := fresh(t)
	c.begin("city.operator", good)
	if _, err := c.BeginPasskeySignIn(t.Context(), desk); err != nil {
		t.Fatal(err)
	}
	_, _, err := c.Begin(t.Context(), "city.leader", "wrong-wrong-wrong", desk, "")
	wants(t, "a wrong password", err, signin.ErrRefused)
	c.clock.move(25 * time.Hour)
	c.follows()
	c.until("nothing is left", func() bool {
		return c.count(`select (select count(*) from signin.session) + (select count(*) from signin.ceremony) + (select count(*) from signin.attempt)`) == 0
	})
}

func BenchmarkLookup(b *testing.B) {
	c := fresh(b).follows()
	_, token := c.begin("city.operator", good)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Lookup(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
