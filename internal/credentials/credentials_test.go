package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

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
	run(t, b, s)
	return s
}

func run(t *testing.T, v credentials.Vault, s *credentials.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan struct{})
	go func() { defer close(done); _ = s.Run(ctx, v, ready) }()
	t.Cleanup(func() { cancel(); <-done })
	<-ready
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

func TestARevokedPasswordIsRefusedOnEveryNodeAndAfterARestart(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	s := follow(t, b)
	told := make(chan string, 10)
	other := credentials.New()
	other.OnVoid(func(id string) {
		if other.Known(id) {
			id += " is still known"
		}
		told <- id
	})
	run(t, b, other)
	given, err := s.Issue(t.Context(), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Revoke(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if s.Check("a", given[0].Password) || s.Known("a") || !s.Check("b", given[1].Password) {
		t.Error("the password is still good, or another's is not")
	}
	select {
	case id := <-told:
		if id != "a" {
			t.Errorf("another node was told of %q", id)
		}
	case <-time.After(10 * time.Second):
		t.Error("another node was not told")
	}
	if err := s.Revoke(t.Context(), "a"); err != nil {
		t.Errorf("revoked twice: %v", err)
	}
	again, err := s.Issue(t.Context(), []string{"a"})
	if err != nil || len(again) != 1 || !s.Check("a", again[0].Password) {
		t.Fatalf("a new password after a revocation: %v, %v", again, err)
	}
	if err := s.Revoke(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if later := follow(t, open(t, dir)); later.Known("a") || !later.Known("b") {
		t.Error("after a restart the revoked password is known, or another is not")
	}
}

func TestWhatWasBegunWithAnOldPasswordIsToldToEnd(t *testing.T) {
	s := credentials.New()
	var told []string
	s.OnVoid(func(id string) { told = append(told, id) })
	v := &drawerVault{}
	run(t, v, s)
	if _, err := s.Issue(t.Context(), []string{"a"}); err != nil || len(told) != 0 {
		t.Fatalf("a first password voids %v: %v", told, err)
	}
	if _, err := s.Renew(t.Context(), "a"); err != nil || len(told) != 1 || told[0] != "a" {
		t.Errorf("a new password voids %v: %v", told, err)
	}
}

// drawerVault keeps nothing and says nothing.
type drawerVault struct{}

func (*drawerVault) AddSecret(context.Context, string, []byte) (bool, error) { return true, nil }
func (*drawerVault) PutSecret(context.Context, string, []byte) error         { return nil }
func (*drawerVault) RemoveSecret(context.Context, string) error              { return nil }
func (*drawerVault) WatchSecrets(ctx context.Context, fn func(string, []byte)) error {
	fn("", nil)
	<-ctx.Done()
	return ctx.Err()
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
