package provider_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"onecity/gov/identity/provider"
	"onecity/internal/flow"
)

var update = flag.Bool("update", false, "write docs/machines.md anew")

// The documents draw the machine that runs.
func TestTheDocumentsDrawTheMachineAsItIs(t *testing.T) {
	const path = "../../../docs/machines.md"
	m := provider.Machine()
	want := "# The machines 流程\n\nDrawn from the code that runs them: `go test ./gov/identity/provider -run Documents -update`.\n\n" +
		"## " + m.Title.ZH + " " + m.Title.EN + " (`" + m.Name + "`)\n\n```mermaid\n" + strings.TrimSpace(m.Mermaid(flow.EN, "")) + "\n```\n"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("docs/machines.md is out of date (%v): run this test with -update", err)
	}
}
