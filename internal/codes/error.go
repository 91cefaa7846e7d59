package codes

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Kinds of Error, for errors.Is.
var (
	ErrLength    = errors.New("the code has not the right length")
	ErrCharacter = errors.New("a character cannot stand there")
	ErrCheck     = errors.New("the check character does not fit")
	ErrRegion    = errors.New("there can be no such region")
	ErrDate      = errors.New("there is no such day")
)

// Error says what is wrong with a code, and where.
type Error struct {
	Standard string // "GB 32100-2015"
	Kind     error
	// At is the byte that is wrong, from 0; -1: the whole. Codes are ASCII, so
	// it is also the character's number.
	At    int
	Got   string // what stands there
	Right string // what would be right, or which characters may stand there; "" if that cannot be said
}

// Error says it in English; ZH in Chinese.
func (e *Error) Error() string {
	s := e.Standard + ": " + e.Kind.Error()
	if e.At >= 0 {
		s += fmt.Sprintf(": character %d is %q", e.At+1, e.Got)
	} else if e.Got != "" {
		s += ": " + e.Got
	}
	if e.Right != "" {
		s += ", right would be " + e.Right
	}
	return s
}

// Unwrap is the Kind.
func (e *Error) Unwrap() error { return e.Kind }

// ZH says it in Chinese.
func (e *Error) ZH() string {
	s := e.Standard + "：" + zh[e.Kind]
	if e.At >= 0 {
		s += fmt.Sprintf("，第 %d 位是“%s”", e.At+1, e.Got)
	} else if e.Got != "" {
		s += "，现为 " + e.Got
	}
	if e.Right != "" {
		s += "，应为 " + e.Right
	}
	return s
}

var zh = map[error]string{
	ErrLength: "长度不对", ErrCharacter: "字符不合规定", ErrCheck: "校验码不符", ErrRegion: "行政区划代码不合规定", ErrDate: "日期不存在",
}

func wrongLength(standard, code string, right string) error {
	return &Error{Standard: standard, Kind: ErrLength, At: -1, Got: fmt.Sprint(utf8.RuneCountInString(code)), Right: right}
}

// wrongCharacter is the error for the character that begins at byte i.
func wrongCharacter(standard, code string, i int, right string) error {
	r, size := utf8.DecodeRuneInString(code[i:])
	got := string(r)
	if r == utf8.RuneError {
		got = fmt.Sprintf("\\x%02x", code[i])
	}
	// One who typed small letters wants to be told so.
	if upper := strings.ToUpper(code[i : i+size]); upper != code[i:i+size] && strings.Contains(right, upper) {
		right = upper
	}
	return &Error{Standard: standard, Kind: ErrCharacter, At: i, Got: got, Right: right}
}

func wrongCheck(standard, code string, i int, right byte) error {
	return &Error{Standard: standard, Kind: ErrCheck, At: i, Got: code[i : i+1], Right: string(rune(right))}
}
