package ingest

import (
	"math"
	"testing"
	"time"

	"onecity/cim"
)

func TestTheLeanEncodingIsThatOfEncodingJSON(t *testing.T) {
	at := time.Date(2026, 1, 31, 8, 0, 0, 123456789, time.UTC)
	for _, o := range []cim.Observation{
		{Device: "air-1", Property: "pm2_5", Time: at, Value: 12.5},
		{Device: "空气<站>&\"\\\n\u2028", Property: "pm2_5", Time: at.Truncate(time.Second), Value: -0},
		{Device: "", Property: "", Time: at.Truncate(time.Millisecond), Value: 1e21},
		{Device: "bad\xffutf8", Property: "x", Time: at, Value: 1e-7},
		{Device: "a", Property: "x", Time: at, Value: math.MaxFloat64},
		{Device: "a", Property: "x", Time: at, Value: math.SmallestNonzeroFloat64},
		{Device: "a", Property: "x", Time: at, Value: 0.1},
	} {
		fact := cim.Observations{Observations: []cim.Observation{o, o}}
		want, err := cim.Encode(fact)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendObservations(nil, fact.Observations); string(got) != string(want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func FuzzTheLeanEncodingIsThatOfEncodingJSON(f *testing.F) {
	f.Add("air-1", "pm2_5", int64(1769846400123456789), 12.5)
	f.Add("站\"\\", "<>&", int64(0), 1e-9)
	f.Fuzz(func(t *testing.T, device, property string, nanos int64, value float64) {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			t.Skip()
		}
		fact := cim.Observations{Observations: []cim.Observation{
			{Device: device, Property: cim.Property(property), Time: time.Unix(0, nanos).UTC(), Value: value}}}
		want, err := cim.Encode(fact)
		if err != nil {
			t.Skip(err)
		}
		if got := appendObservations(nil, fact.Observations); string(got) != string(want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
