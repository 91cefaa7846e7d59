package exchange

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/gov/incident"
)

func TestAPartnerHearsOfEachVersionOnceHoweverOftenItIsTold(t *testing.T) {
	w, peer := open(t), newPeer(t)
	w.add(Partner{ID: "yushan", Kind: Webhook, URL: peer.URL, Region: "320583100"})
	c := caseOf("c1", incident.Established, 2)
	w.tell(c)
	w.tell(c)
	noted := c
	noted.Version, noted.Updated = 3, c.Updated.Add(time.Minute)
	w.tell(noted)
	w.tell(c) // the outbox may come again with an old one
	w.tell(caseOf("c1", incident.Assigned, 4))
	w.tell(caseOf("c1", incident.Established, 5)) // given back: a new stay in the state
	if n := w.send("yushan"); n != 4 {
		t.Fatalf("%d were sent", n)
	}
	want := []string{"onecity.case.established.v1", "onecity.case.updated.v1", "onecity.case.assigned.v1", "onecity.case.established.v1"}
	if got := peer.types(); !slices.Equal(got, want) {
		t.Fatal(got)
	}
	if w.send("yushan") != 0 {
		t.Error("something was sent twice")
	}
}

func TestAMessageIsASignedCloudEventWithoutWhatThePartnerMayNotSee(t *testing.T) {
	w, peer := open(t), newPeer(t)
	_, secret := w.add(Partner{ID: "yushan", Kind: Webhook, URL: peer.URL, Region: "320583100", Grade: 1})
	w.tell(caseOf("c1", incident.Established, 2))
	w.send("yushan")
	all := peer.all()
	if len(all) != 1 {
		t.Fatal(len(all))
	}
	got := all[0]
	if _, err := Verify(got.header, []string{secret}, w.now, got.body); err != nil {
		t.Error(err)
	}
	e := got.event
	if e.SpecVersion != "1.0" || e.ID != got.header.Get(headerID) || e.Source != "https://city.example.cn" || e.Subject != "c1" || e.Time == nil ||
		e.DataContentType != "application/json" || !strings.HasPrefix(got.header.Get("Content-Type"), eventMedia) {
		t.Errorf("%+v", e)
	}
	var c incident.Case
	if err := json.Unmarshal(e.Data, &c); err != nil || c.ID != "c1" || c.Version != 2 || c.State != incident.Established || c.Lon != 120.98 {
		t.Errorf("%+v, %v", c, err)
	}
	if c.Reporter != "" || c.Handler != "" {
		t.Errorf("grade 1 sees who reported and who handles: %+v", c)
	}
}

func TestAPartnerHearsOnlyOfWhatIsForIt(t *testing.T) {
	w, peer := open(t), newPeer(t)
	w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL, Region: "320583100", Classes: []string{"C"}, Events: []string{"closed"}})
	elsewhere := caseOf("elsewhere", incident.Closed, 2)
	elsewhere.Region = "320583101"
	event := caseOf("event", incident.Closed, 2)
	event.Class = "E0101"
	secret := caseOf("graded", incident.Closed, 2)
	secret.Grade = 1
	handed := caseOf("handed", incident.External, 2)
	handed.Partner, handed.Class = "aa", "E0101"
	for _, c := range []incident.Case{elsewhere, event, secret, caseOf("open", incident.Established, 2), caseOf("mine", incident.Closed, 2), handed} {
		w.tell(c)
	}
	w.send("aa")
	var subjects []string
	for _, d := range peer.all() {
		subjects = append(subjects, d.event.Subject)
	}
	slices.Sort(subjects)
	if want := []string{"handed", "mine"}; !slices.Equal(subjects, want) {
		t.Errorf("%v", subjects)
	}
}

func TestAFailedDeliveryIsTriedEverMoreSeldomForADayUnderOneIDThenItIsDead(t *testing.T) {
	w, peer := open(t), newPeer(t)
	w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL})
	peer.answers(func(rw http.ResponseWriter, _ *http.Request) {
		http.Error(rw, "out of order", http.StatusInternalServerError)
	})
	w.tell(caseOf("c1", incident.Established, 2))
	began := w.now
	last := time.Duration(0)
	for range 40 {
		w.send("aa")
		d := w.deliveries("aa")[0]
		if d.State == Dead {
			break
		}
		wait := d.Next.Sub(w.now)
		if wait < last || wait <= 0 || wait > 8*time.Hour {
			if last < 4*time.Hour { // at its most it is longer and shorter by the jitter
				t.Fatalf("after %s it waits %s", last, wait)
			}
		}
		last = wait
		w.pass(wait - time.Millisecond)
		if w.send("aa") != 0 || len(peer.all()) != d.Attempts {
			t.Fatal("it was tried before its time")
		}
		w.pass(time.Millisecond)
	}
	d := w.deliveries("aa")[0]
	if d.State != Dead || d.Status != 500 || !strings.Contains(d.Error, "out of order") || d.Attempts < 6 || d.Attempts > 16 {
		t.Fatalf("%+v", d)
	}
	if took := w.now.Sub(began); took > 24*time.Hour || took < 12*time.Hour {
		t.Errorf("given up after %s", took)
	}
	for _, got := range peer.all() {
		if got.header.Get(headerID) != d.ID {
			t.Errorf("another id: %s", got.header.Get(headerID))
		}
	}
	tried := len(peer.all())
	peer.answers(nil)
	if _, err := w.Again(t.Context(), officer, "aa", d.ID, "修好了"); err != nil {
		t.Fatal(err)
	}
	if w.send("aa") != 1 || len(peer.all()) != tried+1 || w.deliveries("aa")[0].State != Sent {
		t.Errorf("%+v", w.deliveries("aa")[0])
	}
}

func TestAPartnerThatDoesNotAnswerIsWaitedForAWhile(t *testing.T) {
	w, peer := open(t), newPeer(t)
	w.o.Timeout = 50 * time.Millisecond
	w.restart()
	w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL})
	hold := make(chan struct{})
	peer.answers(func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold)
	w.tell(caseOf("c1", incident.Established, 2))
	w.tell(caseOf("c2", incident.Established, 2))
	w.send("aa")
	if got := len(peer.all()); got != 1 {
		t.Errorf("%d were sent to a partner that does not answer", got)
	}
	if d := w.deliveries("aa"); d[1].State != Waiting || d[1].Error == "" || d[1].Status != 0 || d[0].Attempts != 0 {
		t.Errorf("%+v", d)
	}
}

func TestASlowPartnerHoldsUpNoOther(t *testing.T) {
	w, slow, quick := open(t), newPeer(t), newPeer(t)
	hold := make(chan struct{})
	slow.answers(func(rw http.ResponseWriter, _ *http.Request) { <-hold })
	quicker := make(chan struct{}, 1)
	quick.answers(func(http.ResponseWriter, *http.Request) { quicker <- struct{}{} })
	w.o.Timeout = time.Minute
	w.restart()
	w.add(Partner{ID: "a-slow", Kind: Webhook, URL: slow.URL})
	w.add(Partner{ID: "b-quick", Kind: Webhook, URL: quick.URL})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	for i := range 3 {
		w.tell(caseOf("c1", incident.Established, int64(2+i)))
		select {
		case <-quicker:
		case <-time.After(20 * time.Second):
			t.Fatal("the quick one waits for the slow one")
		}
	}
	if got := len(slow.all()); got != 1 {
		t.Errorf("the slow one has %d at once", got)
	}
	close(hold)
	stop()
	if err := <-done; err == nil {
		t.Error("Run ended without a reason")
	}
}

func TestAMessageThatWasSentAndNotMarkedIsSentAgainUnderTheSameID(t *testing.T) {
	w, peer := open(t), newPeer(t)
	w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL})
	w.tell(caseOf("c1", incident.Established, 2))
	// The program is killed when the peer has the message and we not its answer.
	ctx, kill := context.WithCancel(t.Context())
	peer.answers(func(http.ResponseWriter, *http.Request) { kill() })
	if n, err := w.SendDue(ctx, "aa"); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	peer.answers(nil)
	w.restart()
	if w.send("aa") != 0 {
		t.Fatal("it is sent again while it may still be under way")
	}
	w.pass(time.Minute)
	if w.send("aa") != 1 {
		t.Fatal("it is not sent again")
	}
	all := peer.all()
	if len(all) != 2 || all[0].header.Get(headerID) != all[1].header.Get(headerID) || all[0].header.Get(headerID) == "" {
		t.Errorf("%d messages", len(all))
	}
	if string(all[0].body) != string(all[1].body) {
		t.Error("the same id with another content")
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	w, peer, inner := open(t), newPeer(t), newPeer(t)
	w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL})
	peer.answers(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, inner.URL, http.StatusTemporaryRedirect)
	})
	w.tell(caseOf("c1", incident.Established, 2))
	w.send("aa")
	if d := w.deliveries("aa")[0]; len(inner.all()) != 0 || d.State != Waiting || d.Status != 307 || !strings.Contains(d.Error, "redirect") {
		t.Errorf("%d, %+v", len(inner.all()), d)
	}
}

func TestNoPartnerIsOnThisMachineUnlessItIsATrial(t *testing.T) {
	w, peer := open(t), newPeer(t)
	w.o.Loopback = false
	w.restart()
	w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL})
	w.tell(caseOf("c1", incident.Established, 2))
	w.send("aa")
	if d := w.deliveries("aa")[0]; len(peer.all()) != 0 || !strings.Contains(d.Error, "this machine") {
		t.Errorf("%+v", d)
	}
}

func TestAPartnerThatIsGoneIsSwitchedOff(t *testing.T) {
	w, peer := open(t), newPeer(t)
	w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL})
	peer.answers(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusGone) })
	w.tell(caseOf("c1", incident.Established, 2))
	w.send("aa")
	p, err := w.Partner(t.Context(), officer, "aa")
	if err != nil || p.On || p.Off == "" || p.Dead != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	w.tell(caseOf("c2", incident.Established, 2))
	if p, _ := w.Partner(t.Context(), officer, "aa"); p.Waiting != 0 {
		t.Error("something is queued for a partner that is off")
	}
}

func TestALongAnswerIsNotReadToItsEnd(t *testing.T) {
	w, peer := open(t), newPeer(t)
	w.add(Partner{ID: "aa", Kind: Webhook, URL: peer.URL})
	peer.answers(func(rw http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := rw.Write(make([]byte, 32<<10)); err != nil {
				return
			}
		}
	})
	w.tell(caseOf("c1", incident.Established, 2))
	if w.send("aa") != 1 {
		t.Errorf("%+v", w.deliveries("aa"))
	}
}
