package history

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzJSONStaysJSONWithoutItsZeroCharacters(f *testing.F) {
	for _, s := range []string{`{}`, `"\u0000"`, `"\\u0000"`, `{"a\u0000":["\\\u0000x",null]}`, `"\ud83d\ude00"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out := cleanJSON(in)
		if !json.Valid(in) {
			return // it only ever gets what json.Marshal wrote
		}
		if !json.Valid(out) {
			t.Fatalf("%q became %q", in, out)
		}
		var v any
		if err := json.Unmarshal(out, &v); err != nil {
			t.Fatal(err)
		}
		if hasZero(v) {
			t.Fatalf("%q still holds a zero character", out)
		}
	})
}

func hasZero(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsRune(v, 0)
	case []any:
		for _, e := range v {
			if hasZero(e) {
				return true
			}
		}
	case map[string]any:
		for k, e := range v {
			if strings.ContainsRune(k, 0) || hasZero(e) {
				return true
			}
		}
	}
	return false
}
