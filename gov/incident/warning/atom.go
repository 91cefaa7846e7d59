package warning

import (
	"encoding/xml"
	"fmt"
	"time"

	"onecity/internal/flow"
)

// The Atom Syndication Format, RFC 4287, as far as a feed of warnings needs it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated time.Time   `xml:"updated"`
	Author  atomPerson  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Updated    time.Time      `xml:"updated"`
	Published  time.Time      `xml:"published"`
	Categories []atomCategory `xml:"category"`
	Links      []atomLink     `xml:"link"`
	Summary    string         `xml:"summary"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr,omitempty"`
}

// CAPPath is where a warning's CAP is.
func CAPPath(id string) string { return "/api/v1/warnings/" + id + ".cap.xml" }

// Feed writes warnings, the newest first, as an Atom feed, each entry with a link
// to its CAP.
func (s *Service) Feed(list []Warning) ([]byte, error) {
	base := s.o.Base
	f := atomFeed{
		Lang: "zh-CN", ID: base + "/warnings/feed.xml", Title: "预警信息 Emergency warnings", Updated: s.now(), Author: atomPerson{s.o.Sender},
		Links: []atomLink{{"self", "application/atom+xml", base + "/warnings/feed.xml"}, {"alternate", "text/html", base + "/warnings"}},
	}
	if f.Author.Name == "" {
		f.Author.Name = s.sender()
	}
	for i, w := range list {
		if i == 0 || w.Updated.After(f.Updated) {
			f.Updated = w.Updated
		}
		e := atomEntry{
			ID: "urn:onecity:" + s.o.Authority + ":warning:" + w.ID, Title: title(w), Updated: w.Updated, Published: w.Effective,
			Categories: []atomCategory{{w.Colour, colourZH[w.Colour]}, {string(w.State), stateZH[w.State]}},
			Links:      []atomLink{{"alternate", CAPMedia, base + CAPPath(w.ID)}}, Summary: w.Text,
		}
		f.Entries = append(f.Entries, e)
	}
	body, err := xml.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the feed of warnings: %w", err)
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

var stateZH = map[flow.State]string{Issued: "已发布", Replaced: "已更新", Cancelled: "已解除", Expired: "已失效"}

func title(w Warning) string {
	t := w.Headline
	if w.Exercise {
		t = "【演练】" + t
	}
	return t
}
