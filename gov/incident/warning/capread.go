package warning

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rule is an element of the schema within its parent.
type rule struct {
	name   string
	needed bool
	many   bool
	inner  []rule
	// values are all that there may be; nil: any text.
	values []string
}

var (
	pair = []rule{{name: "valueName", needed: true}, {name: "value", needed: true}}

	// schema is that of CAP 1.2, section 3.4: each element in its place.
	schema = []rule{
		{name: "identifier", needed: true}, {name: "sender", needed: true}, {name: "sent", needed: true},
		{name: "status", needed: true, values: []string{"Actual", "Exercise", "System", "Test", "Draft"}},
		{name: "msgType", needed: true, values: []string{"Alert", "Update", "Cancel", "Ack", "Error"}},
		{name: "source"}, {name: "scope", needed: true, values: []string{"Public", "Restricted", "Private"}},
		{name: "restriction"}, {name: "addresses"}, {name: "code", many: true}, {name: "note"}, {name: "references"}, {name: "incidents"},
		{name: "info", many: true, inner: []rule{
			{name: "language"}, {name: "category", needed: true, many: true, values: categories}, {name: "event", needed: true},
			{name: "responseType", many: true, values: []string{"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"}},
			{name: "urgency", needed: true, values: urgencies}, {name: "severity", needed: true, values: severities},
			{name: "certainty", needed: true, values: certainties}, {name: "audience"}, {name: "eventCode", many: true, inner: pair},
			{name: "effective"}, {name: "onset"}, {name: "expires"}, {name: "senderName"}, {name: "headline"}, {name: "description"},
			{name: "instruction"}, {name: "web"}, {name: "contact"}, {name: "parameter", many: true, inner: pair},
			{name: "resource", many: true, inner: []rule{{name: "resourceDesc", needed: true}, {name: "mimeType", needed: true}, {name: "size"}, {name: "uri"},
				{name: "derefUri"}, {name: "digest"}}},
			{name: "area", many: true, inner: []rule{{name: "areaDesc", needed: true}, {name: "polygon", many: true}, {name: "circle", many: true},
				{name: "geocode", many: true, inner: pair}, {name: "altitude"}, {name: "ceiling"}}},
		}},
	}
)

// ErrCAP: a document is no message of CAP 1.2.
var ErrCAP = errors.New("not a message of CAP 1.2")

// Read reads a message of CAP 1.2, at most 1 MiB, and refuses what the schema does:
// elements out of order, missing, twice or unknown, and values that it does not
// list; and what section 3.2 says beside it. A signature at the end is skipped.
func Read(document []byte) (Alert, error) {
	if len(document) > 1<<20 {
		return Alert{}, fmt.Errorf("%w: it is larger than 1 MiB", ErrCAP)
	}
	d := xml.NewDecoder(bytes.NewReader(document))
	d.Strict = true
	root, err := first(d)
	if err != nil {
		return Alert{}, err
	}
	if root.Name.Local != "alert" || root.Name.Space != Namespace {
		return Alert{}, fmt.Errorf("%w: it begins with %s of %q", ErrCAP, root.Name.Local, root.Name.Space)
	}
	if err := walk(d, "alert", schema); err != nil {
		return Alert{}, err
	}
	var a Alert
	if err := xml.Unmarshal(document, &a); err != nil {
		return Alert{}, fmt.Errorf("%w: %w", ErrCAP, err)
	}
	return a, a.check()
}

// first is the root element. A DTD could blow the document up: none is read.
func first(d *xml.Decoder) (xml.StartElement, error) {
	for {
		t, err := d.Token()
		if err != nil {
			return xml.StartElement{}, fmt.Errorf("%w: %w", ErrCAP, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, nil
		case xml.Directive:
			return xml.StartElement{}, fmt.Errorf("%w: it has a DTD", ErrCAP)
		}
	}
}

// walk reads an element's children by the rules, up to its end.
func walk(d *xml.Decoder, parent string, rules []rule) error {
	at, seen := 0, false // the rule that the last child went by
	missing := func(to int) error {
		for i := at; i < to; i++ {
			if rules[i].needed && (i != at || !seen) {
				return fmt.Errorf("%w: %s has no %s where it belongs", ErrCAP, parent, rules[i].name)
			}
		}
		return nil
	}
	for {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("%w: in %s: %w", ErrCAP, parent, err)
		}
		switch t := t.(type) {
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return fmt.Errorf("%w: %s holds a text", ErrCAP, parent)
			}
		case xml.EndElement:
			return missing(len(rules))
		case xml.StartElement:
			if t.Name.Space != Namespace {
				if parent != "alert" || t.Name.Local != "Signature" {
					return fmt.Errorf("%w: %s holds %s of %q", ErrCAP, parent, t.Name.Local, t.Name.Space)
				}
				if err := d.Skip(); err != nil {
					return fmt.Errorf("%w: %w", ErrCAP, err)
				}
				continue
			}
			i := slices.IndexFunc(rules[at:], func(r rule) bool { return r.name == t.Name.Local })
			if i < 0 {
				return fmt.Errorf("%w: %s holds %s, which is not known or out of order", ErrCAP, parent, t.Name.Local)
			}
			if i == 0 && seen && !rules[at].many {
				return fmt.Errorf("%w: %s holds %s twice", ErrCAP, parent, t.Name.Local)
			}
			if err := missing(at + i); err != nil {
				return err
			}
			at, seen = at+i, true
			if err := rules[at].take(d); err != nil {
				return err
			}
		}
	}
}

// take reads one element.
func (r rule) take(d *xml.Decoder) error {
	if r.inner != nil {
		return walk(d, r.name, r.inner)
	}
	var b strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("%w: in %s: %w", ErrCAP, r.name, err)
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			return fmt.Errorf("%w: %s holds %s", ErrCAP, r.name, t.Name.Local)
		case xml.EndElement:
			if v := strings.TrimSpace(b.String()); r.values != nil && !slices.Contains(r.values, v) || r.needed && v == "" {
				return fmt.Errorf("%w: %s is %.40q", ErrCAP, r.name, v)
			}
			return nil
		}
	}
}

// check is what the schema cannot say.
func (a Alert) check() error {
	for name, v := range map[string]string{"identifier": a.Identifier, "sender": a.Sender} {
		if strings.ContainsAny(v, " ,<&") { // section 3.2.1
			return fmt.Errorf("%w: %s %.80q holds a blank, a comma, < or &", ErrCAP, name, v)
		}
	}
	if (a.MsgType == "Update" || a.MsgType == "Cancel") && a.References == "" {
		return fmt.Errorf("%w: %s without references", ErrCAP, a.MsgType)
	}
	for ref := range strings.FieldsSeq(a.References) {
		if strings.Count(ref, ",") != 2 {
			return fmt.Errorf("%w: %.80q is no reference: sender,identifier,sent", ErrCAP, ref)
		}
	}
	for _, i := range a.Info {
		for _, p := range i.Area {
			for _, ring := range p.Polygon {
				if _, err := readRing(ring); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readRing reads a polygon as lon, lat.
func readRing(text string) ([][2]float64, error) {
	var out [][2]float64
	for pair := range strings.FieldsSeq(text) {
		lat, lon, ok := strings.Cut(pair, ",")
		y, err1 := strconv.ParseFloat(lat, 64)
		x, err2 := strconv.ParseFloat(lon, 64)
		if !ok || err1 != nil || err2 != nil || !(y >= -90 && y <= 90) || !(x >= -180 && x <= 180) {
			return nil, fmt.Errorf("%w: %.40q is no lat,lon", ErrCAP, pair)
		}
		out = append(out, [2]float64{x, y})
	}
	if len(out) < 4 || out[0] != out[len(out)-1] {
		return nil, fmt.Errorf("%w: a polygon has fewer than four points or is not closed", ErrCAP)
	}
	return out, nil
}
