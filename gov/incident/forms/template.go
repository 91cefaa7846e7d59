package forms

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
)

// Kinds of Field.
const (
	Text      = "text"      // one line
	Area      = "area"      // several lines
	Choice    = "choice"    // one of Choices, or a text of one's own where Open
	Many      = "many"      // any of Choices
	Date      = "date"      // "2026-11-24"
	Moment    = "moment"    // "2026-11-24T15:04", the city's time
	Number    = "number"    // a number that is not negative
	Signature = "signature" // drawn strokes, see Strokes
)

// Template 文书模板 is one kind of document.
type Template struct {
	Code    string  `json:"code"`
	Version int     `json:"version"` // counts changes of its text
	ZH      string  `json:"zh"`
	EN      string  `json:"en"`
	Mark    string  `json:"mark"` // in the number of a document: "责改"
	Source  string  `json:"source" doc:"文书结构的依据 Where the structure comes from"`
	Sample  bool    `json:"sample" doc:"示例，未经法制审核 A sample that no authority has checked"`
	Fields  []Field `json:"fields"`
	// OneOf are groups of fields of which one at least must be filled in.
	OneOf [][]string `json:"oneOf,omitempty"`
	Body  []Block    `json:"body"`
}

// Field is one thing to be filled in.
type Field struct {
	Name     string   `json:"name"`
	ZH       string   `json:"zh"`
	EN       string   `json:"en"`
	Kind     string   `json:"kind" enum:"text,area,choice,many,date,moment,number,signature"`
	Required bool     `json:"required,omitempty"`
	Choices  []string `json:"choices,omitempty"` // of a text or area: phrases to tap
	Open     bool     `json:"open,omitempty" doc:"可自行填写 A choice may also be a text of one's own"`
	MaxLen   int      `json:"maxLen,omitempty"` // characters; 0: 100, of an area 2000
	Unit     string   `json:"unit,omitempty"`
	// From is what a form begins with: "case.no", "case.title", "case.place",
	// "case.says", "me.name", "me.org", "now", "today", "today+3".
	From string `json:"from,omitempty"`
	Hint string `json:"hint,omitempty"`
}

// Block is one part of the document's text; one of its members is set. Names in
// braces stand for fields: "{party}".
type Block struct {
	Text   string   `json:"text,omitempty"`   // a paragraph
	Head   string   `json:"head,omitempty"`   // a paragraph without indent, in bold
	Table  []string `json:"table,omitempty"`  // fields as rows of title and value
	Sign   []string `json:"sign,omitempty"`   // signatures side by side
	Seal   string   `json:"seal,omitempty"`   // the authority and the date, at the right; names the field of the date
	Unless string   `json:"unless,omitempty"` // the block is left out when that field has a value
	When   string   `json:"when,omitempty"`   // the block is left out when it has none
}

//go:embed templates.json
var standard []byte

// Standard are the templates that come with the program, in their order.
func Standard() ([]Template, error) { return Read(bytes.NewReader(standard)) }

var (
	goodName = regexp.MustCompile(`^[a-z][A-Za-z0-9-]{0,39}$`)
	place    = regexp.MustCompile(`\{([A-Za-z0-9-]+)\}`)
	kinds    = []string{Text, Area, Choice, Many, Date, Moment, Number, Signature}
	origins  = []string{"", "case.no", "case.title", "case.place", "case.says", "me.name", "me.org", "now", "today", "today+3", "today+7"}
)

// ErrTemplate is wrapped by what is wrong with a template.
var ErrTemplate = errors.New("the template is wrong")

// Read reads templates, a JSON array, and checks that each can be filled in: a
// place in the text for a field that there is, and the other way round.
func Read(r io.Reader) ([]Template, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var list []Template
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("read form templates: %w: %w", ErrTemplate, err)
	}
	seen := map[string]bool{}
	for i := range list {
		t := &list[i]
		if err := t.sound(); err != nil {
			return nil, fmt.Errorf("read form template %q: %w: %w", t.Code, ErrTemplate, err)
		}
		if seen[t.Code] {
			return nil, fmt.Errorf("read form template %q: %w: it is there twice", t.Code, ErrTemplate)
		}
		seen[t.Code] = true
	}
	return list, nil
}

func (t *Template) sound() error {
	if !goodName.MatchString(t.Code) || t.ZH == "" || t.EN == "" || t.Mark == "" || t.Source == "" || t.Version < 1 {
		return errors.New("it lacks a code, a version, a name in both languages, a mark or a source")
	}
	kind := map[string]string{}
	for _, f := range t.Fields {
		switch {
		case !goodName.MatchString(f.Name) || f.ZH == "" || f.EN == "":
			return fmt.Errorf("field %q lacks a name in both languages", f.Name)
		case kind[f.Name] != "":
			return fmt.Errorf("field %q is there twice", f.Name)
		case !slices.Contains(kinds, f.Kind):
			return fmt.Errorf("field %q: there is no kind %q", f.Name, f.Kind)
		case (f.Kind == Choice || f.Kind == Many) && len(f.Choices) == 0:
			return fmt.Errorf("field %q has nothing to choose from", f.Name)
		case !slices.Contains(origins, f.From):
			return fmt.Errorf("field %q: nothing is known of %q", f.Name, f.From)
		}
		kind[f.Name] = f.Kind
	}
	for _, group := range t.OneOf {
		for _, n := range group {
			if kind[n] == "" {
				return fmt.Errorf("one of %v must be filled in, and %q is no field", group, n)
			}
		}
	}
	used := map[string]bool{}
	for _, b := range t.Body {
		for _, n := range b.names() {
			if kind[n] == "" {
				return fmt.Errorf("the text has a place for %q, which is no field", n)
			}
			used[n] = true
		}
		for _, n := range b.Sign {
			if kind[n] != Signature {
				return fmt.Errorf("%q is no signature", n)
			}
		}
		for _, n := range []string{b.When, b.Unless} {
			if n != "" && kind[n] == "" {
				return fmt.Errorf("a part of the text depends on %q, which is no field", n)
			}
		}
	}
	for _, f := range t.Fields {
		if !used[f.Name] {
			return fmt.Errorf("field %q has no place in the text", f.Name)
		}
	}
	return nil
}

// names are the fields that a block has places for.
func (b *Block) names() []string {
	out := slices.Concat(b.Table, b.Sign)
	if b.Seal != "" {
		out = append(out, b.Seal)
	}
	for _, m := range place.FindAllStringSubmatch(b.Text+b.Head, -1) {
		out = append(out, m[1])
	}
	return out
}

// field finds one by its name.
func (t *Template) field(name string) (Field, bool) {
	for _, f := range t.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}
