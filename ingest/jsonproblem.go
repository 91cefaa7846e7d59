package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// MalformedJSON makes a Problem of what encoding/json said about item, which
// stood at field ("" for the top).
func MalformedJSON(field string, item []byte, err error) *Problem {
	p := &Problem{Field: field + "/", Value: Shorten(string(item)), Code: CodeMalformed}
	var badType *json.UnmarshalTypeError
	var badSyntax *json.SyntaxError
	var badTime *time.ParseError
	switch {
	case errors.As(err, &badType):
		p.Field = field + "/" + strings.ReplaceAll(badType.Field, ".", "/")
		p.Value = badType.Value
		p.Message = fmt.Sprintf("不应为 %s / a %s cannot stand here", badType.Value, badType.Value)
		p.Expected = kindOf(badType)
	case errors.As(err, &badSyntax) && notNumber(item, badSyntax.Offset):
		p.Code, p.Message = CodeNotFinite, "数值不是有限数 / the number is not finite"
		p.Expected = "a finite number; JSON has no NaN and no Infinity"
	case errors.As(err, &badSyntax):
		p.Message = fmt.Sprintf("不是合法 JSON，第 %d 字节：%v / not JSON, at byte %[1]d: %[2]v", badSyntax.Offset, err)
		p.Expected = "JSON, RFC 8259"
	case errors.As(err, &badTime):
		p.Field, p.Value = field+"/time", Shorten(badTime.Value)
		p.Message = "时间格式不对 / the time cannot be read"
		p.Expected = "RFC 3339 with zone, such as 2026-01-31T08:00:00+08:00"
	default:
		p.Message = "无法读取 / cannot be read: " + Shorten(err.Error())
	}
	return p
}

// notNumber tells whether the syntax broke at a bare NaN or Infinity.
func notNumber(item []byte, offset int64) bool {
	rest := item[max(0, min(int64(len(item)), offset-2)):]
	rest = rest[:min(len(rest), 12)]
	return bytes.Contains(rest, []byte("NaN")) || bytes.Contains(rest, []byte("Inf"))
}

func kindOf(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind().String() {
	case "float64", "float32":
		return "a finite number"
	case "string":
		return "a text"
	case "slice":
		return "a list"
	}
	return "another type"
}
