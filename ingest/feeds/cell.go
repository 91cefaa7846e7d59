package feeds

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"onecity/ingest"
)

// usualMissing are the texts that departments write for no value.
var usualMissing = []string{"-", "--", "—", "——", "/", "NA", "N/A", "null", "NULL", "无", "缺测"}

// maxCell is the longest text of a cell, in bytes.
const maxCell = 16 << 10

// value is a cell that has been understood.
type value struct {
	text   string
	number float64
	time   time.Time
	set    bool // false: empty or missing
}

// checker reads cells of one column.
type checker struct {
	*Column
	zone    *time.Location
	layout  string
	pattern *regexp.Regexp
	missing []string
	book    bool // from a workbook, or a dead letter that may be of one
	date04  bool
}

func (c *Contract) checkers(t *table) ([]checker, error) {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone of %s: %w", c.ID, err)
	}
	missing := c.Missing
	if missing == nil {
		missing = usualMissing
	}
	list := make([]checker, len(c.Columns))
	for i := range c.Columns {
		k := checker{Column: &c.Columns[i], zone: zone, missing: missing, book: t.format == "xlsx" || t.format == "row", date04: t.date1904}
		if k.Format != "" {
			if k.layout, err = layoutOf(k.Format); err != nil {
				return nil, err
			}
		}
		if k.Pattern != "" {
			if k.pattern, err = regexp.Compile(`^(?:` + k.Pattern + `)$`); err != nil {
				return nil, fmt.Errorf("pattern of %s: %w", k.Name, err)
			}
		}
		list[i] = k
	}
	return list, nil
}

// read understands one cell, or says what is wrong with it.
func (k *checker) read(raw string) (value, *ingest.Problem) {
	text := strings.TrimFunc(raw, space)
	if text == "" || slices.Contains(k.missing, text) {
		if k.Required {
			return value{}, k.problem(raw, ingest.CodeMissing, "缺少必填项 / it is missing", k.expected())
		}
		return value{}, nil
	}
	switch {
	case len(text) > maxCell:
		return value{}, k.problem(raw, ingest.CodeTooLong, "文本过长 / the text is too long", fmt.Sprintf("at most %d bytes", maxCell))
	case strings.ContainsRune(text, utf8.RuneError):
		return value{}, k.problem(raw, ingest.CodeMalformed, "含有无法解码的字符 / it has characters that cannot be decoded", "UTF-8 or GB 18030 text")
	}
	v := value{text: text, set: true}
	var p *ingest.Problem
	switch k.Type {
	case Number, Integer:
		v.number, p = k.readNumber(text)
	case Time:
		var err error
		if v.time, err = parseTime(text, k.layout, k.zone, k.book, k.date04); err != nil {
			p = k.problem(raw, ingest.CodeMalformed, "不是时间 / it is not a time", k.expected())
		}
	case CodeOf:
		meaning, ok := k.Table[text]
		if !ok && k.book {
			meaning, ok = k.Table[wholeNumber(text)]
		}
		if !ok {
			p = k.problem(raw, ingest.CodeUnknownCode, "不在代码表中 / it is not in the code table", k.expected())
		}
		v.text = meaning
	case Text:
		if k.book {
			v.text = wholeNumber(text)
		}
	}
	if p == nil && k.pattern != nil && !k.pattern.MatchString(v.text) {
		p = k.problem(raw, ingest.CodeMalformed, "格式不符 / it has another form", k.Pattern)
	}
	return v, p
}

func (k *checker) readNumber(text string) (float64, *ingest.Problem) {
	plain := strings.Map(halfWidth, text)
	if strings.Contains(plain, ",") && groups.MatchString(plain) {
		plain = strings.ReplaceAll(plain, ",", "")
	}
	v, err := strconv.ParseFloat(plain, 64)
	if err != nil || strings.ContainsAny(plain, "xX_pP") {
		if math.IsInf(v, 0) {
			return 0, k.problem(text, ingest.CodeOutOfRange, "数值过大 / the number is too large", k.expected())
		}
		return 0, k.problem(text, ingest.CodeMalformed, "不是数字 / it is not a number", k.expected())
	}
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return 0, k.problem(text, ingest.CodeNotFinite, "数值不是有限数 / the number is not finite", k.expected())
	case k.Type == Integer && v != math.Trunc(v):
		return 0, k.problem(text, ingest.CodeMalformed, "不是整数 / it is not a whole number", k.expected())
	case k.Min != nil && v < *k.Min, k.Max != nil && v > *k.Max:
		return 0, k.problem(text, ingest.CodeOutOfRange, "超出范围 / it is out of range", k.expected())
	}
	return v, nil
}

// groups is a number with thousands separators.
var groups = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$`)

func (k *checker) problem(raw, code, message, expected string) *ingest.Problem {
	return &ingest.Problem{Field: k.Name, Value: ingest.Shorten(raw), Code: code, Message: message, Expected: expected}
}

// expected says what would be right in a column.
func (k *checker) expected() string {
	switch k.Type {
	case CodeOf:
		codes := make([]string, 0, len(k.Table))
		for code := range k.Table {
			codes = append(codes, code)
		}
		slices.Sort(codes)
		if len(codes) > 12 {
			codes = append(codes[:12], "…")
		}
		return "one of: " + strings.Join(codes, ", ")
	case Time:
		if k.Format != "" {
			return "a time as " + k.Format
		}
		return "a time such as 2026-01-31 08:00"
	case Number, Integer:
		s := string(k.Type)
		if k.Min != nil || k.Max != nil {
			s += " " + bound(k.Min) + " … " + bound(k.Max)
		}
		if k.Unit != "" {
			s += " " + k.Unit
		}
		return s
	}
	if k.Pattern != "" {
		return k.Pattern
	}
	return string(k.Type)
}

func bound(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// wholeNumber undoes what a workbook does to a code that looks like a number:
// 3.20583001E8 and 320583001.0 are 320583001.
func wholeNumber(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		return text
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// halfWidth turns the full-width characters of a number into plain ones.
func halfWidth(r rune) rune {
	switch {
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	case r == '．':
		return '.'
	case r == '－' || r == '−':
		return '-'
	case r == '＋':
		return '+'
	case r == '，':
		return ','
	}
	return r
}

func space(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u3000' || r == '\u00a0' || r == '\ufeff'
}
