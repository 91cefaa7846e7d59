package forms

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"
)

//go:embed form.html
var sheetText string

// sheet is the document's frame; html/template escapes every value for where
// it stands.
var sheet = template.Must(template.New("form").Parse(sheetText))

// Document is what a form is rendered with beside its values.
type Document struct {
	// No is the document's number 文书编号, Case that of its case.
	No, Case string
	// Authority is the name of the organisation that the officer acts for.
	Authority string
	// ID is the proof's; By and At who filled it in, and when (by the server's
	// clock, in the city's zone).
	ID string
	By string
	At time.Time
}

type sheetView struct {
	Document
	Template *Template
	Blocks   []blockView
	Written  string
	Data     map[string]any
}

type blockView struct {
	Kind  string // "text", "head", "table", "sign", "seal"
	Spans []span
	Rows  []rowView
	Signs []signView
	Date  string
}

// span is a piece of a paragraph: the template's words, or a value.
type span struct {
	Lines []string
	Value bool
}

type rowView struct{ Title, Value string }

type signView struct{ Title, Path string }

// Render checks values and makes the document, UTF-8 HTML. The same values,
// template and Document make the same bytes. An *Invalid says what is wrong.
func (t *Template) Render(values map[string]json.RawMessage, d Document) ([]byte, error) {
	read, err := t.read(values)
	if err != nil {
		return nil, err
	}
	// what was read, not what was sent: unknown and empty values are gone
	kept := map[string]json.RawMessage{}
	for name := range read {
		kept[name] = values[name]
	}
	v := sheetView{Document: d, Template: t, Written: d.At.Format("2006-01-02 15:04:05 -07:00"),
		Data: map[string]any{"template": t.Code, "version": t.Version, "id": d.ID, "no": d.No, "case": d.Case, "by": d.By, "at": d.At, "values": kept}}
	for _, b := range t.Body {
		if b.When != "" && read[b.When].empty() || b.Unless != "" && !read[b.Unless].empty() {
			continue
		}
		v.Blocks = append(v.Blocks, t.block(b, read))
	}
	var out bytes.Buffer
	if err := sheet.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("render form %s: %w", t.Code, err)
	}
	return out.Bytes(), nil
}

func (t *Template) block(b Block, read map[string]value) blockView {
	switch {
	case b.Table != nil:
		v := blockView{Kind: "table"}
		for _, n := range b.Table {
			f, _ := t.field(n)
			v.Rows = append(v.Rows, rowView{f.ZH, cmp.Or(f.words(read[n]), "/")}) // struck out: left empty on purpose
		}
		return v
	case b.Sign != nil:
		v := blockView{Kind: "sign"}
		for _, n := range b.Sign {
			f, _ := t.field(n)
			v.Signs = append(v.Signs, signView{f.ZH, read[n].strokes.path()})
		}
		return v
	case b.Seal != "":
		f, _ := t.field(b.Seal)
		return blockView{Kind: "seal", Date: f.words(read[b.Seal])}
	case b.Head != "":
		return blockView{Kind: "head", Spans: t.spans(b.Head, read)}
	}
	return blockView{Kind: "text", Spans: t.spans(b.Text, read)}
}

// spans puts values into a paragraph.
func (t *Template) spans(text string, read map[string]value) (out []span) {
	at := 0
	for _, m := range place.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > at {
			out = append(out, span{Lines: []string{text[at:m[0]]}})
		}
		f, _ := t.field(text[m[2]:m[3]])
		out = append(out, span{Lines: strings.Split(f.words(read[f.Name]), "\n"), Value: true})
		at = m[1]
	}
	if at < len(text) {
		out = append(out, span{Lines: []string{text[at:]}})
	}
	return out
}

// words are a value as people read it.
func (f *Field) words(v value) string {
	switch {
	case v.empty():
		return ""
	case f.Kind == Many:
		return strings.Join(v.many, "、")
	case f.Kind == Date:
		if d, err := time.Parse(time.DateOnly, v.text); err == nil {
			return d.Format("2006年1月2日")
		}
	case f.Kind == Moment:
		if d, err := time.Parse(momentLayout, v.text); err == nil {
			return d.Format("2006年1月2日15时04分")
		}
	}
	return v.text + f.Unit
}
