package forms

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"onecity/gov/incident"
)

// Problem is what is wrong with one field.
type Problem struct {
	Field string `json:"field"`
	Code  string `json:"code"` // "missing", "invalid", "unknown", "too-long"
	incident.Reason
}

// Invalid is the error that says which fields are wrong.
type Invalid struct{ Problems []Problem }

func (e *Invalid) Error() string {
	var b strings.Builder
	b.WriteString("the form is not filled in as its template asks:")
	for _, p := range e.Problems {
		fmt.Fprintf(&b, " %s %s;", p.Field, p.EN)
	}
	return strings.TrimSuffix(b.String(), ";")
}

// value is a field's value as it has been read.
type value struct {
	text    string   // of all kinds but Many and Signature
	many    []string // of Many
	strokes Strokes
}

func (v value) empty() bool { return v.text == "" && len(v.many) == 0 && len(v.strokes) == 0 }

const (
	codeMissing = "missing"
	codeInvalid = "invalid"
	codeUnknown = "unknown"
	codeLong    = "too-long"
)

// Check looks at values field by field; the answer is nil or an *Invalid that
// names all that is wrong.
func (t *Template) Check(values map[string]json.RawMessage) error {
	_, err := t.read(values)
	return err
}

func (t *Template) read(values map[string]json.RawMessage) (map[string]value, error) {
	var wrong []Problem
	add := func(field, code, zh, en string) {
		wrong = append(wrong, Problem{field, code, incident.Reason{ZH: zh, EN: en}})
	}
	out := map[string]value{}
	for _, f := range t.Fields {
		v, code, why := f.read(bytes.TrimSpace(values[f.Name]))
		switch {
		case code != "":
			add(f.Name, code, f.ZH+why.ZH, f.EN+" "+why.EN)
		case v.empty() && f.Required:
			add(f.Name, codeMissing, f.ZH+"必填", f.EN+" is missing")
		case !v.empty():
			out[f.Name] = v
		}
	}
	for _, group := range t.OneOf {
		if !slices.ContainsFunc(group, func(n string) bool { return !out[n].empty() }) {
			f, _ := t.field(group[0])
			add(group[0], codeMissing, f.ZH+"必填，或说明原因", f.EN+" is missing, or why it is")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, ok := t.field(name); !ok {
			add(name, codeUnknown, "没有这一项", "is not a field of this form")
		}
	}
	if wrong != nil {
		return nil, &Invalid{wrong}
	}
	return out, nil
}

// read reads one field's value; code is empty when nothing is wrong with it.
func (f *Field) read(raw []byte) (v value, code string, why incident.Reason) {
	if len(raw) == 0 || string(raw) == "null" {
		return value{}, "", incident.Reason{}
	}
	bad := func(zh, en string) (value, string, incident.Reason) {
		return value{}, codeInvalid, incident.Reason{ZH: zh, EN: en}
	}
	switch f.Kind {
	case Signature:
		s, err := readStrokes(raw)
		if err != nil {
			return bad("签名数据有误", "cannot be read: "+err.Error())
		}
		return value{strokes: s}, "", why
	case Many:
		var list []string
		if json.Unmarshal(raw, &list) != nil {
			return bad("应为列表", "must be a list")
		}
		for _, s := range list {
			if !slices.Contains(f.Choices, s) {
				return bad("含有未列出的选项", "holds what cannot be chosen")
			}
		}
		return value{many: slices.Compact(slices.Sorted(slices.Values(list)))}, "", why
	case Number:
		var n float64
		if json.Unmarshal(raw, &n) != nil || n < 0 || math.IsInf(n, 0) {
			return bad("应为不小于零的数字", "must be a number that is not negative")
		}
		return value{text: string(raw)}, "", why
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return bad("应为文字", "must be a text")
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if s == "" {
		return value{}, "", why
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) && r != '\n' }) {
		return bad("含有不允许的字符", "holds a character that is not allowed")
	}
	limit := cmp.Or(f.MaxLen, 100)
	if f.Kind == Area {
		limit = cmp.Or(f.MaxLen, 2000)
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return value{}, codeLong, incident.Reason{ZH: fmt.Sprintf("最多 %d 字，现有 %d 字", limit, n), EN: fmt.Sprintf("is longer than %d characters: %d", limit, n)}
	}
	switch f.Kind {
	case Choice:
		if !f.Open && !slices.Contains(f.Choices, s) {
			return bad("应为所列选项之一", "must be one of the choices")
		}
	case Date:
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return bad("应为日期，如 2026-11-24", "must be a date such as 2026-11-24")
		}
	case Moment:
		if _, err := time.Parse(momentLayout, s); err != nil {
			return bad("应为时间，如 2026-11-24T15:04", "must be a time such as 2026-11-24T15:04")
		}
	case Text:
		if strings.Contains(s, "\n") {
			return bad("应为一行", "must be one line")
		}
	}
	return value{text: s}, "", why
}

const momentLayout = "2006-01-02T15:04"
