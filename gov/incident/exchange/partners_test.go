package exchange

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"onecity/gov/incident"
	"onecity/internal/flow"
)

func TestTwoSecretsAreGoodWhileOneIsChanged(t *testing.T) {
	w, peer := open(t), newPeer(t)
	_, first := w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL, Reports: true})
	second, err := w.NewSecret(t.Context(), officer, "aa", false, "每年更换")
	if err != nil || second == first {
		t.Fatal(second, err)
	}
	takes := func(secret, id string) error {
		body := structured(id, TypeTest, "", "{}")
		_, err := w.Receive(t.Context(), "aa", w.message(secret, "m-"+id, eventMedia, body), []byte(body))
		return err
	}
	verified := func() (by []string) {
		all := peer.all()
		for _, s := range []string{first, second} {
			if _, err := Verify(all[len(all)-1].header, []string{s}, w.o.Now(), all[len(all)-1].body); err == nil {
				by = append(by, s)
			}
		}
		return by
	}
	w.tell(caseOf("c1", incident.Established, 2))
	w.send("aa")
	if got := verified(); len(got) != 2 || takes(first, "1") != nil || takes(second, "2") != nil {
		t.Errorf("during the change: %d", len(got))
	}
	if p, _ := w.Partner(t.Context(), officer, "aa"); len(p.Secrets) != 2 || p.Secrets[0].Until == nil || p.Secrets[1].Until != nil {
		t.Errorf("%+v", p.Secrets)
	}
	w.pass(24*time.Hour + time.Second)
	w.tell(caseOf("c1", incident.Assigned, 3))
	w.send("aa")
	if got := verified(); len(got) != 1 || got[0] != second || !errors.Is(takes(first, "3"), ErrSignature) || takes(second, "4") != nil {
		t.Errorf("after it: %v", got)
	}
	third, err := w.NewSecret(t.Context(), officer, "aa", true, "疑似泄露")
	if err != nil || takes(third, "5") != nil || !errors.Is(takes(second, "6"), ErrSignature) {
		t.Errorf("cut: %v", err)
	}
}

func TestASecretIsNeitherInTheDatabaseNorInTheLogNorToldAgain(t *testing.T) {
	w := open(t)
	_, secret := w.add(Partner{ID: "aa", Kind: Webhook})
	if _, _, err := w.Add(t.Context(), officer, Partner{ID: "bb", Name: "省", Kind: Open311, URL: "https://open311.example.cn/v2"}, "key-of-theirs", ""); err != nil {
		t.Fatal(err)
	}
	var dump string
	if err := w.pool.QueryRow(t.Context(), `select (select string_agg(s::text, '') from exchange.secret s) || (select string_agg(p::text, '') from exchange.partner p)`).
		Scan(&dump); err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	for _, e := range w.log {
		logged.Write(e.Detail)
	}
	for _, s := range []string{secret, strings.TrimPrefix(secret, secretPrefix), "key-of-theirs"} {
		if strings.Contains(dump, s) || strings.Contains(logged.String(), s) {
			t.Error("it is there")
		}
	}
	if p, err := w.Partner(t.Context(), officer, "bb"); err != nil || !p.Keyed {
		t.Errorf("%+v, %v", p, err)
	}
	w.restart() // who has the key file reads it again
	if k, _ := w.known.get("aa"); len(k.good(w.now)) != 1 || k.good(w.now)[0] != secret {
		t.Error("it is lost")
	}
}

func TestWhoMayJoinSystemsElsewhereMayNotHere(t *testing.T) {
	w := open(t)
	w.add(Partner{ID: "aa", Kind: Webhook, Region: "320583100"})
	neighbour := flow.Actor{Subject: "person:neighbour", Allow: func(action string, it flow.Item) bool {
		return action == Action && strings.HasPrefix(it.Region, "320583101")
	}}
	if list, err := w.Partners(t.Context(), neighbour); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := w.Partner(t.Context(), neighbour, "aa"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, _, err := w.Add(t.Context(), neighbour, Partner{ID: "bb", Name: "b", Kind: Webhook}, "", ""); !errors.Is(err, ErrRefused) {
		t.Errorf("the whole city: %v", err)
	}
	own, _, err := w.Add(t.Context(), neighbour, Partner{ID: "cc", Name: "c", Kind: Webhook, Region: "320583101"}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	own.Region = "" // to hear of the whole city
	if _, err := w.Edit(t.Context(), neighbour, own, "", ""); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
	if _, err := w.NewSecret(t.Context(), neighbour, "aa", false, ""); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
	if _, err := w.Deliveries(t.Context(), neighbour, "aa", DeliveryFilter{}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	refused := 0
	for _, e := range w.log {
		if e.Outcome == "refused" && e.Actor == "person:neighbour" {
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("%d refusals are in the log", refused)
	}
}

func TestOfTwoWhoChangeAPartnerOneIsTold(t *testing.T) {
	w := open(t)
	p, _ := w.add(Partner{ID: "aa", Kind: Webhook})
	p.Name = "一"
	if _, err := w.Edit(t.Context(), officer, p, "", ""); err != nil {
		t.Fatal(err)
	}
	p.Name = "二"
	if _, err := w.Edit(t.Context(), officer, p, "", ""); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	if err := w.Remove(t.Context(), officer, "aa", p.Version, ""); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	if err := w.Remove(t.Context(), officer, "aa", p.Version+1, ""); err != nil {
		t.Error(err)
	}
}

func TestAnAddressIsAWholeHTTPOne(t *testing.T) {
	for url, good := range map[string]bool{
		"https://a.example.cn/hook?x=1": true, "http://10.0.0.5:8080": true, "ftp://a.example.cn": false, "file:///etc/passwd": false, "a.example.cn": false,
		"https://user:word@a.example.cn": false, "https://": false, "https://a.example.cn/#x": false, "javascript:alert(1)": false,
	} {
		if err := checkURL(url); (err == nil) != good {
			t.Errorf("%s: %v", url, err)
		}
	}
}
