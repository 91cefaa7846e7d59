package mqtt_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/ingest"
	"onecity/ingest/ingesttest"
	"onecity/ingest/mqtt"
	"onecity/internal/need"

	paho "github.com/eclipse/paho.mqtt.golang"
)

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// start is a city whose device messages are moved.
func start(t *testing.T) *ingesttest.City {
	t.Helper()
	c := ingesttest.Start(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := mqtt.Run(ctx, c.Broker, c.Gate); ctx.Err() == nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	return c
}

func connect(t *testing.T, c *ingesttest.City, id string) paho.Client {
	t.Helper()
	o := paho.NewClientOptions().AddBroker("tcp://" + c.Broker.MQTTAddr()).SetClientID(id).SetUsername(id).SetPassword(id).
		SetAutoReconnect(false).SetConnectTimeout(10 * time.Second)
	client := paho.NewClient(o)
	if tok := client.Connect(); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatal("connect: ", tok.Error())
	}
	t.Cleanup(func() { client.Disconnect(50) })
	return client
}

func publish(t *testing.T, client paho.Client, topic, body string) {
	t.Helper()
	if tok := client.Publish(topic, 1, false, body); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatal("publish: ", tok.Error())
	}
}

func TestAReadingPublishedWithMosquittoArrivesInTheCity(t *testing.T) {
	program := need.Program(t, "mosquitto_pub", "mosquitto-clients")
	c := start(t)
	c.Devices(t, "air-1")
	host, port, err := net.SplitHostPort(c.Broker.MQTTAddr())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "-h", host, "-p", port, "-u", "air-1", "-P", "air-1", "-i", "air-1",
		"-q", "1", "-t", "onecity/v1/air-1/telemetry", "-m", `{"values":{"pm2_5":12.3}}`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c.Until(t, "12.3 is in the city", func(cim.Reader) bool {
		v, ok := c.Value("air-1", "pm2_5")
		return ok && v == 12.3
	})
}

func TestReadingsAndPositionsArriveInTheCity(t *testing.T) {
	c := start(t)
	c.Devices(t, "air-1")
	c.Units(t, "car-1")
	publish(t, connect(t, c, "air-1"), "onecity/v1/air-1/telemetry", `[{"property":"temperature","value":68,"unit":"[degF]"}]`)
	publish(t, connect(t, c, "car-1"), "onecity/v1/car-1/position", `{"lon":121.01,"lat":31.41,"speed":8,"status":"moving"}`)
	c.Until(t, "the temperature is there", func(cim.Reader) bool {
		v, ok := c.Value("air-1", "temperature")
		return ok && v > 19.99 && v < 20.01
	})
	c.Until(t, "the unit is there", func(r cim.Reader) bool {
		u, ok := r.Unit("car-1")
		return ok && u.Position.Lon == 121.01 && u.Position.Status == "moving"
	})
}

func TestADevicePublishingAsAnotherGetsNowhere(t *testing.T) {
	c := start(t)
	c.Devices(t, "air-1", "air-2")
	client := connect(t, c, "air-1")
	// The broker may take the message and drop it, or end the line: both are
	// refusals, and MQTT 3.1.1 has no other way to say so.
	client.Publish("onecity/v1/air-2/telemetry", 1, false, `{"values":{"pm2_5":666}}`).WaitTimeout(2 * time.Second)
	publish(t, connect(t, c, "air-2"), "onecity/v1/air-2/telemetry", `{"values":{"pm10":1}}`)
	c.Until(t, "air-2's own reading is there", func(cim.Reader) bool {
		_, ok := c.Value("air-2", "pm10")
		return ok
	})
	if v, ok := c.Value("air-2", "pm2_5"); ok {
		t.Errorf("air-2 says %v, which air-1 said", v)
	}
}

func TestWhatIsWrongWithAMessageIsADeadLetter(t *testing.T) {
	c := start(t)
	c.Devices(t, "air-1")
	now := c.Clock.Now()
	client := connect(t, c, "air-1")
	ghost := connect(t, c, "ghost")
	publish(t, ghost, "onecity/v1/ghost/telemetry", `{"values":{"pm2_5":1}}`)
	for _, body := range []string{
		`{"values":{"pm2_5":NaN}}`,
		`not json`,
		`{"values":{"pm2_5":1},"time":"` + now.Add(24*time.Hour).Format(time.RFC3339) + `"}`,
		`{"values":{"pm2_5":7,"pm10":-5}}`,
	} {
		publish(t, client, "onecity/v1/air-1/telemetry", body)
	}
	publish(t, client, "onecity/v1/air-1/poem", `{}`)
	want := []string{ingest.CodeUnknownDevice, ingest.CodeNotFinite, ingest.CodeMalformed, ingest.CodeFutureTime, ingest.CodeOutOfRange, ingest.CodeMalformed}
	ingesttest.Eventually(t, "six dead letters", func() bool { return len(c.DeadLetters(t)) == len(want) })
	codes := map[string]int{}
	for _, l := range c.DeadLetters(t) {
		var ps []ingest.Problem
		if err := json.Unmarshal(l.Why, &ps); err != nil || len(ps) != 1 || l.Way != "mqtt" {
			t.Fatalf("%s: %v", l.Why, err)
		}
		codes[ps[0].Code]++
		if ps[0].Code == ingest.CodeOutOfRange && ps[0].Field != "/pm10/value" {
			t.Errorf("got %+v", ps[0])
		}
	}
	for _, code := range want {
		if codes[code] == 0 {
			t.Errorf("no letter says %s: %v", code, codes)
		}
	}
	// The good half of the message with two values went in.
	c.Until(t, "pm2_5 is 7", func(cim.Reader) bool { v, _ := c.Value("air-1", "pm2_5"); return v == 7 })
}

func TestAMendedDeadLetterIsTaken(t *testing.T) {
	c := start(t)
	c.Devices(t, "air-1")
	publish(t, connect(t, c, "air-1"), "onecity/v1/air-1/telemetry", `{"values":{"pm2_5":"12"}}`)
	ingesttest.Eventually(t, "a dead letter", func() bool { return len(c.DeadLetters(t)) == 1 })
	letter := c.DeadLetters(t)[0]
	a, err := mqtt.Resend(t.Context(), c.Gate, letter, nil)
	if err != nil || a.Rejected != 1 {
		t.Fatalf("as it was: %+v, %v", a, err)
	}
	a, err = mqtt.Resend(t.Context(), c.Gate, letter, []byte(`{"values":{"pm2_5":12}}`))
	if err != nil || a.Accepted != 1 || a.Rejected != 0 {
		t.Fatalf("mended: %+v, %v", a, err)
	}
	c.Until(t, "12 is there", func(cim.Reader) bool { v, _ := c.Value("air-1", "pm2_5"); return v == 12 })
}

func TestAMessageOfTenMegabytesDoesNoHarm(t *testing.T) {
	c := start(t)
	c.Devices(t, "air-1")
	big := connect(t, c, "air-1")
	big.Publish("onecity/v1/air-1/telemetry", 1, false, bytes.Repeat([]byte("x"), 10<<20)).WaitTimeout(5 * time.Second)
	publish(t, connect(t, c, "air-1"), "onecity/v1/air-1/telemetry", `{"values":{"pm2_5":3}}`)
	c.Until(t, "the next reading is there", func(cim.Reader) bool { v, ok := c.Value("air-1", "pm2_5"); return ok && v == 3 })
	for _, l := range c.DeadLetters(t) {
		if len(l.Body) > mqtt.MaxBody {
			t.Errorf("a dead letter of %d bytes", len(l.Body))
		}
	}
}

func TestTheSameReadingTwiceCountsOnce(t *testing.T) {
	c := start(t)
	c.Devices(t, "air-1")
	client := connect(t, c, "air-1")
	body := fmt.Sprintf(`{"time":%q,"values":{"pm2_5":5}}`, c.Clock.Now().Format(time.RFC3339Nano))
	for range 3 {
		publish(t, client, "onecity/v1/air-1/telemetry", body)
	}
	publish(t, client, "onecity/v1/air-1/telemetry", `{"values":{"pm10":1}}`)
	c.Until(t, "the last one is there", func(cim.Reader) bool { _, ok := c.Value("air-1", "pm10"); return ok })
	if n := c.Read().Tally("320583").Observations.Total; n != 2 {
		t.Errorf("the city counts %d observations, want 2", n)
	}
}

func TestManyMessagesAreFewEvents(t *testing.T) {
	c := ingesttest.Start(t)
	c.Devices(t, "air-1")
	client := connect(t, c, "air-1")
	before, err := c.Broker.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const n = 500
	base := c.Clock.Now().Add(-time.Hour)
	var last paho.Token
	for i := range n {
		last = client.Publish("onecity/v1/air-1/telemetry", 1, false,
			fmt.Sprintf(`{"time":%q,"values":{"pm2_5":%d}}`, base.Add(time.Duration(i)*time.Second).Format(time.RFC3339), i%100))
	}
	if !last.WaitTimeout(20*time.Second) || last.Error() != nil {
		t.Fatal(last.Error())
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- mqtt.Run(ctx, c.Broker, c.Gate) }()
	c.Until(t, "all are counted", func(r cim.Reader) bool { return r.Tally("320583").Observations.Total == n })
	stop()
	<-ended
	after, err := c.Broker.Last(context.WithoutCancel(t.Context()))
	if err != nil || after-before > n/5 {
		t.Errorf("%d messages became %d events, %v", n, after-before, err)
	}
}

func TestALetterNamesTheDeviceAndTheTopic(t *testing.T) {
	c := start(t)
	publish(t, connect(t, c, "ghost"), "onecity/v1/ghost/position", `{"lon":121,"lat":31.4}`)
	ingesttest.Eventually(t, "a dead letter", func() bool { return len(c.DeadLetters(t)) == 1 })
	l := c.DeadLetters(t)[0]
	if l.Source != "ghost/position" || !strings.Contains(string(l.Why), ingest.CodeUnknownUnit) || string(l.Body) != `{"lon":121,"lat":31.4}` {
		t.Errorf("got %+v", l)
	}
}
