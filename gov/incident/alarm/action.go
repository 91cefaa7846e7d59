package alarm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Do is what an [Act] asks for.
type Do string

// What the engine may ask for.
const (
	DoOpen  Do = "open"  // open an incident
	DoClear Do = "clear" // say that all is normal again
	DoStop  Do = "stop"  // switch the rule off: it costs, or opens, too much
)

// Act is what the engine wants done. The same facts bring the same acts, so
// one that was done already, before a restart, may come once more.
type Act struct {
	Do       Do
	Seq      uint64
	At       time.Time // of the stream
	Rule     string
	Incident string
	Report   Report // of DoOpen
	Note     string // of DoClear and DoStop
}

// Report is the incident that is to be opened.
type Report struct {
	ID          string    `json:"id"`
	Rule        string    `json:"rule"`
	Class       string    `json:"class"`
	Severity    int       `json:"severity"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Lon         float64   `json:"lon"`
	Lat         float64   `json:"lat"`
	Region      string    `json:"region"`
	Since       time.Time `json:"since"`  // when the condition began, by the device's clock
	Opened      time.Time `json:"opened"` // by the stream's
	Target      string    `json:"target"` // "device:…", "unit:…", "cell:…"
	Name        string    `json:"name"`
	Value       float64   `json:"value"`
	Simulated   bool      `json:"simulated,omitempty"`
}

// incidentID names the incident of a rule, a target and a begin: since by the
// device's clock, arrived by the stream's, for one silence may be reported again
// when its incident was closed.
func incidentID(rule, target string, since, arrived time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d", rule, target, since.UnixMilli(), arrived.UnixMilli()))
	return "alarm-" + hex.EncodeToString(sum[:10])
}
