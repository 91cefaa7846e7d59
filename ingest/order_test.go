package ingest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/ingest"
	"onecity/ingest/ingesttest"
)

func TestABatchSentNewestFirstIsTakenWhole(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1", "air-2")
	now := c.Clock.Now().Add(-time.Hour)
	const n = 60
	var obs []cim.Observation
	for i := n; i > 0; i-- {
		at := now.Add(time.Duration(i) * time.Second)
		obs = append(obs, cim.Observation{Device: "air-2", Property: "pm10", Time: at, Value: float64(i)},
			cim.Observation{Device: "air-1", Property: "pm2_5", Time: at, Value: float64(i)})
	}
	sent := slices.Clone(obs)
	a, err := c.Gate.Observations(t.Context(), "/test", "b", obs)
	taken(t, 2*n, a, err)
	if !slices.Equal(obs, sent) {
		t.Error("the sender's own batch was put into another order")
	}
	var rs []ingest.Reading
	for i := range obs {
		rs = append(rs, ingest.Reading{Device: obs[i].Device, Property: "temperature", Time: obs[i].Time, Value: 1})
	}
	a, err = c.Gate.Readings(t.Context(), "/test", "r", rs)
	taken(t, 2*n, a, err)
	c.Until(t, "every value is counted", func(r cim.Reader) bool { return r.Tally("320583").Observations.Total == 4*n })
	if v, _ := c.Value("air-1", "pm2_5"); v != n {
		t.Errorf("the newest value is %v, want %v", v, n)
	}
}

func TestASecondValueWithoutATimeOfOneDatastreamIsRefused(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1", "air-2")
	a, err := c.Gate.Readings(t.Context(), "/test", "", []ingest.Reading{
		{Device: "air-1", Property: "pm2_5", Value: 1},
		{Device: "air-2", Property: "pm2_5", Value: 2},
		{Device: "air-1", Property: "pm10", Value: 3},
		{Device: "air-1", Property: "pm2_5", Value: 4},
	})
	if err != nil || a.Accepted != 3 || a.Rejected != 1 {
		t.Fatalf("got %+v, %v", a, err)
	}
	if p := a.Problems[0]; p.Item != 3 || p.Field != "/time" || p.Code != ingest.CodeDuplicate || !strings.Contains(p.Message, "without a time") {
		t.Errorf("got %+v", p)
	}
}
