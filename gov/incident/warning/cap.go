package warning

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Namespace is CAP 1.2's.
const Namespace = "urn:oasis:names:tc:emergency:cap:1.2"

// Alert is a message of the Common Alerting Protocol, OASIS Standard CAP-V1.2 of
// 1 July 2010. The fields stand in the order of its schema (section 3.4), and
// have the meaning of its section 3.2; "" and nil are elements that are left out.
type Alert struct {
	XMLName     xml.Name `xml:"urn:oasis:names:tc:emergency:cap:1.2 alert"`
	Identifier  string   `xml:"identifier"`
	Sender      string   `xml:"sender"`
	Sent        Time     `xml:"sent"`
	Status      string   `xml:"status"`  // Actual, Exercise, System, Test, Draft
	MsgType     string   `xml:"msgType"` // Alert, Update, Cancel, Ack, Error
	Source      string   `xml:"source,omitempty"`
	Scope       string   `xml:"scope"` // Public, Restricted, Private
	Restriction string   `xml:"restriction,omitempty"`
	Addresses   string   `xml:"addresses,omitempty"`
	Code        []string `xml:"code,omitempty"`
	Note        string   `xml:"note,omitempty"`
	References  string   `xml:"references,omitempty"` // "sender,identifier,sent" with blanks between
	Incidents   string   `xml:"incidents,omitempty"`
	Info        []Info   `xml:"info,omitempty"`
}

// Info is what a message says in one language.
type Info struct {
	Language     string      `xml:"language,omitempty"`
	Category     []string    `xml:"category"`
	Event        string      `xml:"event"`
	ResponseType []string    `xml:"responseType,omitempty"`
	Urgency      string      `xml:"urgency"`
	Severity     string      `xml:"severity"`
	Certainty    string      `xml:"certainty"`
	Audience     string      `xml:"audience,omitempty"`
	EventCode    []Pair      `xml:"eventCode,omitempty"`
	Effective    *Time       `xml:"effective,omitempty"`
	Onset        *Time       `xml:"onset,omitempty"`
	Expires      *Time       `xml:"expires,omitempty"`
	SenderName   string      `xml:"senderName,omitempty"`
	Headline     string      `xml:"headline,omitempty"`
	Description  string      `xml:"description,omitempty"`
	Instruction  string      `xml:"instruction,omitempty"`
	Web          string      `xml:"web,omitempty"`
	Contact      string      `xml:"contact,omitempty"`
	Parameter    []Pair      `xml:"parameter,omitempty"`
	Resource     []*Resource `xml:"resource,omitempty"`
	Area         []Place     `xml:"area,omitempty"`
}

// Resource is a file that belongs to a message.
type Resource struct {
	Description string `xml:"resourceDesc"`
	MIMEType    string `xml:"mimeType"`
	Size        string `xml:"size,omitempty"`
	URI         string `xml:"uri,omitempty"`
	DerefURI    string `xml:"derefUri,omitempty"`
	Digest      string `xml:"digest,omitempty"`
}

// Place is an area: the union of its polygons, circles and geocodes.
type Place struct {
	Description string   `xml:"areaDesc"`
	Polygon     []string `xml:"polygon,omitempty"` // "lat,lon lat,lon …", closed
	Circle      []string `xml:"circle,omitempty"`  // "lat,lon radius/km"
	Geocode     []Pair   `xml:"geocode,omitempty"`
	Altitude    string   `xml:"altitude,omitempty"`
	Ceiling     string   `xml:"ceiling,omitempty"`
}

// Pair is a name of a system and a value in it.
type Pair struct {
	ValueName string `xml:"valueName"`
	Value     string `xml:"value"`
}

// Time is a time as CAP writes it: whole seconds, the zone as ±hh:mm, never Z
// (section 3.3.2).
type Time struct{ time.Time }

const timeForm = "2006-01-02T15:04:05-07:00"

// zone is China's; UTC would have to be written "-00:00".
var zone = time.FixedZone("CST", 8*60*60)

// MarshalText writes it.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

func (t Time) String() string { return t.In(zone).Format(timeForm) }

// UnmarshalText reads it; "-00:00" is UTC.
func (t *Time) UnmarshalText(b []byte) error {
	at, err := time.Parse(timeForm, strings.TrimSpace(string(b)))
	if err != nil || bytes.HasSuffix(bytes.TrimSpace(b), []byte("Z")) {
		return fmt.Errorf("%.40q is no time of CAP, such as 2026-11-24T09:30:00+08:00", b)
	}
	t.Time = at
	return nil
}

// XML writes the message as a document.
func (a Alert) XML() ([]byte, error) {
	body, err := xml.MarshalIndent(a, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write message %s: %w", a.Identifier, err)
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

// severityOf is the practice of the colours; the grades I–IV of the law are the
// four of CAP, from Extreme down.
var severityOf = map[string]string{Red: "Extreme", Orange: "Severe", Yellow: "Moderate", Blue: "Minor"}

// colourZH are the colours' words.
var colourZH = map[string]string{Red: "红色", Orange: "橙色", Yellow: "黄色", Blue: "蓝色"}

// Message is a warning as CAP: Alert, or Update when it replaces another, while
// it holds and after it is over; Cancel when it was cancelled. replaced is the
// warning that w.Replaces names, and nil without.
func (s *Service) Message(w Warning, replaced *Warning) Alert {
	a := Alert{
		Identifier: w.ID, Sender: s.sender(), Sent: Time{w.Effective}, Status: "Actual", MsgType: "Alert", Scope: "Public",
		Source: w.Sender, Info: []Info{s.info(w, true), s.info(w, false)},
	}
	if w.Exercise {
		a.Status, a.Note = "Exercise", "演练 This is an exercise"
	}
	if w.State == Draft || w.State == Dropped {
		a.Status, a.Sent = "Draft", Time{w.Updated}
	}
	if replaced != nil {
		a.MsgType, a.References = "Update", s.reference(*replaced)
	}
	if w.State == Cancelled {
		a.Identifier, a.Sent, a.MsgType = w.ID+"-cancel", Time{w.Ended}, "Cancel"
		a.References, a.Note = s.reference(w), strings.TrimSpace(a.Note+" "+w.Why)
	}
	return a
}

// sender is unique to this server and without blanks, commas and brackets.
func (s *Service) sender() string { return "warnings@" + s.o.Authority }

func (s *Service) reference(w Warning) string {
	return s.sender() + "," + w.ID + "," + Time{w.Effective}.String()
}

func (s *Service) info(w Warning, zh bool) Info {
	or := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	i := Info{
		Language: "zh-CN", Category: []string{w.Category}, Event: w.Event, Urgency: w.Urgency, Severity: severityOf[w.Colour], Certainty: w.Certainty,
		Effective: when(w.Effective), Onset: when(w.Onset), Expires: when(w.Expires), SenderName: w.Sender,
		Headline: w.Headline, Description: w.Text, Instruction: w.Instruction, Contact: w.Contact,
		Parameter: []Pair{{"预警颜色", colourZH[w.Colour]}, {"colour", w.Colour}},
	}
	area := Place{Description: w.Area}
	if !zh {
		i.Language, i.Event, i.Headline = "en", or(w.EventEn, w.Event), or(w.HeadlineEn, w.Headline)
		i.Description, i.Instruction, area.Description = or(w.TextEn, w.Text), or(w.InstructionEn, w.Instruction), or(w.AreaEn, w.Area)
		i.Parameter = []Pair{{"colour", w.Colour}}
	}
	if w.State == Cancelled {
		i.Urgency, i.ResponseType = "Past", []string{"AllClear"}
	}
	if s.o.Base != "" {
		i.Web = s.o.Base + "/warnings"
	}
	for _, r := range w.Regions {
		area.Geocode = append(area.Geocode, Pair{"统计用区划代码", r})
	}
	if len(w.Polygon) > 0 {
		area.Polygon = []string{ring(w.Polygon)}
	}
	i.Area = []Place{area}
	return i
}

func when(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	return &Time{t}
}

// ring writes a polygon: latitude first, WGS 84, which CGCS2000 is within a
// few centimetres.
func ring(points [][2]float64) string {
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatFloat(p[1], 'f', -1, 64) + "," + strconv.FormatFloat(p[0], 'f', -1, 64))
	}
	return b.String()
}
