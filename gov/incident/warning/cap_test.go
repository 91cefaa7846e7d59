package warning

import (
	"encoding/xml"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAWarningIsAMessageOfCAPAndReadBackTheSame(t *testing.T) {
	w := open(t)
	first := w.must(wang, w.draft(wang, rain(Yellow)), Issue, "")
	w.pass(time.Hour)
	x := rain(Red)
	x.Replaces, x.Exercise = first.ID, true
	second := w.must(li, w.draft(wang, x), Issue, "")
	cancelled := w.must(li, second, Cancel, "演练结束")
	for name, c := range map[string]struct {
		warning Warning
		typ     string
		refers  string
	}{
		"alert": {first, "Alert", ""}, "update": {second, "Update", first.ID}, "cancel": {cancelled, "Cancel", second.ID},
	} {
		document, err := w.CAP(t.Context(), c.warning)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(document)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, document)
		}
		again, err := got.XML()
		if err != nil || string(again) != string(document) {
			t.Errorf("%s: it is another when it is read and written\n%s\n%s", name, document, again)
		}
		if got.MsgType != c.typ || !strings.Contains(got.References, c.refers) || (c.refers == "") != (got.References == "") {
			t.Errorf("%s: %s refers to %q", name, got.MsgType, got.References)
		}
		if len(got.Info) != 2 || got.Info[0].Language != "zh-CN" || got.Info[1].Language != "en" || got.Info[0].Area[0].Geocode[1].Value != "320583101" {
			t.Errorf("%s: %+v", name, got.Info)
		}
		if ring, err := readRing(got.Info[0].Area[0].Polygon[0]); err != nil || !reflect.DeepEqual(ring, c.warning.Polygon) {
			t.Errorf("%s: %v, %v", name, ring, err)
		}
	}
	a := w.Message(first, nil)
	if a.Info[0].Severity != "Moderate" || a.Status != "Actual" || a.Sent.String() != "2026-11-24T09:30:00+08:00" {
		t.Errorf("%+v", a)
	}
	if u := w.Message(second, &first); u.Info[0].Severity != "Extreme" || u.Status != "Exercise" || u.References != "warnings@city.example.cn,"+first.ID+",2026-11-24T09:30:00+08:00" {
		t.Errorf("%+v", u)
	}
}

// sample is a message in the shape of the standard's appendix A, with a value
// of each kind, in words of our own.
const sample = `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>KS-1</identifier><sender>w@city.example.cn</sender><sent>2026-11-24T09:30:00+08:00</sent>
  <status>Actual</status><msgType>Alert</msgType><scope>Public</scope><code>one</code><code>two</code>
  <info><category>Met</category><category>Infra</category><event>暴雨</event><responseType>Prepare</responseType><urgency>Expected</urgency>
    <severity>Severe</severity><certainty>Likely</certainty><eventCode><valueName>GB</valueName><value>11B03</value></eventCode>
    <expires>2026-11-24T12:00:00-00:00</expires><headline>h</headline>
    <resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType></resource>
    <area><areaDesc>玉山镇</areaDesc><polygon>31.3,120.9 31.3,121 31.4,121 31.3,120.9</polygon><circle>31.3,120.9 5</circle></area></info>
  <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>
</alert>`

func TestAMessageOutOfTheSchemasOrderIsRefused(t *testing.T) {
	if a, err := Read([]byte(sample)); err != nil || len(a.Info[0].Category) != 2 || !a.Info[0].Expires.Equal(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)) {
		t.Fatalf("%+v, %v", a, err)
	}
	for name, c := range map[string][2]string{
		"out of order":           {"<status>Actual</status><msgType>Alert</msgType>", "<msgType>Alert</msgType><status>Actual</status>"},
		"missing":                {"<scope>Public</scope>", ""},
		"missing in an info":     {"<severity>Severe</severity>", ""},
		"missing at the end":     {"<areaDesc>玉山镇</areaDesc>", ""},
		"twice":                  {"<status>Actual</status>", "<status>Actual</status><status>Actual</status>"},
		"unknown":                {"<code>one</code>", "<colour>red</colour>"},
		"a value not listed":     {"<urgency>Expected</urgency>", "<urgency>Soon</urgency>"},
		"another version":        {"cap:1.2", "cap:1.1"},
		"a time with Z":          {"2026-11-24T09:30:00+08:00", "2026-11-24T01:30:00Z"},
		"an update of nothing":   {"<msgType>Alert</msgType>", "<msgType>Update</msgType>"},
		"a sender with a blank":  {"w@city.example.cn", "w city"},
		"a polygon that is open": {"31.4,121 31.3,120.9", "31.4,121 31.5,120.9"},
		"a text between":         {"<code>one</code>", "text"},
		"a DTD":                  {"<alert ", `<!DOCTYPE alert [<!ENTITY a "b">]><alert `},
		"a pair without a value": {"<value>11B03</value>", ""},
		"an element in a text":   {"<headline>h</headline>", "<headline><b>h</b></headline>"},
	} {
		changed := strings.Replace(sample, c[0], c[1], 1)
		if changed == sample {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := Read([]byte(changed)); !errors.Is(err, ErrCAP) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheFeedIsAtom(t *testing.T) {
	w := open(t)
	x := w.must(wang, w.draft(wang, rain(Blue)), Issue, "")
	gone := w.must(wang, w.draft(wang, rain(Yellow)), Issue, "")
	w.pass(time.Minute)
	gone = w.must(wang, gone, Cancel, "误发")
	w.draft(wang, rain(Yellow))
	list, err := w.Published(t.Context(), everywhere)
	if err != nil || len(list) != 2 || list[0].ID != gone.ID || list[1].ID != x.ID {
		t.Fatalf("%d, %v", len(list), err)
	}
	body, err := w.Feed(list)
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		XMLName xml.Name
		ID      string    `xml:"id"`
		Updated time.Time `xml:"updated"`
		Author  string    `xml:"author>name"`
		Entries []struct {
			ID    string `xml:"id"`
			Title string `xml:"title"`
			Link  struct {
				Href string `xml:"href,attr"`
				Type string `xml:"type,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(body, &f); err != nil || f.XMLName.Space != "http://www.w3.org/2005/Atom" || f.ID == "" || f.Author == "" ||
		!f.Updated.Equal(gone.Updated) || len(f.Entries) != 2 {
		t.Fatalf("%+v, %v\n%s", f, err, body)
	}
	if e := f.Entries[1]; e.Link.Type != CAPMedia || e.Link.Href != "https://city.example.cn/api/v1/warnings/"+x.ID+".cap.xml" || e.Title == "" {
		t.Errorf("%+v", e)
	}
	w.pass(48 * time.Hour)
	if list, err := w.Published(t.Context(), everywhere); err != nil || len(list) != 1 {
		t.Errorf("what ended two days ago is still told: %d, %v", len(list), err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("<alert xmlns=\"" + Namespace + "\"/>"))
	f.Add([]byte("<!DOCTYPE a><a/>"))
	f.Fuzz(func(t *testing.T, document []byte) {
		a, err := Read(document)
		if err != nil {
			if !errors.Is(err, ErrCAP) {
				t.Error(err)
			}
			return
		}
		again, err := a.XML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(again); err != nil {
			t.Errorf("what was read cannot be read when it is written: %v\n%s", err, again)
		}
	})
}
