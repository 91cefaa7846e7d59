package simulate

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"onecity/internal/cityapi"
)

// made is a case as the recorder keeps it, with who did what.
type made struct {
	cityapi.Case
	history []deed
	proved  bool
}

type deed struct {
	event, state, who string
}

// ways is the part of the loop's machine that the simulation uses; the whole
// program is asked in package e2e.
var ways = map[string]struct {
	from []string
	to   string
	by   string // who may, by the token that is shown; "" is whoever
}{
	"establish":   {[]string{stateReported}, stateEstablished, ""},
	"reject":      {[]string{stateReported, stateEstablished}, "rejected", ""},
	"assign":      {[]string{stateReported, stateEstablished, stateAssigned}, stateAssigned, ""},
	"accept":      {[]string{stateAssigned, stateOffered}, stateAccepted, "crews"},
	"decline":     {[]string{stateAssigned}, stateEstablished, "crews"},
	"arrive":      {[]string{stateAccepted}, stateHandling, "crews"},
	"ask-delay":   {[]string{stateHandling}, stateDelaying, "crews"},
	"grant-delay": {[]string{stateDelaying}, stateHandling, ""},
	"finish":      {[]string{stateHandling}, stateHandled, "crews"},
	"close":       {[]string{stateHandled}, stateClosed, ""},
	"rework":      {[]string{stateHandled}, stateAssigned, ""},
	"merge":       {[]string{stateReported}, "merged", ""},
}

func (rec *recorder) read(w http.ResponseWriter, r *http.Request) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if c := rec.cases[r.PathValue("id")]; c != nil {
		_ = json.NewEncoder(w).Encode(map[string]any{"case": c.Case})
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

// alike finds that the case is like every other.
func (rec *recorder) alike(w http.ResponseWriter, r *http.Request) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	items := []cityapi.Alike{}
	for id, c := range rec.cases {
		if id != r.PathValue("id") {
			items = append(items, cityapi.Alike{Case: c.Case, Score: 0.9})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
}

// lead does what a POST about a case asks.
func (rec *recorder) lead(w http.ResponseWriter, r *http.Request, body []byte) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	part := strings.Split(r.URL.Path, "/") // "", api, v1, cases, id, what
	c := rec.cases[part[4]]
	var cmd cityapi.Command
	if c == nil || json.Unmarshal(body, &cmd) != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	switch part[5] {
	case "merge":
		cmd.Event = "merge"
	case "proofs":
		c.proved = true
		_, _ = w.Write([]byte(`{"id":"p"}`))
		return
	case "rating":
		_ = json.NewEncoder(w).Encode(map[string]any{"case": c.Case})
		return
	}
	if part[5] == "events" {
		// An id is one command's, whichever case it is of.
		if was, ok := rec.commands[cmd.ID]; cmd.ID == "" || ok && was != c.ID {
			w.WriteHeader(http.StatusConflict)
			return
		}
		rec.commands[cmd.ID] = c.ID
	}
	who := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	way, ok := ways[cmd.Event]
	if !ok || cmd.Version != c.Version || !slices.Contains(way.from, c.State) || way.by != "" && way.by != who || cmd.Event == "finish" && !c.proved {
		w.WriteHeader(http.StatusConflict)
		return
	}
	c.Version++
	c.State = way.to
	if u, ok := cmd.Input["unit"].(string); ok {
		c.Unit = u
	}
	if cmd.Event == "rework" {
		c.proved = false
	}
	c.history = append(c.history, deed{cmd.Event, c.State, who})
	_ = json.NewEncoder(w).Encode(map[string]any{"case": c.Case})
}
