package cim

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

func manyObservations(n int) []byte {
	var f Observations
	at := time.Date(2026, 5, 1, 12, 0, 0, 123e6, time.UTC)
	for i := range n {
		f.Observations = append(f.Observations, Observation{
			Device: fmt.Sprintf("dev-%06d", i/4), Property: properties[i%4].ID, Time: at.Add(time.Duration(i) * time.Millisecond), Value: float64(i) / 8,
		})
	}
	b, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	return b
}

func TestTheUsualFormOfObservationsIsScanned(t *testing.T) {
	for _, s := range []string{
		string(manyObservations(10)),
		` { "observations" : [ { "value" : -1.5e-3 , "device":"井盖一号", "property":"pm2_5","time":"2026-05-01T20:00:00+08:00" } ] } `,
		`{"observations":[]}`,
	} {
		f, ok := scanObservations([]byte(s))
		var want Observations
		if err := json.Unmarshal([]byte(s), &want); err != nil {
			t.Fatal(err)
		}
		if !ok || len(f.Observations) != len(want.Observations) {
			t.Fatalf("%s: not scanned", s)
		}
		for i := range want.Observations {
			if !same(f.Observations[i], want.Observations[i]) {
				t.Errorf("%s: %+v", s, f.Observations[i])
			}
		}
	}
}

func same(a, b Observation) bool {
	at := a.Time.Equal(b.Time) && a.Time.Format(time.RFC3339Nano) == b.Time.Format(time.RFC3339Nano)
	return a.Device == b.Device && a.Property == b.Property && a.Value == b.Value && at
}

func FuzzScannedObservationsAreThoseThatJSONReads(f *testing.F) {
	f.Add(manyObservations(3))
	for _, s := range []string{
		`{"observations":[{"device":"a\u0041"}]}`, `{"observations":[{"value":01}]}`, `{"observations":[{"value":1.}]}`,
		`{"observations":[{"value":1e999}]}`, `{"observations":[{"value":0x10}]}`, `{"observations":[{"value":-}]}`,
		`{"observations":[{"time":"2026-05-01 12:00:00Z"}]}`, `{"observations":[{"time":""}]}`, `{"observations":[{},]}`,
		`{"observations":[{"Device":"x","VALUE":1}]}`, `{"observations":null}`, `{"observations":[]} x`, `{"observations":[{"device":"a","device":"b"}]}`,
		"{\"observations\":[{\"device\":\"\xff\"}]}", `{"observations":[{"value":1}{"value":2}]}`, `{"observations":[,{}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := scanObservations(data)
		if !ok {
			return
		}
		var want Observations
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("scanned what JSON refuses: %v", err)
		}
		if len(got.Observations) != len(want.Observations) {
			t.Fatalf("%d observations, JSON reads %d", len(got.Observations), len(want.Observations))
		}
		for i := range want.Observations {
			if !same(got.Observations[i], want.Observations[i]) {
				t.Fatalf("%+v, JSON reads %+v", got.Observations[i], want.Observations[i])
			}
		}
	})
}

func BenchmarkDecodeObservations(b *testing.B) {
	data := manyObservations(500)
	b.Run("scanned", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, ok := scanObservations(data); !ok {
				b.Fatal("not scanned")
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/observation")
	})
	b.Run("encoding json", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, err := decode[Observations](data); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/observation")
	})
}
