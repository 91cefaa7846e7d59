package ingest_test

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"onecity/ingest"
	"onecity/ingest/ingesttest"
)

// FuzzTold: whatever a sender says of an incident, the Gate either names what
// is wrong with it or keeps it as text that a timeline can show.
func FuzzTold(f *testing.F) {
	c := ingesttest.Start(f)
	if err := c.Gate.Incident(f.Context(), "/test", "", reported(c, "i-1")); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{`{"status":"closed"}`, `{"note":"已派人"}`, `{"status":"","note":""}`, `{"status":"lost"}`, `{"id":"other","note":"x"}`, `[]`} {
		f.Add([]byte(seed))
	}
	gate := c.Gate.Checking()
	f.Fuzz(func(t *testing.T, body []byte) {
		var w ingest.Told
		if json.Unmarshal(body, &w) != nil {
			return
		}
		w.ID = "i-1"
		err := gate.Told(t.Context(), "/test", w)
		var ps ingest.Problems
		if err != nil && !errors.As(err, &ps) {
			t.Fatalf("%s: %v", body, err)
		}
		if err == nil && (!utf8.ValidString(w.Note) || w.Status != "" && !ingest.KnownStatus(w.Status) || w.Status == "" && w.Note == "") {
			t.Fatalf("took %s", body)
		}
	})
}
