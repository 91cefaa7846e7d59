package flow

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// defaultMaxLen is the most characters of a text that says nothing else.
const defaultMaxLen = 2000

var (
	missing = Text{"必填", "is missing"}
	unknown = Text{"没有这个字段", "is not a field of this step"}
	badChar = Text{"含有不允许的字符", "holds a character that is not allowed"}
)

// check answers with every field that is missing, wrong or not the transition's.
func (t *Transition) check(input map[string]json.RawMessage, why string) []FieldProblem {
	var out []FieldProblem
	if p, wrong := badText(why, defaultMaxLen); wrong {
		out = append(out, FieldProblem{"why", Text{"理由", "reason"}, p})
	}
	known := map[string]bool{}
	look := func(f Field, required bool) {
		known[f.Name] = true
		raw := bytes.TrimSpace(input[f.Name])
		if len(raw) == 0 || string(raw) == "null" {
			if required {
				out = append(out, FieldProblem{f.Name, f.Title, missing})
			}
			return
		}
		if p, wrong := f.wrong(raw, required); wrong {
			out = append(out, FieldProblem{f.Name, f.Title, p})
		}
	}
	for _, f := range t.Required {
		look(f, true)
	}
	for _, f := range t.Optional {
		look(f, false)
	}
	for _, name := range slices.Sorted(maps.Keys(input)) {
		if !known[name] {
			out = append(out, FieldProblem{name, Text{name, name}, unknown})
		}
	}
	return out
}

// wrong says what is wrong with a value that was given.
func (f Field) wrong(raw json.RawMessage, required bool) (Text, bool) {
	switch f.Kind {
	case KindNumber:
		if v, err := strconv.ParseFloat(string(raw), 64); err != nil || !json.Valid(raw) || math.IsInf(v, 0) {
			return Text{"应为数字", "must be a number"}, true
		}
		return Text{}, false
	case KindBool:
		var v bool
		if json.Unmarshal(raw, &v) != nil {
			return Text{"应为是或否", "must be true or false"}, true
		}
		return Text{}, false
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return Text{"应为文字", "must be a text"}, true
	}
	if strings.TrimSpace(s) == "" {
		return missing, required
	}
	switch f.Kind {
	case KindChoice:
		if !slices.Contains(f.Choices, s) {
			return Text{"应为：" + strings.Join(f.Choices, "、"), "must be one of " + strings.Join(f.Choices, ", ")}, true
		}
	case KindDate:
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return Text{"应为日期，如 2026-11-24", "must be a date such as 2026-11-24"}, true
		}
	}
	if !utf8.Valid(raw) {
		return badChar, true
	}
	return badText(s, cmp.Or(f.MaxLen, defaultMaxLen))
}

// badText says why a text cannot be kept: the database takes no NUL and
// nothing that is not UTF-8. A replacement character is what half a surrogate
// pair in JSON becomes, which the database does not take either.
func badText(s string, limit int) (Text, bool) {
	if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\uFFFD") {
		return badChar, true
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return Text{fmt.Sprintf("最多 %d 字，现有 %d 字", limit, n), fmt.Sprintf("is longer than %d characters: %d", limit, n)}, true
	}
	return Text{}, false
}
