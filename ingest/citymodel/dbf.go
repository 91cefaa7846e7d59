package citymodel

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// dbf reads a dBASE III table, row by row.
type dbf struct {
	file    *os.File
	in      *bufio.Reader
	fields  []dbfField
	text    encoding.Encoding // nil: UTF-8 where it is valid, GB 18030 else
	left    uint32            // rows
	line    []byte
	decoder *encoding.Decoder
}

type dbfField struct {
	name     string
	from, to int // within a row
	kind     byte
}

func openDBF(path, encodingName string) (*dbf, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	d := &dbf{file: f, in: bufio.NewReaderSize(f, 1<<18)}
	if err := d.head(encodingName); err != nil {
		f.Close()
		return nil, err
	}
	return d, nil
}

func (d *dbf) close() { d.file.Close() }

func (d *dbf) head(encodingName string) error {
	head := make([]byte, 32)
	if _, err := io.ReadFull(d.in, head); err != nil {
		return errors.New("its header is cut short")
	}
	d.left = binary.LittleEndian.Uint32(head[4:])
	length := int(binary.LittleEndian.Uint16(head[8:]))
	rowLength := int(binary.LittleEndian.Uint16(head[10:]))
	if length < 33 || rowLength < 1 {
		return fmt.Errorf("it is no dBASE table (header of %d bytes, rows of %d)", length, rowLength)
	}
	if err := d.encoding(encodingName, head[29]); err != nil {
		return err
	}
	rest := make([]byte, length-32)
	if _, err := io.ReadFull(d.in, rest); err != nil {
		return errors.New("its list of columns is cut short")
	}
	at := 1
	for len(rest) >= 32 && rest[0] != 0x0d {
		f := dbfField{kind: rest[11], from: at}
		width := int(rest[16])
		if f.kind == 'C' {
			width |= int(rest[17]) << 8 // wide text, as Clipper and GDAL have it
		}
		at += width
		f.to = at
		name, _, _ := bytes.Cut(rest[:11], []byte{0})
		f.name = d.decode(name)
		d.fields = append(d.fields, f)
		rest = rest[32:]
	}
	if at > rowLength {
		return fmt.Errorf("its columns take %d bytes, its rows have %d", at, rowLength)
	}
	d.line = make([]byte, rowLength)
	return nil
}

// encoding finds how text is written: as the .cpg says, else as the language
// byte of the header does; nil decides value by value.
func (d *dbf) encoding(name string, language byte) error {
	name = strings.ToLower(strings.TrimSpace(name))
	name = strings.TrimSpace(strings.TrimPrefix(name, "ansi"))
	switch name {
	case "":
		switch language {
		case 0x4d: // 936
			d.text = simplifiedchinese.GB18030
		case 0x03, 0x57, 0x58:
			d.text, _ = htmlindex.Get("windows-1252")
		}
	case "utf8", "utf-8", "65001":
		d.text = encoding.Replacement
	case "936", "gbk", "gb2312", "gb18030", "cp936", "euc-cn":
		d.text = simplifiedchinese.GB18030
	case "950", "cp950":
		d.text, _ = htmlindex.Get("big5")
	case "1252", "cp1252", "88591", "oem":
		d.text, _ = htmlindex.Get("windows-1252")
	default:
		e, err := htmlindex.Get(strings.Replace(name, "iso 8859", "iso-8859", 1))
		if err != nil {
			return fmt.Errorf("its text is said to be in %q, which is not known", name)
		}
		d.text = e
	}
	if d.text != nil && d.text != encoding.Replacement {
		d.decoder = d.text.NewDecoder()
	}
	return nil
}

// decode never fails: what is not text of the encoding comes out as U+FFFD.
func (d *dbf) decode(b []byte) string {
	if d.text == encoding.Replacement || (d.text == nil && utf8.Valid(b)) {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	dec := d.decoder
	if dec == nil {
		dec = simplifiedchinese.GB18030.NewDecoder()
	}
	out, err := dec.Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return string(out)
}

// row reads the next row.
func (d *dbf) row() (tags map[string]string, deleted bool, err error) {
	if d.left == 0 {
		return nil, false, errors.New("it has fewer rows than there are shapes")
	}
	d.left--
	if _, err := io.ReadFull(d.in, d.line); err != nil {
		return nil, false, errors.New("it is cut short")
	}
	tags = make(map[string]string, len(d.fields))
	for _, f := range d.fields {
		b := bytes.Trim(d.line[f.from:f.to], " \x00\t\r\n")
		if len(b) == 0 || (f.kind == 'N' || f.kind == 'F') && b[0] == '*' {
			continue
		}
		tags[f.name] = strings.TrimSpace(d.decode(b))
	}
	return tags, d.line[0] == '*', nil
}
