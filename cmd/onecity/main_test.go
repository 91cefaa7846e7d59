package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// asProgram makes the test's own binary the program: exit status and messages
// are then those that a person gets.
const asProgram = "ONECITY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// command runs the program in an empty directory.
func command(t *testing.T, args ...string) (status int, out, said string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Dir = t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("onecity %s: %v", strings.Join(args, " "), err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func TestHelpNamesEveryCommand(t *testing.T) {
	status, out, said := command(t, "--help")
	if status != 0 || said != "" {
		t.Errorf("status %d, said %q", status, said)
	}
	for _, name := range []string{"serve", "import", "simulate", "replay", "ready"} {
		if !strings.Contains(out, "\n  "+name) {
			t.Errorf("%s is not in the help", name)
		}
	}
}

// Whatever is wrong with a command line is said in one line that names it, and
// the exit status is 1.
func TestAWrongCommandLineIsNamedInOneLine(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown command", []string{"fly"}, `unknown command "fly"`},
		{"unknown flag", []string{"serve", "--nonsense"}, "--nonsense"},
		{"an argument too many", []string{"serve", "now"}, `"now"`},
		{"a flag of a wrong type", []string{"simulate", "--rate", "much"}, "--rate"},
		{"a rate that cannot be", []string{"simulate", "--rate", "-1"}, "--rate"},
		{"a speed that cannot be", []string{"replay", "--speed", "-1", "x.csv"}, "--speed"},
		{"a recording that is not there", []string{"replay", "none.csv"}, "none.csv"},
		{"nothing to replay", []string{"replay"}, "1 arg"},
		{"nothing to import", []string{"import"}, "at least 1 arg"},
		{"no address", []string{"serve", "--listen", "", "--data", "d"}, "--listen"},
		{"an address that is none", []string{"serve", "--listen", "here", "--data", "d"}, "listen on here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, said := command(t, c.args...)
			if status != 1 || out != "" {
				t.Errorf("status %d, printed %q", status, out)
			}
			if !strings.HasPrefix(said, "onecity: ") || strings.Count(said, "\n") != 1 || !strings.Contains(said, c.want) {
				t.Errorf("said %q, want one line with %s", said, c.want)
			}
		})
	}
}
