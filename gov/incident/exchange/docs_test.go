package exchange

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"onecity/gov/incident"
)

// examples are the messages that docs/exchange.md shows.
func examples(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../../docs/exchange.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)<!-- example: (\\w+) -->\n```json\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		out[m[1]] = m[2]
	}
	return out
}

func TestTheExamplesOfTheDocumentAreTaken(t *testing.T) {
	w := open(t)
	_, secret := w.add(Partner{ID: "yushan", Kind: Webhook, Reports: true})
	handed := caseOf("20261124-4RZTK9QXPA", incident.External, 3)
	handed.Partner = "yushan"
	w.cases[handed.ID] = handed
	shown := examples(t)
	for _, name := range []string{"report", "ended"} {
		got, err := w.Receive(t.Context(), "yushan", w.message(secret, "m-"+name, eventMedia, shown[name]), []byte(shown[name]))
		if err != nil || !got.Accepted {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if len(w.reports) != 1 || w.reports[0].Address != "人民路 8 号" || len(w.ends) != 1 || w.ends[0].Result != "已更换井盖并恢复路面" {
		t.Errorf("%+v, %+v", w.reports, w.ends)
	}
}

// What is sent has no member that the example does not show in its place, and
// the example none that is not sent.
func TestTheExampleOfWhatGoesOutIsAsItGoesOut(t *testing.T) {
	var shown Event
	d := json.NewDecoder(strings.NewReader(examples(t)["out"]))
	d.DisallowUnknownFields()
	if err := d.Decode(&shown); err != nil {
		t.Fatal(err)
	}
	var c incident.Case
	d = json.NewDecoder(strings.NewReader(string(shown.Data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	w, peer := open(t), newPeer(t)
	w.add(Partner{ID: "yushan", Kind: Webhook, URL: peer.URL, Region: "320583100", Grade: 1})
	w.tell(c)
	w.send("yushan")
	got := peer.all()[0].event
	if got.Type != shown.Type || got.Subject != shown.Subject || got.Source != shown.Source || !got.Time.Equal(*shown.Time) || got.DataContentType != shown.DataContentType {
		t.Errorf("%+v\n%+v", got, shown)
	}
	var a, b map[string]any
	if err := json.Unmarshal(got.Data, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(shown.Data, &b); err != nil {
		t.Fatal(err)
	}
	for k := range a {
		if _, ok := b[k]; !ok {
			t.Errorf("%s is sent and not shown", k)
		}
	}
}
