package web

import (
	"bytes"
	"strings"
	"testing"

	"onecity/ingest"
)

func TestTwoClientsWithoutASourceThatCountFromOneAreNotTakenForOne(t *testing.T) {
	one, other := []byte(`{"id":"1","observations":[1]}`), []byte(`{"id":"1","observations":[2]}`)
	if idOf("", "1", one) == idOf("", "1", other) {
		t.Error("two bodies have one id")
	}
	if idOf("", "1", one) != idOf("", "1", bytes.Clone(one)) {
		t.Error("a repeat has another id")
	}
	if id := idOf("/stations/air-3", "1", one); id != "1" {
		t.Errorf("with a source the id is %q", id)
	}
	if id := idOf("", "", one); id != "" {
		t.Errorf("without an id it is %q", id)
	}
	longest := strings.Repeat("x", ingest.MaxID)
	if id := idOf("", longest, one); len(id) > ingest.MaxID || id == longest {
		t.Errorf("the longest id becomes %q", id)
	}
}
