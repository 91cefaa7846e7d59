package web

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onecity/internal/need"
	"onecity/web/problem"
)

// careful are senders that repeat each reading, under its id, until it is
// accepted; they go on until stop.
type careful struct {
	accepted, full atomic.Int64
	quit           chan struct{}
	sending        sync.WaitGroup
}

func (w *town) careful(senders int) *careful {
	w.t.Helper()
	var devices []string
	for i := range senders {
		devices = append(devices, fmt.Sprintf(`{"id":"s%d","kind":"air","lon":120.9,"lat":31.38,"datastreams":[{"property":"pm2_5","unit":"ug/m3"}]}`, i))
	}
	w.expect("POST", "/api/v1/devices", `{"devices":[`+strings.Join(devices, ",")+`]}`, 200)
	c := &careful{quit: make(chan struct{})}
	began := time.Now().Add(-time.Hour).Truncate(time.Second)
	for i := range senders {
		c.sending.Go(func() { c.send(w, fmt.Sprint("s", i), began) })
	}
	w.t.Cleanup(c.stop)
	return c
}

func (c *careful) send(w *town, device string, began time.Time) {
	for n := 0; ; n++ {
		body := fmt.Sprintf(`{"id":"%s-%d","source":"/careful","observations":[{"device":%q,"property":"pm2_5","value":%d,"time":%q}]}`,
			device, n, device, n%90, began.Add(time.Duration(n)*time.Millisecond).Format(time.RFC3339Nano))
		for accepted := false; !accepted; {
			res, err := http.Post(w.url+"/api/v1/observations", "application/json", strings.NewReader(body))
			if err != nil {
				w.t.Errorf("%s could not ask: %v", device, err)
				return
			}
			res.Body.Close()
			switch res.StatusCode {
			case http.StatusOK:
				c.accepted.Add(1)
				accepted = true
			case http.StatusInsufficientStorage:
				c.full.Add(1)
			case http.StatusServiceUnavailable: // while the broker recovers
			default:
				w.t.Errorf("%s was answered %s", device, res.Status)
				return
			}
			if !accepted {
				time.Sleep(5 * time.Millisecond) // as a sender that was refused would
			}
		}
		select {
		case <-c.quit:
			return
		default:
		}
	}
}

// stop returns when all that was begun is accepted.
func (c *careful) stop() {
	select {
	case <-c.quit:
	default:
		close(c.quit)
	}
	c.sending.Wait()
}

// more waits until a counter has grown by n.
func more(t *testing.T, what string, counter *atomic.Int64, n int64) {
	t.Helper()
	before := counter.Load()
	eventually(t, what, func() bool { return counter.Load() >= before+n })
}

func TestAFullDiskIsAnswered507AndNothingAcceptedIsLost(t *testing.T) {
	disk := need.SmallDisk(t, 160)
	dir := filepath.Join(disk, "streams")
	w := newTown(t, townOptions{dir: dir, contracts: []string{contract}})
	w.settle()
	w.expect("POST", "/open311/v2/requests.json", lampReport(w), 201, "Content-Type", "application/x-www-form-urlencoded")
	w.awaitEnd()
	incident := w.expect("GET", "/api/v1/incidents", "", 200).json(t)["incidents"].([]any)[0].(map[string]any)["id"].(string)

	c := w.careful(4)
	more(t, "readings are accepted", &c.accepted, 100)
	empty := need.Fill(t, disk)
	more(t, "senders are told that the disk is full", &c.full, 20)
	everyWayInSays507(t, w)
	// Reading goes on.
	w.expect("GET", "/api/v1/devices/s0", "", 200)
	w.expect("GET", "/metrics", "", 200)
	if n := c.accepted.Load(); n == 0 {
		t.Error("nothing was accepted")
	}

	empty()
	more(t, "readings are accepted again", &c.accepted, 100)
	c.stop()
	w.awaitEnd()
	t.Logf("%d readings were accepted, %d refusals said that the disk is full", c.accepted.Load(), c.full.Load())
	want := fmt.Sprintf("onecity_observations_total %d\n", c.accepted.Load())
	if got := string(w.expect("GET", "/metrics", "", 200).body); !strings.Contains(got, want) {
		t.Errorf("the model has other readings than those accepted; want %s", want)
	}
	// A model made anew from what is on the disk has the same.
	w.stop()
	again := newTown(t, townOptions{dir: dir})
	again.awaitEnd()
	if got := string(again.expect("GET", "/metrics", "", 200).body); !strings.Contains(got, want) {
		t.Errorf("the disk has other readings than those accepted; want %s", want)
	}
	again.expect("GET", "/api/v1/incidents/"+incident, "", 200)
}

// everyWayInSays507 asks at each way in for a fact to be stored.
func everyWayInSays507(t *testing.T, w *town) {
	t.Helper()
	before, err := w.broker.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Minute).In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05")
	upload, multipart := form(t, "file", "a.csv", []byte("站号,时间,PM2.5\nwest,"+at+",31.5\nnobody,"+at+",1\n"))
	const events = "application/cloudevents-batch+json"
	for _, way := range []struct{ path, kind, body string }{
		{"/api/v1/observations", "application/json", `{"device":"west","property":"pm2_5","value":1}`},
		{"/api/v1/positions", "application/json", `{"positions":[{"unit":"car-1","lon":120.9,"lat":31.38}]}`},
		{"/api/v1/devices", "application/json", `{"devices":[{"id":"new","kind":"air","lon":120.9,"lat":31.38,"datastreams":[{"property":"pm2_5","unit":"ug/m3"}]}]}`},
		{"/api/v1/units", "application/json", `{"units":[{"id":"new","kind":"grid"}]}`},
		{"/api/v1/cases", "application/json", `{"id":"full","class":"C0105","lon":120.9,"lat":31.38}`},
		{"/api/v1/events", events, `[{"specversion":"1.0","id":"1","source":"/test","type":"onecity.objects-removed.v1","data":{"ids":["r1"]}}]`},
		{"/api/v1/feeds/air/uploads", multipart, upload},
		{"/open311/v2/requests.json", "application/x-www-form-urlencoded", lampReport(w)},
	} {
		r := w.ask("POST", way.path, way.body, "Content-Type", way.kind)
		if r.status != http.StatusInsufficientStorage {
			t.Errorf("%s with the disk full: %d %s", way.path, r.status, r.body)
			continue
		}
		if strings.HasPrefix(way.path, "/open311/") { // GeoReport v2 has a form of its own for errors
			if !strings.Contains(string(r.body), `"code":507`) && !strings.Contains(string(r.body), `"code":"507"`) {
				t.Errorf("%s: %s", way.path, r.body)
			}
			continue
		}
		if v := r.json(t); r.header.Get("Content-Type") != problem.ContentType || v["status"] != 507.0 || v["title"] == "" {
			t.Errorf("%s is answered by something else than a problem: %s %s", way.path, r.header.Get("Content-Type"), r.body)
		}
	}
	if last, err := w.broker.Last(t.Context()); err != nil || last != before {
		t.Errorf("the stream grew from %d to %d (%v) while everything was refused", before, last, err)
	}
}

// lampReport is the form of an Open311 report of the first service there is.
func lampReport(w *town) string {
	_, rest, _ := strings.Cut(string(w.expect("GET", "/open311/v2/services.json", "", 200).body), `"service_code":"`)
	code, _, _ := strings.Cut(rest, `"`)
	return "service_code=" + code + "&lat=31.38&long=120.9&description=路灯不亮"
}
