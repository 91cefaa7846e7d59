package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"onecity/internal/credentials"
	"onecity/streams"
)

func open(t *testing.T, dir string) *streams.Broker {
	t.Helper()
	b, err := streams.Open(t.Context(), streams.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// follow runs a store over the broker and returns when it knows everything.
func follow(t *testing.T, b *streams.Broker) *credentials.Store {
	t.Helper()
	s := credentials.New()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx, b, ready) }()
	t.Cleanup(func() { cancel(); <-done })
	<-ready
	return s
}

func TestPasswordsAreGivenOnceAndKnownAtOnceHereAndAfterARestart(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	s := follow(t, b)
	ids := make([]string, 200)
	for i := range ids {
		ids[i] = fmt.Sprint("dev:", i)
	}
	given, err := s.Issue(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	if len(given) != len(ids) || given[7].ID != ids[7] {
		t.Fatalf("%d passwords, the eighth for %s", len(given), given[7].ID)
	}
	for _, c := range given {
		if !s.Check(c.ID, c.Password) || s.Check(c.ID, c.Password+"x") || s.Check(c.ID, "") {
			t.Fatalf("%s is not known by its password alone", c.ID)
		}
	}
	if s.Check("stranger", given[0].Password) {
		t.Error("a stranger is let in")
	}
	again, err := s.Issue(t.Context(), ids)
	if err != nil || len(again) != 0 {
		t.Errorf("told twice: %d, %v", len(again), err)
	}
	other := follow(t, b) // another node of the same city
	if !other.Check(given[3].ID, given[3].Password) {
		t.Error("another node does not know the password")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if later := follow(t, open(t, dir)); later.Len() != len(ids) || !later.Check(given[9].ID, given[9].Password) {
		t.Errorf("after a restart %d are known", later.Len())
	}
}

func TestARenewedPasswordReplacesTheOldOne(t *testing.T) {
	s := follow(t, open(t, t.TempDir()))
	old, err := s.Issue(t.Context(), []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	now, err := s.Renew(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if s.Check("a", old[0].Password) || !s.Check("a", now.Password) {
		t.Error("the old password is still good, or the new one is not")
	}
}

func TestAStoreWithoutVaultKnowsNobody(t *testing.T) {
	s := credentials.New()
	if s.Check("a", "") {
		t.Error("somebody is let in")
	}
	if _, err := s.Issue(t.Context(), []string{"a"}); !errors.Is(err, credentials.ErrNotOpen) {
		t.Errorf("%v", err)
	}
}
