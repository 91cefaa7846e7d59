package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"onecity/internal/database"
)

// crashEnv makes a process of this test binary one that hands over the outbox
// and kills itself: "dsn\nfile\nn": after message n was delivered to the file,
// but before the outbox knows.
const crashEnv = "ONECITY_FLOW_CRASH"

// crash is the life of that process. It does not return.
func crash() {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	parts := strings.Split(os.Getenv(crashEnv), "\n")
	deaths, err := strconv.Atoi(parts[2])
	if err != nil {
		fail(err)
	}
	ctx := context.Background()
	pool, err := database.Open(ctx, parts[0], "crash")
	if err != nil {
		fail(err)
	}
	e, err := New(pool, Options{Audit: auditTable, Machines: []*Machine{permit()}, Log: slog.New(slog.DiscardHandler),
		Publish: func(_ context.Context, m Message) error {
			err := deliver(parts[1], m)
			if deaths--; deaths == 0 {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
			return err
		}})
	if err != nil {
		fail(err)
	}
	_, err = e.Drain(ctx)
	fail(err)
}

// deliver is a receiver that writes down what it was given, each time.
func deliver(file string, m Message) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, m.ID, m.Object)
	return errors.Join(err, f.Close())
}

func TestAProcessKilledBetweenPublishingAndForgettingLosesNothingAndRepeatsUnderTheSameID(t *testing.T) {
	pool := open(t)
	e := newEngine(t, pool, Options{}, permit())
	const items = 40
	for i := range items {
		if _, err := e.Start(t.Context(), anyone("person:1"), Item{Machine: "test.permit", ID: fmt.Sprintf("p:%02d", i), Title: "证"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "received")
	for _, n := range []int{1, 7, 20} { // a kill takes the whole batch's forgetting with it
		c := exec.CommandContext(t.Context(), os.Args[0])
		c.Env = append(os.Environ(), crashEnv+"="+pool.Config().ConnString()+"\n"+file+"\n"+strconv.Itoa(n))
		out, err := c.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the process was not killed: %v: %s", err, out)
		}
	}
	last := newEngine(t, pool, Options{Publish: func(_ context.Context, m Message) error { return deliver(file, m) }}, permit())
	// the dead one's session may hold the lock until the server has noticed: Drain waits for it
	if _, err := last.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]string{}
	var order []string
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	for _, l := range lines {
		id, object, _ := strings.Cut(l, " ")
		if had, ok := byID[id]; ok && had != object {
			t.Fatalf("message %s is of %s and of %s", id, had, object)
		} else if !ok {
			byID[id] = object
			order = append(order, object)
		}
	}
	if len(order) != items || len(lines) != items+1+7+20 {
		t.Fatalf("%d messages of %d deliveries arrived, want %d of %d", len(order), len(lines), items, items+28)
	}
	for i, object := range order {
		if want := fmt.Sprintf("p:%02d", i); object != want {
			t.Fatalf("message %d is of %s, want %s", i, object, want)
		}
	}
	if n := count(t, pool, `select count(*) from flow.outbox`); n != 0 {
		t.Errorf("%d messages are left", n)
	}
}
