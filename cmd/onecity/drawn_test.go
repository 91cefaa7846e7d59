package main

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"onecity/gov/identity/provider"
	"onecity/gov/incident"
	"onecity/gov/incident/warning"
	"onecity/internal/flow"
)

var updateDocs = flag.Bool("update", false, "write docs/machines.md anew")

// machines are those that the program runs.
func machines() []*flow.Machine {
	return []*flow.Machine{incident.Machine(incident.Options{}), new(warning.Service).Machine(), provider.Machine()}
}

// The documents draw the machines that run.
func TestTheDocumentsDrawTheMachinesAsTheyAre(t *testing.T) {
	const path = "../../docs/machines.md"
	var b strings.Builder
	b.WriteString("# The machines 流程\n\nDrawn from the code that runs them: `go test ./cmd/onecity -run Documents -update`.\n")
	for _, m := range machines() {
		if err := m.Check(); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		b.WriteString("\n## " + m.Title.ZH + " " + m.Title.EN + " (`" + m.Name + "`)\n\n```mermaid\n" + strings.TrimSpace(m.Mermaid(flow.EN, "")) + "\n```\n")
	}
	if *updateDocs {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != b.String() {
		t.Errorf("docs/machines.md is out of date (%v): run this test with -update", err)
	}
}

// The page about the loop names every state and every event, and none that is
// not there.
func TestTheDocumentsNameEveryStateAndEventOfACase(t *testing.T) {
	body, err := os.ReadFile("../../docs/loop.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]bool{"states": {}, "events": {}}
	for part, names := range rows {
		_, table, ok := strings.Cut(string(body), "<!-- "+part+" -->")
		if !ok {
			t.Fatalf("docs/loop.md marks no table of %s", part)
		}
		table, _, _ = strings.Cut(strings.TrimSpace(table), "\n\n")
		for _, line := range strings.Split(table, "\n") {
			if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "`"); ok && strings.HasPrefix(line, "| `") {
				names[name] = true
			}
		}
	}
	m := incident.Machine(incident.Options{})
	is := map[string]map[string]bool{"states": {}, "events": {}}
	for _, s := range m.States {
		is["states"][string(s.Name)] = true
	}
	for _, t := range m.Transitions {
		is["events"][string(t.Event)] = true
	}
	for part := range is {
		for name := range is[part] {
			if !rows[part][name] {
				t.Errorf("docs/loop.md does not name %s among the %s", name, part)
			}
		}
		for name := range rows[part] {
			if !is[part][name] {
				t.Errorf("docs/loop.md names %s among the %s", name, part)
			}
		}
	}
}

// A test that the page about the loop names for a fault is there to be run.
func TestTheDocumentsNameTestsThatAreThere(t *testing.T) {
	body, err := os.ReadFile("../../docs/loop.md")
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for _, name := range regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllSubmatch(body, -1) {
		missing[string(name[1])] = true
	}
	if len(missing) == 0 {
		t.Fatal("docs/loop.md names no test")
	}
	defined := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "node_modules":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, f := range defined.FindAllSubmatch(source, -1) {
			delete(missing, string(f[1]))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range missing {
		t.Errorf("docs/loop.md names %s, which is not there", name)
	}
}
