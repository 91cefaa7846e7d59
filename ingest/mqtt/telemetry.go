package mqtt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"onecity/cim"
	"onecity/ingest"
)

// What one message may hold.
const (
	// MaxBody is the largest body, in bytes.
	MaxBody = 256 << 10
	// MaxReadings is the most values in one message.
	MaxReadings = 2000
)

// sample is one element of a telemetry body: either values by property, or
// one property and its value.
type sample struct {
	Time     time.Time                `json:"time"`
	Values   map[cim.Property]float64 `json:"values"`
	Property cim.Property             `json:"property"`
	Value    *float64                 `json:"value"`
	Unit     string                   `json:"unit"`
}

// Telemetry reads the body of a telemetry message of device: one sample or an
// array of samples; at is the time of those that do not say theirs. A sample
// that cannot be read does not spoil the others: it is a Problem, and Item is
// its place in the array.
func Telemetry(device string, at time.Time, body []byte) ([]ingest.Reading, []ingest.Problem) {
	if p := tooLarge(body); p != nil {
		return nil, []ingest.Problem{*p}
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '[' {
		return readSample(nil, device, at, 0, body)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(body, &items); err != nil {
		return nil, []ingest.Problem{*ingest.MalformedJSON("", body, err)}
	}
	var readings []ingest.Reading
	var problems []ingest.Problem
	for i, item := range items {
		var ps []ingest.Problem
		readings, ps = readSample(readings, device, at, i, item)
		problems = append(problems, ps...)
		if len(readings) > MaxReadings || len(problems) > MaxReadings {
			return nil, []ingest.Problem{{Item: i, Field: "/", Code: ingest.CodeTooMany,
				Message:  "一条消息的读数过多 / too many readings in one message",
				Expected: fmt.Sprintf("at most %d", MaxReadings)}}
		}
	}
	return readings, problems
}

func readSample(dst []ingest.Reading, device string, at time.Time, item int, body []byte) ([]ingest.Reading, []ingest.Problem) {
	var s sample
	if err := json.Unmarshal(body, &s); err != nil {
		p := ingest.MalformedJSON("", body, err)
		p.Item = item
		return dst, []ingest.Problem{*p}
	}
	if s.Time.IsZero() {
		s.Time = at
	}
	switch {
	case s.Property != "" && s.Value != nil && s.Values == nil:
		return append(dst, ingest.Reading{Device: device, Property: s.Property, Time: s.Time, Value: *s.Value, Unit: s.Unit}), nil
	case s.Property == "" && s.Value == nil && len(s.Values) > 0:
		from := len(dst)
		for p, v := range s.Values {
			dst = append(dst, ingest.Reading{Device: device, Property: p, Time: s.Time, Value: v})
		}
		// A map has no order; the event must not depend on chance.
		slices.SortFunc(dst[from:], func(a, b ingest.Reading) int {
			return bytes.Compare([]byte(a.Property), []byte(b.Property))
		})
		return dst, nil
	}
	return dst, []ingest.Problem{{Item: item, Field: "/", Value: ingest.Shorten(string(body)), Code: ingest.CodeMissing,
		Message:  "缺少读数 / there is no reading in it",
		Expected: `{"time":…,"values":{"pm2_5":12.3}} or {"property":"pm2_5","time":…,"value":12.3}`}}
}

func tooLarge(body []byte) *ingest.Problem {
	if len(body) <= MaxBody {
		return nil
	}
	return &ingest.Problem{Field: "/", Value: strconv.Itoa(len(body)), Code: ingest.CodeTooLarge,
		Message:  fmt.Sprintf("消息过大 %[1]d 字节 / the message is too large, %[1]d bytes", len(body)),
		Expected: fmt.Sprintf("at most %d bytes", MaxBody)}
}
