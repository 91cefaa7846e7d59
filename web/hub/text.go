package hub

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// The text of a frame is appended by hand: reflection over a few thousand
// small things ten times a second would cost more than everything else here.

// text builds one JSON text.
type text []byte

// key starts a member: a comma where one is needed, the name, a colon. Names
// are ours and need no escaping.
func (t text) key(name string) text {
	t = t.sep()
	t = append(t, '"')
	t = append(t, name...)
	return append(t, '"', ':')
}

// sep puts a comma unless a bracket was just opened.
func (t text) sep() text {
	if n := len(t); n > 0 {
		switch t[n-1] {
		case '{', '[', ':':
			return t
		}
		return append(t, ',')
	}
	return t
}

func (t text) str(s string) text {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			if c >= utf8.RuneSelf && plain(s[i:]) {
				break
			}
			b, _ := json.Marshal(s) // a string never fails
			return append(t, b...)
		}
	}
	t = append(t, '"')
	t = append(t, s...)
	return append(t, '"')
}

// plain reports whether s is valid UTF-8 that needs no escape.
func plain(s string) bool {
	for _, r := range s {
		if r < 0x20 || r == '"' || r == '\\' || r == utf8.RuneError {
			return false
		}
	}
	return true
}

func (t text) uint(v uint64) text { return strconv.AppendUint(t, v, 10) }
func (t text) int(v int) text     { return strconv.AppendInt(t, int64(v), 10) }
func (t text) bool(v bool) text   { return strconv.AppendBool(t, v) }

// num is v with at most the given decimals, null where there is no number.
func (t text) num(v float64, decimals int) text {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(t, "null"...)
	}
	if math.Abs(v) >= 1e15 {
		return strconv.AppendFloat(t, v, 'g', -1, 64)
	}
	n := len(t)
	t = strconv.AppendFloat(t, v, 'f', decimals, 64)
	if decimals == 0 {
		return t
	}
	for t[len(t)-1] == '0' {
		t = t[:len(t)-1]
	}
	if t[len(t)-1] == '.' {
		t = t[:len(t)-1]
	}
	if string(t[n:]) == "-0" {
		return append(t[:n], '0')
	}
	return t
}

func (t text) time(v time.Time) text {
	if v.IsZero() {
		return append(t, "null"...)
	}
	t = append(t, '"')
	t = v.AppendFormat(t, "2006-01-02T15:04:05.999Z07:00")
	return append(t, '"')
}
