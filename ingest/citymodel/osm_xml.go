package citymodel

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// readOSMXML reads OSM XML 0.6, https://wiki.openstreetmap.org/wiki/OSM_XML.
// It walks raw tokens: a country has tens of millions of them.
func readOSMXML(ctx context.Context, in io.Reader, s *osmStore, tick func()) error {
	d := xml.NewDecoder(in)
	e := osmXMLElement{to: s}
	root := false
	for n := 0; ; n++ {
		if n%8192 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			tick()
		}
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if !root || e.depth > 0 {
				return fmt.Errorf("read OSM XML: the file ends at byte %d, inside an element: it is cut short", d.InputOffset())
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("read OSM XML at byte %d: %w", d.InputOffset(), err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			root = true
			if err := e.start(t); err != nil {
				return fmt.Errorf("read OSM XML at byte %d: %w", d.InputOffset(), err)
			}
		case xml.EndElement:
			if err := e.end(t.Name.Local); err != nil {
				return fmt.Errorf("read OSM XML at byte %d: %w", d.InputOffset(), err)
			}
		}
	}
}

// osmXMLElement gathers the element that is being read.
type osmXMLElement struct {
	to       *osmStore
	depth    int
	in       string // "node", "way", "relation" or ""
	id       int64
	lon, lat int32
	gone     bool // visible="false"
	tags     map[string]string
	refs     []int64
	members  []osmMember
}

func (e *osmXMLElement) start(t xml.StartElement) error {
	e.depth++
	switch t.Name.Local {
	case "node", "way", "relation":
		*e = osmXMLElement{to: e.to, depth: e.depth, in: t.Name.Local, refs: e.refs[:0]}
		return e.head(t.Attr)
	case "tag":
		if e.in != "" {
			if e.tags == nil {
				e.tags = make(map[string]string, 4)
			}
			e.tags[attr(t.Attr, "k")] = attr(t.Attr, "v")
		}
	case "nd":
		ref, err := strconv.ParseInt(attr(t.Attr, "ref"), 10, 64)
		if err != nil {
			return fmt.Errorf("way %d: reference to node %s", e.id, quoteShort(attr(t.Attr, "ref")))
		}
		e.refs = append(e.refs, ref)
	case "member":
		return e.member(t.Attr)
	}
	return nil
}

func (e *osmXMLElement) head(as []xml.Attr) error {
	var err error
	var lon, lat float64
	for _, a := range as {
		switch a.Name.Local {
		case "id":
			e.id, err = strconv.ParseInt(a.Value, 10, 64)
		case "lon":
			lon, err = strconv.ParseFloat(a.Value, 64)
		case "lat":
			lat, err = strconv.ParseFloat(a.Value, 64)
		case "visible":
			e.gone = a.Value == "false"
		}
		if err != nil {
			return fmt.Errorf("%s %d: %s is %s", e.in, e.id, a.Name.Local, quoteShort(a.Value))
		}
	}
	if !(math.Abs(lon) <= 180 && math.Abs(lat) <= 90) {
		return fmt.Errorf("%s %d: (%g, %g) is not on the globe", e.in, e.id, lon, lat)
	}
	e.lon, e.lat = int32(math.Round(lon*1e7)), int32(math.Round(lat*1e7))
	return nil
}

func (e *osmXMLElement) member(as []xml.Attr) error {
	m := osmMember{role: attr(as, "role")}
	switch t := attr(as, "type"); t {
	case "node":
		m.kind = osmNodeMember
	case "way":
		m.kind = osmWayMember
	case "relation":
		m.kind = osmRelationMember
	default:
		return fmt.Errorf("relation %d: member of type %s", e.id, quoteShort(t))
	}
	var err error
	if m.ref, err = strconv.ParseInt(attr(as, "ref"), 10, 64); err != nil {
		return fmt.Errorf("relation %d: reference to %s", e.id, quoteShort(attr(as, "ref")))
	}
	e.members = append(e.members, m)
	return nil
}

func (e *osmXMLElement) end(name string) error {
	if e.depth == 0 {
		return fmt.Errorf("</%s> without a beginning", name)
	}
	e.depth--
	if name != e.in {
		return nil
	}
	e.in = ""
	if e.gone {
		return nil
	}
	switch name {
	case "node":
		e.to.addNode(e.id, e.lon, e.lat, e.tags)
	case "way":
		e.to.addWay(e.id, e.refs, e.tags)
	case "relation":
		e.to.addRelation(e.id, e.members, e.tags)
	}
	return nil
}

func attr(as []xml.Attr, name string) string {
	for _, a := range as {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
