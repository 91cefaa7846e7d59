package exchange

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/gov/incident"
)

// message is what a partner sends, signed.
func (w *town) message(secret, id, kind string, body string) http.Header {
	w.t.Helper()
	h := http.Header{}
	h.Set("Content-Type", kind)
	if err := sign(h, []string{secret}, id, w.o.Now(), []byte(body)); err != nil {
		w.t.Fatal(err)
	}
	return h
}

func structured(id, typ, subject, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"https://yushan.example.cn","type":%q,"subject":%q,"time":"2026-11-24T09:28:00+08:00","data":%s}`,
		id, typ, subject, data)
}

const report = `{"class":"C0101","title":"井盖缺失","description":"人行道","severity":2,"lon":120.981,"lat":31.381,"address":"人民路","id":"mine","channel":"operator","region":"11","reporter":"person:x"}`

func TestAReportOfAPartnerComesInOnceInBothModes(t *testing.T) {
	w := open(t)
	_, secret := w.add(Partner{ID: "yushan", Kind: Webhook, Region: "320583100", Reports: true})
	body := structured("r-1", TypeReport, "", report)
	got, err := w.Receive(t.Context(), "yushan", w.message(secret, "m-1", eventMedia, body), []byte(body))
	if err != nil || !got.Accepted || got.Duplicate || got.Case != CaseID("yushan", "r-1") {
		t.Fatalf("%+v, %v", got, err)
	}
	// The same message, and the same event in another message.
	for _, m := range []string{"m-1", "m-2"} {
		again, err := w.Receive(t.Context(), "yushan", w.message(secret, m, eventMedia, body), []byte(body))
		if err != nil || !again.Duplicate || again.Case != got.Case {
			t.Errorf("%s: %+v, %v", m, again, err)
		}
	}
	h := w.message(secret, "m-3", "application/json", report)
	for k, v := range map[string]string{"specversion": "1.0", "id": "r-2", "source": "/x", "type": TypeReport, "time": "2026-11-24T01:29:00Z"} {
		h.Set("ce-"+k, v)
	}
	if got, err := w.Receive(t.Context(), "yushan", h, []byte(report)); err != nil || got.Case != CaseID("yushan", "r-2") {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(w.reports) != 2 {
		t.Fatalf("%d reports", len(w.reports))
	}
	r := w.reports[0]
	if r.ID != got.Case || r.Channel != "department" || r.Region != "" || r.Reporter != "partner:yushan" || r.Title != "井盖缺失" || r.Lon != 120.981 ||
		!r.Reported.Equal(time.Date(2026, 11, 24, 1, 28, 0, 0, time.UTC)) {
		t.Errorf("%+v", r)
	}
}

func TestWhatIsNotSignedByThePartnerNowIsRefused(t *testing.T) {
	w := open(t)
	_, secret := w.add(Partner{ID: "yushan", Kind: Webhook, Region: "320583100", Reports: true})
	_, other := w.add(Partner{ID: "zhoushi", Kind: Webhook, Reports: true})
	body := structured("r-1", TypeReport, "", report)
	good := w.message(secret, "m-1", eventMedia, body)
	for name, try := range map[string]func() (Receipt, error){
		"another partner's signature": func() (Receipt, error) {
			return w.Receive(t.Context(), "yushan", w.message(other, "m-1", eventMedia, body), []byte(body))
		},
		"another body": func() (Receipt, error) {
			return w.Receive(t.Context(), "yushan", good, []byte(strings.Replace(body, "120.981", "120.999", 1)))
		},
		"no signature": func() (Receipt, error) {
			return w.Receive(t.Context(), "yushan", http.Header{"Content-Type": {eventMedia}}, []byte(body))
		},
		"a message of six minutes ago": func() (Receipt, error) {
			w.pass(6 * time.Minute)
			defer w.pass(-6 * time.Minute)
			return w.Receive(t.Context(), "yushan", good, []byte(body))
		},
		"by a clock that is six minutes ahead": func() (Receipt, error) {
			w.pass(-6 * time.Minute)
			defer w.pass(6 * time.Minute)
			return w.Receive(t.Context(), "yushan", good, []byte(body))
		},
	} {
		if _, err := try(); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.Receive(t.Context(), "nobody", good, []byte(body)); !errors.Is(err, ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
	if len(w.reports) != 0 {
		t.Errorf("%d were taken", len(w.reports))
	}
}

func TestOnlyACaseThatAPartnerWasHandedIsEndedByIt(t *testing.T) {
	w := open(t)
	_, secret := w.add(Partner{ID: "yushan", Kind: Webhook})
	mine, others, here := caseOf("mine", incident.External, 2), caseOf("others", incident.External, 2), caseOf("here", incident.Handling, 2)
	mine.Partner, others.Partner = "yushan", "zhoushi"
	for _, c := range []incident.Case{mine, others, here} {
		w.cases[c.ID] = c
	}
	end := `{"result":"井盖已更换","photos":["https://yushan.example.cn/p/1.jpg"],"at":"2026-11-24T09:29:00+08:00"}`
	say := func(id, subject, data string) error {
		body := structured(id, TypeEnded, subject, data)
		_, err := w.Receive(t.Context(), "yushan", w.message(secret, "m-"+id, eventMedia, body), []byte(body))
		return err
	}
	for name, err := range map[string]error{
		"another's":        say("1", "others", end),
		"nobody's":         say("2", "here", end),
		"none":             say("3", "nowhere", end),
		"without a result": say("4", "mine", `{"result":" "}`),
		"a photo that is none": say("5", "mine",
			`{"result":"ok","photos":["file:///etc/passwd"]}`),
	} {
		if !errors.Is(err, ErrEvent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := say("6", "mine", end); err != nil {
		t.Fatal(err)
	}
	if err := say("6", "mine", end); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if len(w.ends) != 1 || w.ends[0].Result != "井盖已更换" || !slices.Equal(w.ends[0].Photos, []string{"https://yushan.example.cn/p/1.jpg"}) || w.ends[0].ID != "6" {
		t.Errorf("%+v", w.ends)
	}
}

func TestWhatFailedMaySendAgain(t *testing.T) {
	w := open(t)
	_, secret := w.add(Partner{ID: "yushan", Kind: Webhook, Reports: true})
	body := structured("r-1", TypeReport, "", report)
	w.fails = errors.New("the stream is away")
	if _, err := w.Receive(t.Context(), "yushan", w.message(secret, "m-1", eventMedia, body), []byte(body)); err == nil {
		t.Fatal("it was told yes")
	}
	w.fails = nil
	if got, err := w.Receive(t.Context(), "yushan", w.message(secret, "m-1", eventMedia, body), []byte(body)); err != nil || got.Duplicate || len(w.reports) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	w := open(t)
	_, secret := w.add(Partner{ID: "yushan", Kind: Webhook})
	for name, c := range map[string]struct{ kind, body string }{
		"no JSON":         {eventMedia, "{"},
		"a batch":         {"application/cloudevents-batch+json", "[]"},
		"no CloudEvent":   {"application/json", report},
		"an old one":      {eventMedia, `{"specversion":"0.3","id":"1","source":"/x","type":"` + TypeReport + `"}`},
		"without an id":   {eventMedia, `{"specversion":"1.0","source":"/x","type":"` + TypeReport + `"}`},
		"an unknown type": {eventMedia, structured("1", "com.example.other", "", "{}")},
		"not for it":      {eventMedia, structured("1", TypeReport, "", report)}, // it may not report
		"another charset": {eventMedia + "; charset=gbk", structured("1", TypeTest, "", "{}")},
	} {
		if _, err := w.Receive(t.Context(), "yushan", w.message(secret, "m "+name, c.kind, c.body), []byte(c.body)); !errors.Is(err, ErrEvent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadEvent(f *testing.F) {
	f.Add(eventMedia, []byte(structured("1", TypeReport, "", report)), "")
	f.Add("application/json", []byte(report), "1.0")
	f.Add("text/plain; charset=\"", []byte("\x00"), "")
	f.Fuzz(func(t *testing.T, kind string, body []byte, version string) {
		h := http.Header{}
		h.Set("Content-Type", kind)
		if version != "" {
			h.Set("ce-specversion", version)
			h.Set("ce-id", "1")
			h.Set("ce-source", "/x")
			h.Set("ce-type", TypeReport)
		}
		e, err := readEvent(h, body)
		if err == nil && (e.ID == "" || e.SpecVersion != "1.0" || e.Type == "") {
			t.Errorf("%+v", e)
		}
		if err != nil && !errors.Is(err, ErrEvent) {
			t.Error(err)
		}
	})
}
