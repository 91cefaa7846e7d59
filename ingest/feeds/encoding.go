package feeds

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// The byte order marks. That of GB 18030 is its encoding of U+FEFF.
var (
	bomUTF8    = []byte{0xEF, 0xBB, 0xBF}
	bomGB18030 = []byte{0x84, 0x31, 0x95, 0x33}
	bomUTF16LE = []byte{0xFF, 0xFE}
	bomUTF16BE = []byte{0xFE, 0xFF}
)

// encodings that a contract may declare. GBK and GB 2312 are subsets of GB
// 18030 (GB 18030-2022).
var encodings = map[string]string{
	"utf-8": "utf-8", "utf8": "utf-8",
	"gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
}

var errEncoding = errors.New("the text is not in the encoding it should be in")

// decode turns a text file into UTF-8 without a mark. A mark decides; then
// what was declared; then UTF-8 if every byte of it is, and GB 18030 if not.
// Text that is neither is kept, with U+FFFD where it is broken: the cells that
// have it are refused, not the file.
func decode(data []byte, declared string) (text []byte, name string, err error) {
	switch {
	case bytes.HasPrefix(data, bomUTF8):
		return decodeUTF8(data[len(bomUTF8):])
	case bytes.HasPrefix(data, bomGB18030):
		return decodeWith(simplifiedchinese.GB18030, "gb18030", data[len(bomGB18030):])
	case bytes.HasPrefix(data, bomUTF16LE):
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16", data[len(bomUTF16LE):])
	case bytes.HasPrefix(data, bomUTF16BE):
		return decodeWith(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16", data[len(bomUTF16BE):])
	}
	switch encodings[declared] {
	case "utf-8":
		return decodeUTF8(data)
	case "gb18030":
		return decodeWith(simplifiedchinese.GB18030, "gb18030", data)
	}
	if utf8.Valid(data) {
		return data, "utf-8", nil
	}
	return decodeWith(simplifiedchinese.GB18030, "gb18030", data)
}

func decodeUTF8(data []byte) ([]byte, string, error) {
	if utf8.Valid(data) {
		return data, "utf-8", nil
	}
	at := 0
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	return nil, "utf-8", fmt.Errorf("%w: byte %d (line %d) is not UTF-8; save it as UTF-8 or GB 18030 as declared",
		errEncoding, at, 1+bytes.Count(data[:at], []byte("\n")))
}

func decodeWith(e encoding.Encoding, name string, data []byte) ([]byte, string, error) {
	text, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return nil, name, fmt.Errorf("%w: %s: %w", errEncoding, name, err)
	}
	return text, name, nil
}
