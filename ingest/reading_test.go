package ingest_test

import (
	"strings"
	"testing"
	"time"

	"onecity/ingest"
)

func TestABatchOrOneBareObservationCanBeRead(t *testing.T) {
	m, err := ingest.ParseObservations([]byte(`{"id":"b","source":"/x","observations":[
		{"device":"a","property":"pm2_5","time":"2026-01-31T08:00:00+08:00","value":1},
		{"device":"b","property":"pm2_5","value":2,"unit":"mg/m3"}]}`))
	if err != nil || m.ID != "b" || m.Source != "/x" || len(m.Readings) != 2 || m.Readings[1].Unit != "mg/m3" || !m.Readings[1].Time.IsZero() {
		t.Errorf("got %+v, %v", m, err)
	}
	m, err = ingest.ParseObservations([]byte(`{"device":"a","property":"pm2_5","value":1}`))
	if err != nil || len(m.Readings) != 1 || m.Readings[0].Device != "a" {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestOneMalformedReadingDoesNotSpoilTheOthers(t *testing.T) {
	m, err := ingest.ParseObservations([]byte(`{"observations":[
		{"device":"a","property":"pm2_5","value":"many"},
		{"device":"a","property":"pm2_5","value":3,"time":"yesterday"},
		{"device":"a","property":"pm2_5","value":2}]}`))
	if err != nil || len(m.Readings) != 1 || m.Items[0] != 2 || m.Refused.Rejected != 2 {
		t.Fatalf("got %+v, %v", m, err)
	}
	if p := m.Refused.Problems[0]; p.Field != "/value" || p.Expected != "a finite number" {
		t.Errorf("got %+v", p)
	}
	if p := m.Refused.Problems[1]; p.Field != "/time" || !strings.Contains(p.Expected, "RFC 3339") {
		t.Errorf("got %+v", p)
	}
}

func TestABareNaNIsCalledNotFinite(t *testing.T) {
	for _, body := range []string{`{"value":NaN}`, `{"value":Infinity}`, `{"value": -Infinity}`, `{"value":-Inf}`} {
		_, p := ingest.ParsePosition("u", time.Time{}, []byte(body))
		if p == nil || p.Code != ingest.CodeNotFinite {
			t.Errorf("%s: got %+v", body, p)
		}
	}
	if _, p := ingest.ParsePosition("u", time.Time{}, []byte(`{"lon":`)); p == nil || p.Code != ingest.CodeMalformed {
		t.Errorf("got %+v", p)
	}
}

func FuzzParseObservations(f *testing.F) {
	f.Add([]byte(`{"observations":[{"device":"a","property":"pm2_5","value":"many"},{"device":"a","value":1}]}`))
	f.Add([]byte(`{"device":"a","property":"pm2_5","time":"2026-01-31T08:00:00+08:00","value":1e400}`))
	f.Add([]byte(`[1,2,{"observations":{}}]`))
	f.Add([]byte(`{"observations":null,"device":null,"value":NaN}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := ingest.ParseObservations(body)
		if err != nil {
			return
		}
		if m.Items != nil && len(m.Items) != len(m.Readings) {
			t.Errorf("%d readings at %d places", len(m.Readings), len(m.Items))
		}
	})
}

func FuzzParsePosition(f *testing.F) {
	f.Add([]byte(`{"time":"2026-01-31T08:00:00+08:00","lon":120.98,"lat":31.38,"speed":8.2,"heading":90,"status":"moving"}`))
	f.Add([]byte(`{"unit":"another","lon":1,"lat":2}`))
	f.Add([]byte(`{"lon":null,"lat":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, problem := ingest.ParsePosition("me", time.Unix(0, 0), body)
		if problem == nil && p.Unit != "me" {
			t.Errorf("the body made it %q", p.Unit)
		}
		if problem == nil && p.Time.IsZero() {
			t.Error("no time")
		}
	})
}
