package live

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"onecity/cim"
	"onecity/cim/cimtest"
	"onecity/streams"

	"golang.org/x/sync/errgroup"
)

// TestMain lets the test binary be a node in a process of its own: it folds the
// stream of a server and says the hashes of the cities it publishes.
func TestMain(m *testing.M) {
	if url := os.Getenv("ONECITY_TEST_NODE"); url != "" {
		if err := node(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// node folds until its input ends, then says the position it has been told
// there and the hash of its city.
func node(url string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, err := streams.Open(ctx, streams.Options{URL: url, Log: quiet})
	if err != nil {
		return err
	}
	defer b.Close()
	c := New(cim.NewModel(), b, Options{})
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.Run(ctx) })
	group.Go(func() error {
		defer cancel()
		fmt.Println("folding") // whoever started this may go on
		var goal uint64
		if _, err := fmt.Fscan(os.Stdin, &goal); err != nil {
			return err
		}
		s, err := reached(ctx, c, goal)
		if err != nil {
			return err
		}
		hash := s.Hash()
		fmt.Println(s.Seq(), hex.EncodeToString(hash[:]))
		return nil
	})
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// child is a node in another process.
type child struct {
	t    testing.TB
	cmd  *exec.Cmd
	in   *bufio.Writer
	out  *bufio.Reader
	stop func() error
}

func startChild(t testing.TB, url string, env ...string) *child {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(append(os.Environ(), "ONECITY_TEST_NODE="+url), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: cmd, in: bufio.NewWriter(in), out: bufio.NewReader(out), stop: in.Close}
	if line := c.line(); line != "folding" {
		t.Fatalf("the child says %q", line)
	}
	return c
}

func (c *child) line() string {
	c.t.Helper()
	s, err := c.out.ReadString('\n')
	if err != nil {
		c.t.Fatalf("the child says nothing more: %v", errors.Join(err, c.cmd.Wait()))
	}
	return strings.TrimSpace(s)
}

// hashAt is the child's city at a position, after which it ends.
func (c *child) hashAt(seq uint64) string {
	c.t.Helper()
	if _, err := c.in.WriteString(strconv.FormatUint(seq, 10) + "\n"); err != nil {
		c.t.Fatal(err)
	}
	if err := errors.Join(c.in.Flush(), c.stop()); err != nil {
		c.t.Fatal(err)
	}
	line := c.line()
	if err := c.cmd.Wait(); err != nil {
		c.t.Fatal(err)
	}
	at, hash, _ := strings.Cut(line, " ")
	if at != strconv.FormatUint(seq, 10) || len(hash) != 64 {
		c.t.Fatalf("the child says %q", line)
	}
	return hash
}

func TestTwoProcessesFoldOneStreamToTheSameHash(t *testing.T) {
	url := external(t)
	b := connect(t, url)
	if err := publish(t.Context(), b, "towns", cimtest.FourTowns()); err != nil {
		t.Fatal(err)
	}
	along := startChild(t, url) // folds while it is told
	if err := tell(t.Context(), b, 7, 200); err != nil {
		t.Fatal(err)
	}
	after := startChild(t, url, "GOMAXPROCS=1") // folds it all at once
	end, err := b.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	here := start(t, New(cim.NewModel(), b, Options{}))
	s, err := reached(t.Context(), here, end)
	if err != nil {
		t.Fatal(err)
	}
	hash := s.Hash()
	want := hex.EncodeToString(hash[:])
	if one, two := along.hashAt(end), after.hashAt(end); one != want || two != want {
		t.Errorf("at %d this process is %s, another %s, a third %s", end, want, one, two)
	}
	if empty := cim.NewModel().Snapshot().Hash(); want == hex.EncodeToString(empty[:]) {
		t.Error("nothing was folded")
	}
}
