//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// aCase is what the server says of a case, as far as these tests look.
type aCase struct {
	Case struct {
		ID, State, Unit, Handler string
		Version                  int64
		Proofs                   int
	}
	Offers []struct {
		Event string
		May   bool
	}
	Timeline []struct {
		Kind, Event, By string
		Version         int64
	}
}

// at reads a case as somebody sees it.
func (x *person) at(t *testing.T, id string) (c aCase) {
	t.Helper()
	x.get(t, "/api/v1/cases/"+id, &c)
	return c
}

// does fires an event and answers with what came of it.
func (x *person) does(t *testing.T, id, event string, input map[string]any, status int) reply {
	t.Helper()
	return x.expect(t, http.MethodPost, "/api/v1/cases/"+id+"/events",
		map[string]any{"id": fmt.Sprintf("%s-%s-%d", id, event, rand.Int64()), "event": event, "version": x.at(t, id).Case.Version, "input": input}, status)
}

// opened waits until a report has become a case, and the model shows it.
func (p *program) opened(t *testing.T, id string) {
	t.Helper()
	eventually(t, 20*time.Second, "the report is a case", func() error {
		var c aCase
		if status, err := p.get("/api/v1/cases/"+id, &c); err != nil || status != http.StatusOK {
			return fmt.Errorf("%d %w", status, err)
		}
		return nil
	})
}

// shows waits until the model shows an incident in a step.
func (p *program) shows(t *testing.T, id, step string) {
	t.Helper()
	eventually(t, 20*time.Second, "the model shows "+step, func() error {
		var in struct{ Step, Status string }
		if _, err := p.get("/api/v1/incidents/"+id, &in); err != nil {
			return err
		}
		if in.Step != step {
			return fmt.Errorf("it shows %q (%s)", in.Step, in.Status)
		}
		return nil
	})
}

// photo is a small JPEG that is nobody else's.
func photo(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		img.Set(i%64, i/64, color.RGBA{uint8(rand.IntN(256)), uint8(rand.IntN(256)), 90, 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// uploads sends a photo in two pieces by tus, and answers with its id.
func (x *person) uploads(t *testing.T, content []byte) (id string) {
	t.Helper()
	meta := "filename " + base64.StdEncoding.EncodeToString([]byte("after.jpg"))
	r := x.expect(t, http.MethodPost, "/api/v1/uploads/", nil, http.StatusCreated,
		"Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(len(content)), "Upload-Metadata", meta)
	at := r.header.Get("Location")
	if strings.HasPrefix(at, "/") {
		at = x.base + at
	}
	for from, half := 0, len(content)/2; from < len(content); from += half {
		piece := content[from:min(from+half, len(content))]
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, at, bytes.NewReader(piece))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Tus-Resumable", "1.0.0")
		req.Header.Set("Upload-Offset", fmt.Sprint(from))
		req.Header.Set("Content-Type", "application/offset+octet-stream")
		res, err := x.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusNoContent {
			t.Fatalf("a piece of the photo is answered %s", res.Status)
		}
	}
	return at[strings.LastIndex(at, "/")+1:]
}

// Cases in the hands of people, each at their own browser: one program for all.
func TestCasesInTheHandsOfPeople(t *testing.T) {
	p := newProgram(t, "--city", "kunshan")
	p.start()
	spots, _ := settle(t, p)
	t.Run("a report goes to a verified end by the hands of four", func(t *testing.T) { reportToEnd(t, p, spots[0]) })
	t.Run("what is too large or no photo is refused and not kept", func(t *testing.T) { noPhoto(t, p) })
	t.Run("a worker whose role is taken back does nothing more and another goes on", func(t *testing.T) { roleLost(t, p, spots[0]) })
	if said, code := verifies(t, p); code != 0 {
		t.Errorf("the log does not verify: %d %s", code, said)
	}
}

func reportToEnd(t *testing.T, p *program, spot spot) {
	operator, town := p.signIn(t, "city.operator"), p.signIn(t, "town.operator")
	worker, other := p.signIn(t, "grid.worker"), p.signIn(t, "village.worker")

	unit := map[*person]string{worker: worker.onDuty(t, spot), other: other.onDuty(t, spot)}

	// The same report five times is one.
	body := map[string]any{"id": "e2e-report-1", "class": "C0105", "description": "路灯不亮", "lon": spot.at[0], "lat": spot.at[1]}
	var told struct{ ID string }
	for range 5 {
		var again struct{ ID string }
		r := worker.ask(t, http.MethodPost, "/api/v1/cases", body)
		if r.status != http.StatusOK && r.status != http.StatusAccepted && r.status != http.StatusCreated {
			t.Fatalf("a report is answered %d: %s", r.status, r.body)
		}
		r.into(t, &again)
		if told.ID != "" && told.ID != again.ID {
			t.Fatalf("the same report is %s and %s", told.ID, again.ID)
		}
		told = again
	}
	id := told.ID
	p.opened(t, id)

	// One call to several; two accept at once: one wins, the other is told who.
	town.does(t, id, "offer", map[string]any{"units": unit[worker] + "," + unit[other]}, http.StatusOK)
	p.shows(t, id, "offered")
	version := operator.at(t, id).Case.Version
	type taken struct {
		by    *person
		reply reply
	}
	answers := make(chan taken, 2)
	for x, unit := range unit {
		go func() {
			answers <- taken{x, x.ask(t, http.MethodPost, "/api/v1/cases/"+id+"/events",
				map[string]any{"id": "accept-" + x.login, "event": "accept", "version": version, "input": map[string]any{"unit": unit}})}
		}()
	}
	first, last := <-answers, <-answers
	if first.reply.status != http.StatusOK {
		first, last = last, first
	}
	if first.reply.status != http.StatusOK || last.reply.status != http.StatusConflict {
		t.Fatalf("two accept at once: %d and %d: %s", first.reply.status, last.reply.status, last.reply.body)
	}
	var lost struct{ By, ByName string }
	last.reply.into(t, &lost)
	if lost.By != first.by.me(t).Subject || lost.ByName == "" {
		t.Errorf("who was slower is told %+v, and not %s", lost, first.by.me(t).Subject)
	}

	// Whoever won handles it; without a photo of after it is not finished.
	hand, check := first.by, last.by
	hand.does(t, id, "arrive", map[string]any{"lon": spot.at[0], "lat": spot.at[1]}, http.StatusOK)
	p.shows(t, id, "handling")
	hand.does(t, id, "finish", map[string]any{"result": "已更换灯泡"}, http.StatusUnprocessableEntity)
	now := time.Now()
	hand.expect(t, http.MethodPost, "/api/v1/cases/"+id+"/proofs", map[string]any{
		"id": "proof-1", "upload": hand.uploads(t, photo(t)), "phase": "after", "lon": spot.at[0], "lat": spot.at[1], "accuracy": 8,
		// a phone that is nine hours ahead
		"takenAt": now.Add(9*time.Hour - time.Minute).Format(time.RFC3339), "sentAt": now.Add(9 * time.Hour).Format(time.RFC3339),
	}, http.StatusOK)
	hand.does(t, id, "finish", map[string]any{"result": "已更换灯泡"}, http.StatusOK)
	p.shows(t, id, "handled")

	// Not by who handled it.
	if r := hand.ask(t, http.MethodPost, "/api/v1/cases/"+id+"/events", map[string]any{"event": "close", "version": hand.at(t, id).Case.Version,
		"input": map[string]any{"result": "属实"}}); r.status != http.StatusForbidden && r.status != http.StatusUnprocessableEntity && r.status != http.StatusConflict {
		t.Errorf("who handled it closes it: %d %s", r.status, r.body)
	}
	check.does(t, id, "close", map[string]any{"result": "属实"}, http.StatusOK)
	p.shows(t, id, "closed")
	if c := operator.at(t, id); c.Case.State != "closed" || c.Case.Proofs != 1 {
		t.Errorf("at the end: %+v", c.Case)
	}
}

// Killed while transitions commit, three times over: what was answered is
// there once, what was not can be sent again, and the model agrees.
func TestKilledWhileATransitionCommitsNothingIsLostOrTwice(t *testing.T) {
	p := newProgram(t, "--city", "kunshan")
	p.start()
	spots, _ := settle(t, p)
	var ids []string
	for _, s := range spots {
		ids = append(ids, s.incident)
		p.opened(t, s.incident)
	}
	stop := make(chan struct{})
	done := make([]int, len(ids)) // events that were answered
	var mu sync.Mutex
	var hands sync.WaitGroup
	for i, id := range ids {
		hands.Go(func() { moves(p, id, stop, func() { mu.Lock(); done[i]++; mu.Unlock() }) })
	}
	sum := func() (n int) {
		mu.Lock()
		defer mu.Unlock()
		for _, d := range done {
			n += d
		}
		return n
	}
	for range 3 {
		before := sum()
		eventually(t, 60*time.Second, "cases move", func() error {
			if n := sum() - before; n < 60 {
				return fmt.Errorf("%d moves", n)
			}
			return nil
		})
		p.kill()
		p.start()
	}
	close(stop)
	hands.Wait()
	t.Logf("%v moves were answered across 3 kills", done)
	for i, id := range ids {
		var c aCase
		if _, err := p.get("/api/v1/cases/"+id, &c); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range c.Timeline {
			if e.Kind == "event" && (e.Event == "establish" || e.Event == "suspend" || e.Event == "resume") {
				n++
			}
		}
		if n != done[i] {
			t.Errorf("%s: %d moves were answered, its timeline has %d", id, done[i], n)
		}
		p.shows(t, id, c.Case.State)
	}
	if said, code := verifies(t, p); code != 0 {
		t.Errorf("the log does not verify: %d %s", code, said)
	}
}

// moves moves a case to and fro, each move under an id of its own, which is
// sent again until it is answered.
func moves(p *program, id string, stop <-chan struct{}, moved func()) {
	version, event := int64(0), ""
	for n := 0; ; n++ {
		var c aCase
		for {
			select {
			case <-stop:
				return
			default:
			}
			if status, err := p.get("/api/v1/cases/"+id, &c); err == nil && status == http.StatusOK {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		version = c.Case.Version
		switch c.Case.State {
		case "reported":
			event = "establish"
		case "suspended":
			event = "resume"
		default:
			event = "suspend"
		}
		body := map[string]any{"id": fmt.Sprintf("%s-%d", id, n), "event": event, "version": version}
		if event == "suspend" {
			body["input"] = map[string]any{"reason": "等待材料"}
		}
		for {
			status, answer, err := p.post("/api/v1/cases/"+id+"/events", body)
			if err == nil && status == http.StatusOK {
				moved()
				break
			}
			if err == nil && status/100 == 4 {
				p.t.Errorf("%s of %s is answered %d: %s", event, id, status, answer)
				return
			}
			// It was begun: it is sent until it is answered, also after the stop.
			time.Sleep(20 * time.Millisecond)
		}
	}
}
