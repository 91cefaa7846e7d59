package history

import (
	"bytes"
	"strings"
)

// clean drops the zero characters, which JSON may hold and PostgreSQL may not.
func clean(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// cleanJSON does the same inside JSON, where they are escapes: \u0000 after an
// even number of backslashes.
func cleanJSON(b []byte) []byte {
	zero := []byte(`\u0000`)
	if !bytes.Contains(b, zero) {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		if bytes.HasPrefix(b[i:], zero) {
			i += len(zero) - 1
			continue
		}
		out = append(out, b[i])
		if i+1 < len(b) { // an escaped character is never the begin of another escape
			i++
			out = append(out, b[i])
		}
	}
	return out
}
