package identity

import (
	"strings"
	"unicode"
)

// The workbook 机构人员表 has a sheet of organisations and a sheet of people
// (ECMA-376, .xlsx). Export writes it, Import takes it back.
const (
	OrgSheet    = "机构"
	PersonSheet = "人员"
	noteSheet   = "说明"
)

// column is one of a sheet's. Its heading is zh + " " + en, with an asterisk
// where a cell must be filled; it is known again by zh alone.
type column struct {
	field, zh, en string
	need          bool
	width         float64
	list          []string // what can be chosen
	note          string   // Chinese / English
	example       string
}

func (c column) heading() string {
	if c.need {
		return c.zh + "* " + c.en
	}
	return c.zh + " " + c.en
}

var orgColumnsOfSheet = []column{
	{field: "uscc", zh: "统一社会信用代码", en: "Credit code", width: 24, note: "18 位，GB 32100-2015；村（社区）、网格可空 / 18 characters; villages and grids may have none"},
	{field: "name", zh: "机构名称", en: "Name", need: true, width: 36, note: "同一上级下不重名 / one of its name under a parent", example: exampleMark + "某某市大数据管理局"},
	{field: "kind", zh: "机构类别", en: "Kind", need: true, width: 14, list: kindNames(), note: "从列表中选择 / choose from the list", example: "政府部门"},
	{field: "parent", zh: "上级机构", en: "Parent", width: 36, example: "某某市人民政府",
		note: "代码、名称，或以“/”分隔的全路径；可为本表中的机构 / its code, its name, or the names from the top with “/” between; it may be in this file"},
	{field: "region", zh: "区域代码", en: "Region", width: 18, note: "所辖区域，至多 15 位数字 / the region of its work, up to 15 digits", example: "320583"},
}

var personColumnsOfSheet = []column{
	{field: "login", zh: "登录名", en: "Login", need: true, width: 22, note: "2–64 位小写字母、数字、点、连字符 / 2–64 small letters, digits, points, hyphens", example: "zhang.san"},
	{field: "name", zh: "姓名", en: "Name", need: true, width: 16, note: "真实姓名 / the person's name", example: exampleMark + "张三"},
	{field: "org", zh: "所属机构", en: "Organisation", need: true, width: 36, example: "某某市大数据管理局",
		note: "代码、名称或全路径；可为本表“机构”中的机构 / its code, name or path; it may be on the sheet 机构"},
	{field: "post", zh: "职务", en: "Post", width: 18, note: "可空 / may be empty", example: "科长"},
	{field: "phone", zh: "电话", en: "Phone", width: 18, note: "可空 / may be empty"},
	{field: "email", zh: "电子邮箱", en: "E-mail", width: 26, note: "可空 / may be empty"},
	{field: "state", zh: "状态", en: "State", width: 10, list: []string{"在岗", "锁定", "离任"}, note: "新人员为在岗；空为不变 / new people are 在岗; empty changes nothing", example: "在岗"},
}

// exampleMark begins the name on the template's row that shows how: such a row
// is passed over.
const exampleMark = "示例："

// kindZH are the kinds of organisations in Chinese, in the order of Kinds.
var kindZH = map[string]string{
	"party": "党委机构", "gov": "政府部门", "town": "镇街", "village": "村（社区）", "grid": "网格", "institution": "事业单位", "soe": "国有企业",
}

var stateZH = map[string]string{"active": "在岗", "locked": "锁定", "left": "离任"}

func kindNames() []string {
	names := make([]string, len(Kinds))
	for i, k := range Kinds {
		names[i] = kindZH[k]
	}
	return names
}

// code finds what a word stands for: the Chinese word or the code itself.
func code(words map[string]string, word string) (string, bool) {
	for c, zh := range words {
		if word == zh || word == c {
			return c, true
		}
	}
	return "", false
}

// ImportReport is how an import went, or would go.
type ImportReport struct {
	// Done: it is in the directory. All rows are, or none.
	Done     bool           `json:"done"`
	Sheets   []SheetReport  `json:"sheets"`
	Problems []SheetProblem `json:"problems"`
	// More is how many problems there are beyond those listed.
	More int `json:"more"`
}

// SheetReport counts the rows of one sheet; empty ones and the example are
// not counted.
type SheetReport struct {
	Name string `json:"name"`
	Rows int    `json:"rows"`
	Good int    `json:"good"`
	Bad  int    `json:"bad"`
	// Of the good ones: new, changed, and as the directory has them.
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
}

// SheetProblem says what is wrong with one cell, and what would be right.
type SheetProblem struct {
	Sheet   string `json:"sheet"`
	Cell    string `json:"cell"` // "B7"
	Field   string `json:"field"`
	Value   string `json:"value"`
	Code    string `json:"code"`
	Message string `json:"message"` // Chinese / English
	Want    string `json:"want,omitempty"`
}

// maxSheetProblems bounds a report.
const maxSheetProblems = 1000

// printable is a text without what no name has: control characters, and bytes
// that are not UTF-8.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(s)
}

// guardFormula makes a text one that no spreadsheet program takes for a
// formula, also after it was saved as CSV; plainText takes it back.
func guardFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) || strings.HasPrefix(s, "'") {
		return "'" + s
	}
	return s
}

func plainText(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(s[1])) {
		return s[1:]
	}
	return s
}

// heading is what a column is known by: its Chinese words.
func headingOf(cell string) string {
	cell = printable(cell)
	if i := strings.IndexFunc(cell, func(r rune) bool { return r == '*' || r == '＊' || unicode.IsSpace(r) }); i >= 0 {
		cell = cell[:i]
	}
	return cell
}
