package simulate

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/internal/cityapi"

	"github.com/gorilla/websocket"
	"github.com/paulmach/orb"
)

// recorder is a server that takes everything and remembers it, by line: the
// bodies of one path in the order in which they came.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	said     map[string][]string
	cases    map[string]*made
	last     int
	commands map[string]string // case by the id of the command
	sockets  sync.WaitGroup
	// refuse answers a request otherwise, when it says true.
	refuse func(w http.ResponseWriter, r *http.Request) bool
}

func newRecorder(t *testing.T) *recorder {
	t.Helper()
	rec := &recorder{said: map[string][]string{}, cases: map[string]*made{}, commands: map[string]string{}}
	mux := http.NewServeMux()
	answer := func(pattern, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
	}
	answer("GET /api/v1/city", `{"code":"320583","name":"昆山市","timeZone":"Asia/Shanghai","bbox":[120.9,31.3,121.0,31.4],"centre":[120.95,31.35]}`)
	answer("GET /api/v1/regions/320583", `{"code":"320583","geometry":{"type":"Polygon","coordinates":[[[120.9,31.3],[121,31.3],[121,31.4],[120.9,31.4],[120.9,31.3]]]}}`)
	mux.HandleFunc("GET /api/v1/regions", func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("level") {
		case "district":
			io.WriteString(w, `{"regions":[{"code":"320583100","name":"玉山镇","level":"district","parent":"320583","centre":[120.95,31.35]}]}`)
		case "village":
			io.WriteString(w, `{"regions":[{"code":"320583100001","name":"里厍社区","level":"village","parent":"320583100","centre":[120.93,31.33]},
				{"code":"320583100002","name":"亭林社区","level":"village","parent":"320583100","centre":[120.97,31.37]}]}`)
		default:
			io.WriteString(w, `{"regions":[{"code":"320583","name":"昆山市","level":"city","centre":[120.95,31.35]}]}`)
		}
	})
	answer("GET /api/v1/roads", gridRoads())
	answer("GET /tiles/", "")
	answer("GET /api/v1/incidents", `{"incidents":[]}`)
	answer("GET /api/v1/incident-classes", `{"classes":[{"code":"E0101","name":"暴露垃圾","limitMinutes":240},{"code":"C0105","name":"路灯不亮","limitMinutes":1440},
		{"code":"E0402","name":"道路积水","limitMinutes":120},{"code":"E0106","name":"扬尘污染","limitMinutes":240},{"code":"X9","name":"其他","limitMinutes":30}]}`)
	mux.HandleFunc("GET /api/v1/cases/{id}", rec.read)
	mux.HandleFunc("GET /api/v1/cases/{id}/alike", rec.alike)
	mux.HandleFunc("POST /", rec.post)
	mux.HandleFunc("GET /ws/units/{id}", rec.socket)
	rec.Server = httptest.NewServer(mux)
	t.Cleanup(rec.Close)
	return rec
}

// gridRoads is a town of 12 × 12 streets.
func gridRoads() string {
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 12 {
		for _, across := range []bool{false, true} {
			var line orb.LineString
			for j := range 12 {
				p := orb.Point{round6(120.92 + 0.005*float64(i)), round6(31.32 + 0.005*float64(j))}
				if across {
					p = orb.Point{round6(120.92 + 0.005*float64(j)), round6(31.32 + 0.005*float64(i))}
				}
				line = append(line, p)
			}
			if b.Len() > 60 {
				b.WriteString(",\n")
			}
			kind := []string{"primary", "residential", "residential"}[i%3]
			at, _ := json.Marshal(line)
			fmt.Fprintf(&b, `{"type":"Feature","properties":{"kind":%q,"name":"%d号路"},"geometry":{"type":"LineString","coordinates":%s}}`, kind, i, at)
		}
	}
	b.WriteString("]}")
	return b.String()
}

func (rec *recorder) note(line, body string) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.said[line] = append(rec.said[line], body)
}

// lines is what was said.
func (rec *recorder) lines() map[string][]string {
	rec.sockets.Wait()
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.said
}

func (rec *recorder) post(w http.ResponseWriter, r *http.Request) {
	if rec.refuse != nil && rec.refuse(w, r) {
		return
	}
	body, _ := io.ReadAll(r.Body)
	rec.note(r.URL.Path, r.Header.Get("Idempotency-Key")+string(body))
	var batch struct {
		Observations, Positions, Devices, Units []json.RawMessage
	}
	switch {
	case r.URL.Path == "/open311/v2/requests.json":
		rec.mu.Lock()
		rec.last++
		id := fmt.Sprintf("KS-%04d", rec.last)
		rec.cases[id] = &made{Case: cityapi.Case{ID: id, State: stateReported, Version: 2}}
		rec.mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `[{"service_request_id":%q}]`, id)
	case r.URL.Path == "/api/v1/uploads/":
		w.Header().Set("Location", r.URL.Path+"u")
		w.Header().Set("Upload-Offset", strconv.Itoa(len(body)))
		w.WriteHeader(http.StatusCreated)
	case strings.HasPrefix(r.URL.Path, "/api/v1/cases/"):
		rec.lead(w, r, body)
	default:
		_ = json.Unmarshal(body, &batch)
		n := len(batch.Observations) + len(batch.Positions) + len(batch.Devices) + len(batch.Units)
		fmt.Fprintf(w, `{"accepted":%d,"credentials":[]}`, n)
	}
}

func (rec *recorder) socket(w http.ResponseWriter, r *http.Request) {
	rec.sockets.Add(1)
	defer rec.sockets.Done()
	up := websocket.Upgrader{}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	for n := 1; ; n++ {
		_, body, err := ws.ReadMessage()
		if err != nil {
			return
		}
		rec.note(r.URL.Path, string(body))
		if ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"ack":%d}`, n)) != nil {
			return
		}
	}
}

// quick runs a timeline as fast as it goes.
func quick(rec *recorder, seed uint64, lasts time.Duration) Options {
	o := Defaults()
	o.URL, o.MQTT, o.Seed, o.For = rec.URL, "", seed, lasts
	o.Devices, o.Units, o.Rate, o.IncidentsPerHour, o.SocketLines = 80, 24, 60, 240, 5
	o.Log = slog.New(slog.DiscardHandler)
	o.Workers, o.Leave = "crews", 0
	o.Start = time.Date(2026, 6, 1, 7, 30, 0, 0, time.UTC)
	o.Pace, o.Retry = atOnce, time.Millisecond
	return o
}
