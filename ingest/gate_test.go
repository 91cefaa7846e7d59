package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest"
	"onecity/ingest/ingesttest"
	"onecity/streams"

	"github.com/paulmach/orb"
)

func one(t *testing.T, a ingest.Accepted, err error) ingest.Problem {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if a.Accepted != 0 || a.Rejected != 1 || len(a.Problems) != 1 {
		t.Fatalf("got %+v, want one refused", a)
	}
	return a.Problems[0]
}

func taken(t *testing.T, n int, a ingest.Accepted, err error) {
	t.Helper()
	if err != nil || a.Accepted != n || a.Rejected != 0 {
		t.Fatalf("got %+v, %v, want %d accepted", a, err, n)
	}
}

func TestAnObservationIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1")
	now := c.Clock.Now()
	good := ingest.Reading{Device: "air-1", Property: "pm2_5", Time: now, Value: 12.5}
	for name, tc := range map[string]struct {
		change func(*ingest.Reading)
		code   string
		says   string
	}{
		"unknown device":   {func(r *ingest.Reading) { r.Device = "air-2" }, ingest.CodeUnknownDevice, "no such device"},
		"unknown property": {func(r *ingest.Reading) { r.Property = "happiness" }, ingest.CodeUnknownProperty, "no such observed property"},
		"not a datastream": {func(r *ingest.Reading) { r.Property = "noise" }, ingest.CodeNotADatastream, "does not observe"},
		"NaN":              {func(r *ingest.Reading) { r.Value = math.NaN() }, ingest.CodeNotFinite, "not finite"},
		"Infinity":         {func(r *ingest.Reading) { r.Value = math.Inf(1) }, ingest.CodeNotFinite, "not finite"},
		"out of range":     {func(r *ingest.Reading) { r.Value = -1 }, ingest.CodeOutOfRange, "cannot be -1"},
		"wrong unit":       {func(r *ingest.Reading) { r.Unit = "kg" }, ingest.CodeWrongUnit, "cannot be converted"},
		"a day ahead":      {func(r *ingest.Reading) { r.Time = now.Add(24 * time.Hour) }, ingest.CodeFutureTime, "24h0m ahead"},
		"far past":         {func(r *ingest.Reading) { r.Time = now.Add(-8 * 24 * time.Hour) }, ingest.CodeTooOld, "8 d ago"},
	} {
		t.Run(name, func(t *testing.T) {
			r := good
			tc.change(&r)
			a, err := c.Gate.Readings(t.Context(), "/test", "", []ingest.Reading{r})
			p := one(t, a, err)
			if p.Code != tc.code || !strings.Contains(p.Message, tc.says) {
				t.Errorf("got %+v", p)
			}
		})
	}
	a, err := c.Gate.Readings(t.Context(), "/test", "", []ingest.Reading{good})
	taken(t, 1, a, err)
}

func TestAClockADayAheadIsToldSoInBothLanguages(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1")
	a, err := c.Gate.Observations(t.Context(), "/test", "", []cim.Observation{
		{Device: "air-1", Property: "pm2_5", Time: c.Clock.Now().Add(24*time.Hour + time.Second), Value: 1}})
	want := "时间超前 24h0m，请校准发送方时钟 / the time is 24h0m ahead, set the sender's clock"
	if p := one(t, a, err); p.Message != want {
		t.Errorf("got %q, want %q", p.Message, want)
	}
}

func TestAReadingInAnotherUnitIsConverted(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1")
	a, err := c.Gate.Readings(t.Context(), "/test", "", []ingest.Reading{
		{Device: "air-1", Property: "temperature", Value: 68, Unit: "[degF]"},
		{Device: "air-1", Property: "pm2_5", Value: 0.035, Unit: "mg/m3"},
	})
	taken(t, 2, a, err)
	c.Until(t, "both values are there", func(cim.Reader) bool {
		_, ok := c.Value("air-1", "pm2_5")
		return ok
	})
	if v, _ := c.Value("air-1", "temperature"); math.Abs(v-20) > 1e-9 {
		t.Errorf("68 °F became %v °C", v)
	}
	if v, _ := c.Value("air-1", "pm2_5"); math.Abs(v-35) > 1e-9 {
		t.Errorf("0.035 mg/m3 became %v ug/m3", v)
	}
}

func TestTheGoodOnesOfABatchGoInAndTheBadOnesComeBack(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1", "air-2")
	now := c.Clock.Now()
	a, err := c.Gate.Observations(t.Context(), "/test", "batch-1", []cim.Observation{
		{Device: "air-1", Property: "pm2_5", Time: now, Value: 11},
		{Device: "ghost", Property: "pm2_5", Time: now, Value: 12},
		{Device: "air-2", Property: "pm2_5", Time: now, Value: 13},
	})
	if err != nil || a.Accepted != 2 || a.Rejected != 1 || a.Problems[0].Item != 1 {
		t.Fatalf("got %+v, %v", a, err)
	}
	c.Until(t, "the good ones are in the city", func(cim.Reader) bool {
		v, ok := c.Value("air-2", "pm2_5")
		return ok && v == 13
	})

	// The sender registers the missing device and sends the same batch again:
	// it is not taken for the batch that was stored without it.
	a, err = c.Gate.Devices(t.Context(), "/test", "", []cim.Device{{ID: "ghost", Name: "新站", Kind: "air", Lon: 121, Lat: 31.4,
		Datastreams: []cim.Datastream{{Property: "pm2_5"}}}})
	taken(t, 1, a, err)
	a, err = c.Gate.Observations(t.Context(), "/test", "batch-1", []cim.Observation{
		{Device: "air-1", Property: "pm2_5", Time: now, Value: 11},
		{Device: "ghost", Property: "pm2_5", Time: now, Value: 12},
		{Device: "air-2", Property: "pm2_5", Time: now, Value: 13},
	})
	taken(t, 3, a, err)
	c.Until(t, "the third is in the city", func(cim.Reader) bool {
		v, ok := c.Value("ghost", "pm2_5")
		return ok && v == 12
	})
}

func TestTheSameBatchTwiceIsOneBatch(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1")
	before, err := c.Broker.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	obs := []cim.Observation{{Device: "air-1", Property: "pm2_5", Time: c.Clock.Now(), Value: 11}}
	for _, id := range []string{"b1", "b1", "", ""} { // by the sender's id, and by the content
		a, err := c.Gate.Observations(t.Context(), "/test", id, obs)
		taken(t, 1, a, err)
	}
	after, err := c.Broker.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after != before+2 {
		t.Errorf("the stream grew by %d events, want 2", after-before)
	}
}

func TestADeviceMaySendAnInstantAfterItWasRegistered(t *testing.T) {
	c := ingesttest.Start(t)
	for i := range 50 {
		id := fmt.Sprint("new-", i)
		a, err := c.Gate.Devices(t.Context(), "/test", "", []cim.Device{{ID: id, Name: id, Kind: "air", Lon: 121, Lat: 31.4,
			Datastreams: []cim.Datastream{{Property: "pm2_5"}}}})
		taken(t, 1, a, err)
		a, err = c.Gate.Observations(t.Context(), "/test", "", []cim.Observation{{Device: id, Property: "pm2_5", Value: 1}})
		taken(t, 1, a, err)
		a, err = c.Gate.Units(t.Context(), "/test", "", []cim.Unit{{ID: id, Name: id, Kind: "grid"}})
		taken(t, 1, a, err)
		a, err = c.Gate.Positions(t.Context(), "/test", "", []cim.Position{{Unit: id, Lon: 121, Lat: 31.4}})
		taken(t, 1, a, err)
	}
}

func TestAPlaceIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "u-1")
	for name, tc := range map[string]struct {
		lon, lat float64
		code     string
		says     string
	}{
		"swapped":      {31.4, 121, ingest.CodeSwapped, "exchanged"},
		"outside":      {121.2, 31.4, ingest.CodeOutsideCity, "9491 m outside"},
		"off globe":    {121, 131.4, ingest.CodeOutOfRange, "not on the globe"},
		"not a number": {math.NaN(), 31.4, ingest.CodeNotFinite, "not finite"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := c.Gate.Positions(t.Context(), "/test", "", []cim.Position{{Unit: "u-1", Lon: tc.lon, Lat: tc.lat}})
			if p := one(t, a, err); p.Code != tc.code || !strings.Contains(p.Message, tc.says) {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestADeviceThatComesBackByTheGCJ02OffsetIsRefused(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1")
	gcj := geo.ToGCJ02(orb.Point{121, 31.4})
	moved := cim.Device{ID: "air-1", Name: "站", Kind: "air", Lon: gcj[0], Lat: gcj[1]}
	a, err := c.Gate.Devices(t.Context(), "/test", "", []cim.Device{moved})
	if p := one(t, a, err); p.Code != ingest.CodeGCJ02 || !strings.Contains(p.Expected, "121.0000") {
		t.Errorf("got %+v", p)
	}
	moved.Lon += 0.002 // a place of its own
	a, err = c.Gate.Devices(t.Context(), "/test", "", []cim.Device{moved})
	taken(t, 1, a, err)
}

func TestAUnitThatJumpsByTheGCJ02OffsetIsRefused(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "u-1")
	now := c.Clock.Now()
	a, err := c.Gate.Positions(t.Context(), "/test", "", []cim.Position{{Unit: "u-1", Time: now.Add(-3 * time.Second), Lon: 121, Lat: 31.4}})
	taken(t, 1, a, err)
	c.Until(t, "the unit is there", func(r cim.Reader) bool { u, ok := r.Unit("u-1"); return ok && !u.Position.Time.IsZero() })
	gcj := geo.ToGCJ02(orb.Point{121, 31.4})
	a, err = c.Gate.Positions(t.Context(), "/test", "", []cim.Position{{Unit: "u-1", Time: now, Lon: gcj[0], Lat: gcj[1]}})
	if p := one(t, a, err); p.Code != ingest.CodeGCJ02 {
		t.Errorf("got %+v", p)
	}
	a, err = c.Gate.Positions(t.Context(), "/test", "", []cim.Position{{Unit: "u-1", Time: now, Lon: 121.0004, Lat: 31.4}})
	taken(t, 1, a, err)
}

func TestAHundredThousandPointsOutsideTheCityAreCountedAndAFewSpelledOut(t *testing.T) {
	c := ingesttest.Start(t)
	c.Units(t, "u-1")
	before, err := c.Broker.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var sum ingest.Accepted
	ps := make([]cim.Position, ingest.MaxBatch)
	for i := range ps {
		ps[i] = cim.Position{Unit: "u-1", Lon: 100 + float64(i)/1000, Lat: 20}
	}
	for from := 0; from < 100_000; from += len(ps) {
		a, err := c.Gate.Positions(t.Context(), "/test", "", ps)
		if err != nil {
			t.Fatal(err)
		}
		sum.Merge(a, from)
	}
	if sum.Accepted != 0 || sum.Rejected != 100_000 || len(sum.Problems) != ingest.MaxProblems {
		t.Errorf("accepted %d, rejected %d, %d problems", sum.Accepted, sum.Rejected, len(sum.Problems))
	}
	if after, err := c.Broker.Last(t.Context()); err != nil || after != before {
		t.Errorf("the stream grew from %d to %d, %v", before, after, err)
	}
}

func TestABatchOverTheLimitIsRefusedWhole(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1")
	a, err := c.Gate.Observations(t.Context(), "/test", "", make([]cim.Observation, ingest.MaxBatch+1))
	if err != nil || a.Accepted != 0 || a.Rejected != ingest.MaxBatch+1 || a.Problems[0].Code != ingest.CodeTooMany {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestABatchTooLargeForOneEventIsSplit(t *testing.T) {
	c := ingesttest.Start(t)
	before, err := c.Broker.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := make([]cim.Indicator, 9000)
	for i := range in {
		in[i] = cim.Indicator{Feed: "f", Key: fmt.Sprint("k", i), Name: strings.Repeat("指", 190),
			Lon: 120.91 + float64(i%100)*0.0018, Lat: 31.31 + float64(i/100)*0.002, Value: 1}
	}
	a, err := c.Gate.Indicators(t.Context(), "/test", "big", in)
	taken(t, len(in), a, err)
	after, err := c.Broker.Last(t.Context())
	if err != nil || after-before < 2 {
		t.Errorf("the stream grew by %d events, %v", after-before, err)
	}
	a, err = c.Gate.Indicators(t.Context(), "/test", "big", in)
	taken(t, len(in), a, err)
}

func TestAStreamThatIsFullIsAnErrorAndNotAnAnswer(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1")
	gate := ingest.NewGate(c.Snapshot, full{}, c.Clock.Now)
	a, err := gate.Observations(t.Context(), "/test", "", []cim.Observation{{Device: "air-1", Property: "pm2_5", Value: 1}})
	if !errors.Is(err, streams.ErrFull) || a.Accepted != 0 {
		t.Errorf("got %+v, %v", a, err)
	}
}

// full is a stream on a full disk.
type full struct{}

func (full) Publish(context.Context, streams.Event, streams.Durability) error { return streams.ErrFull }
