package mqtt_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"onecity/ingest"
	"onecity/ingest/mqtt"
)

var at = time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)

func TestTheThreeFormsOfABodyAreRead(t *testing.T) {
	for body, want := range map[string]string{
		`{"time":"2026-01-31T08:00:00+08:00","values":{"pm2_5":12.3,"pm10":40}}`: "pm10=40@0 pm2_5=12.3@0",
		`{"property":"pm2_5","time":"2026-01-31T08:00:01+08:00","value":12.3}`:   "pm2_5=12.3@1",
		`[{"property":"pm2_5","value":1,"unit":"mg/m3"},{"values":{"pm10":2}}]`:  "pm2_5=1mg/m3@0 pm10=2@0",
		` [ {"values":{"pm2_5":0},"time":"2026-01-31T00:00:02Z"} ] `:             "pm2_5=0@2",
		`[]`: "",
	} {
		rs, ps := mqtt.Telemetry("air-1", at, []byte(body))
		var got []string
		for _, r := range rs {
			if r.Device != "air-1" {
				t.Errorf("%s: the device is %q", body, r.Device)
			}
			got = append(got, string(r.Property)+"="+number(r.Value)+r.Unit+"@"+number(r.Time.Sub(at).Seconds()))
		}
		if s := strings.Join(got, " "); s != want || len(ps) > 0 {
			t.Errorf("%s: got %q and %v, want %q", body, s, ps, want)
		}
	}
}

func TestAMalformedBodySaysWhatIsWrong(t *testing.T) {
	for body, want := range map[string]string{
		``:                                      ingest.CodeMalformed,
		`pm2_5=12`:                              ingest.CodeMalformed,
		`{"values":{"pm2_5":"12"}}`:             ingest.CodeMalformed,
		`{"values":{"pm2_5":NaN}}`:              ingest.CodeNotFinite,
		`{"property":"pm2_5","value":Infinity}`: ingest.CodeNotFinite,
		`{"values":{}}`:                         ingest.CodeMissing,
		`{"property":"pm2_5"}`:                  ingest.CodeMissing,
		`{"property":"a","value":1,"values":{"b":2}}`:                   ingest.CodeMissing,
		`{"time":"noon","values":{"pm2_5":1}}`:                          ingest.CodeMalformed,
		`[{"values":{"pm2_5":1}},7]`:                                    ingest.CodeMalformed,
		"\x00\xff":                                                      ingest.CodeMalformed,
		`"` + strings.Repeat("x", mqtt.MaxBody) + `"`:                   ingest.CodeTooLarge,
		`[` + strings.Repeat(`{"values":{"a":1,"b":2}},`, 1500) + `{}]`: ingest.CodeTooMany,
	} {
		_, ps := mqtt.Telemetry("air-1", at, []byte(body))
		if len(ps) != 1 || ps[0].Code != want {
			t.Errorf("%.60s: got %+v, want %s", body, ps, want)
		}
	}
}

func FuzzTelemetry(f *testing.F) {
	f.Add([]byte(`{"time":"2026-01-31T08:00:00+08:00","values":{"pm2_5":12.3,"pm10":40}}`))
	f.Add([]byte(`{"property":"pm2_5","time":"2026-01-31T08:00:01+08:00","value":12.3}`))
	f.Add([]byte(`[{"property":"pm2_5","value":1,"unit":"mg/m3"},{"values":{"pm10":2}}]`))
	f.Add([]byte(`[[[[{"values":{"pm2_5":1e999}}]]]]`))
	f.Add(bytes.Repeat([]byte("["), 20000))
	f.Fuzz(func(t *testing.T, body []byte) {
		rs, ps := mqtt.Telemetry("d", at, body)
		if len(rs) > mqtt.MaxReadings+1 || len(ps) > mqtt.MaxReadings+1 {
			t.Errorf("%d readings, %d problems", len(rs), len(ps))
		}
		for _, r := range rs {
			if r.Device != "d" || r.Property == "" && r.Time.IsZero() {
				t.Errorf("got %+v", r)
			}
		}
	})
}
