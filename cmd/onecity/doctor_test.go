package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"onecity/internal/doctor"
)

func diagnose(t *testing.T, args ...string) (doctor.Report, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := root()
	cmd.SetOut(&out)
	cmd.SetArgs(append([]string{"doctor", "--json"}, args...))
	err := cmd.ExecuteContext(context.Background())
	var r doctor.Report
	if jsonErr := json.Unmarshal(out.Bytes(), &r); jsonErr != nil {
		t.Fatalf("%v: %v\n%s", err, jsonErr, out.String())
	}
	return r, err
}

func TestTheDoctorsStatusTellsWhetherSomethingIsUnsafe(t *testing.T) {
	t.Setenv("ONECITY_DATABASE_URL", "")
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	if r, err := diagnose(t, "--data", dir); err != nil || r.Unsafe != 0 {
		t.Errorf("%v: %+v", err, r)
	}
	if r, err := diagnose(t, "--data", dir, "--listen", "0.0.0.0:80"); !errors.Is(err, errUnsafe) || r.Unsafe == 0 {
		t.Errorf("in the clear: %v, %d unsafe", err, r.Unsafe)
	}
	// What a server was started with is judged, not today's flags.
	if err := (doctor.Settings{Data: dir, Listen: "0.0.0.0:80"}).Save(); err != nil {
		t.Fatal(err)
	}
	if r, err := diagnose(t, "--data", dir); !errors.Is(err, errUnsafe) || r.Unsafe != 1 {
		t.Errorf("as it was started: %v, %d unsafe", err, r.Unsafe)
	}
	if err := os.WriteFile(filepath.Join(dir, "tools.token"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if r, err := diagnose(t, "--data", dir, "--listen", "127.0.0.1:80"); !errors.Is(err, errUnsafe) || r.Unsafe != 1 {
		t.Errorf("a token for all: %v, %d unsafe", err, r.Unsafe)
	}
}
