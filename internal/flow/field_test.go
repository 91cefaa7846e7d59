package flow

import (
	"encoding/json"
	"testing"
)

// everyKind has one field of each kind.
func everyKind() *Transition {
	return &Transition{Optional: []Field{
		{Name: "text", Kind: KindText, MaxLen: 5}, {Name: "choice", Kind: KindChoice, Choices: []string{"甲"}}, {Name: "date", Kind: KindDate},
		{Name: "number", Kind: KindNumber}, {Name: "file", Kind: KindFile}, {Name: "bool", Kind: KindBool},
	}}
}

// What check lets pass, the database takes.
func FuzzInput(f *testing.F) {
	for _, seed := range []string{
		`{"text": "证"}`, `{"text": "a\u0000"}`, `{"text": "\ud800"}`, "{\"text\": \"\xff\"}", `{"choice": "甲"}`, `{"date": "2026-02-30"}`, `{"date": "2026-11-24"}`,
		`{"number": 1e999}`, `{"number": -0.5e-300}`, `{"number": "1"}`, `{"number": 0x10}`, `{"bool": true}`, `{"bool": 1}`, `{"file": ["a"]}`,
		`{"text": null, "other": 1}`, `{"number": 1_000}`, `{"number": Infinity}`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	pool := open(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		var input map[string]json.RawMessage
		if json.Unmarshal(body, &input) != nil || everyKind().check(input, "") != nil {
			return
		}
		kept, err := json.Marshal(input)
		if err != nil {
			t.Fatal(err)
		}
		var back json.RawMessage
		if err := pool.QueryRow(t.Context(), `select $1::jsonb`, json.RawMessage(kept)).Scan(&back); err != nil {
			t.Fatalf("%s: %v", kept, err)
		}
	})
}
