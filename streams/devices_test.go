package streams

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"onecity/internal/need"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// knows lets in devices whose password is "pw-" and their id.
func knows(id, password string) bool { return password == "pw-"+id }

func openMQTT(t testing.TB) *Broker {
	return open(t, Options{MQTT: "127.0.0.1:0", Credentials: knows})
}

// device signs in as id.
func device(t testing.TB, b *Broker, id string) mqtt.Client {
	t.Helper()
	c, err := signIn(b.MQTTAddr(), id, "pw-"+id)
	if err != nil {
		t.Fatalf("device %s: %v", id, err)
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}

func signIn(addr, id, password string) (mqtt.Client, error) {
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + addr).
		SetClientID(id).SetUsername(id).SetPassword(password).
		SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(5 * time.Second))
	tok := c.Connect()
	if !tok.WaitTimeout(10 * time.Second) {
		return nil, errors.New("no answer")
	}
	return c, tok.Error()
}

// say publishes and waits for PUBACK (QoS 1).
func say(c mqtt.Client, topic string, qos byte, body []byte) error {
	tok := c.Publish(topic, qos, false, body)
	if !tok.WaitTimeout(10 * time.Second) {
		return errors.New("no PUBACK")
	}
	return tok.Error()
}

// heard collects what n device messages say, as "device topic body".
func heard(t testing.TB, b *Broker, n int) (ms []DeviceMessage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := b.ConsumeDevices(ctx, 100, func(batch []DeviceMessage) error {
		for _, m := range batch {
			m.Body = append([]byte(nil), m.Body...)
			ms = append(ms, m)
		}
		if len(ms) >= n {
			cancel()
		}
		return nil
	})
	if len(ms) < n {
		t.Fatalf("heard %d of %d messages: %v", len(ms), n, err)
	}
	return ms
}

func TestWhatADeviceSaysIsHeard(t *testing.T) {
	b := openMQTT(t)
	c := device(t, b, "dev:17_a-B")
	if err := say(c, "onecity/v1/dev:17_a-B/telemetry", 1, []byte(`{"values":{"pm2_5":1}}`)); err != nil {
		t.Fatal(err)
	}
	m := heard(t, b, 1)[0]
	if m.Device != "dev:17_a-B" || m.Topic != "telemetry" || string(m.Body) != `{"values":{"pm2_5":1}}` || m.Seq != 1 || m.At.IsZero() {
		t.Errorf("heard %+v", m)
	}
}

func TestWhatWasSaidBeforeAnybodyListenedIsKept(t *testing.T) {
	dir := t.TempDir()
	o := Options{Dir: dir, MQTT: "127.0.0.1:0", Credentials: knows}
	b := open(t, o)
	c := device(t, b, "dev")
	for i := range 50 {
		if err := say(c, "onecity/v1/dev/telemetry", 1, fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, o)
	seen := map[string]bool{}
	for _, m := range heard(t, b, 50) {
		seen[string(m.Body)] = true
	}
	if len(seen) != 50 {
		t.Errorf("%d different messages after the restart, want 50", len(seen))
	}
}

func TestWhatIsNotTakenIsHandedOverAgain(t *testing.T) {
	b := openMQTT(t)
	c := device(t, b, "dev")
	if err := say(c, "onecity/v1/dev/telemetry", 1, []byte("x")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var times int
	_ = b.ConsumeDevices(ctx, 10, func(ms []DeviceMessage) error {
		if times++; times < 3 {
			return errors.New("the stream is full")
		}
		cancel()
		return nil
	})
	if times != 3 {
		t.Errorf("handed over %d times, want 3", times)
	}
}

func TestQoS0IsHeardToo(t *testing.T) {
	b := openMQTT(t)
	c := device(t, b, "dev")
	if err := say(c, "onecity/v1/dev/telemetry", 0, []byte("zero")); err != nil {
		t.Fatal(err)
	}
	if err := say(c, "onecity/v1/dev/telemetry", 1, []byte("one")); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, m := range heard(t, b, 2) {
		got[string(m.Body)]++
	}
	if got["zero"] != 1 || got["one"] != 1 {
		t.Errorf("heard %v, want each once", got)
	}
}

func TestADeviceMaySpeakOnlyAsItself(t *testing.T) {
	b := openMQTT(t)
	bad, good := device(t, b, "bad"), device(t, b, "good")
	for _, topic := range []string{
		"onecity/v1/good/telemetry", "onecity/v1/bad2/telemetry", "onecity/v1/telemetry",
		"city/observations", "$JS/API/STREAM/DELETE/CITY", "$MQTT/msgs/onecity/v1/good/telemetry", "dead/letter",
	} {
		// MQTT 3.1.1 knows no refusal: PUBACK or the end of the connection
		// (3.3.5). What counts is that nobody hears it.
		if err := say(bad, topic, 1, []byte("false")); err != nil && bad.IsConnected() {
			t.Errorf("%s: %v", topic, err)
		}
		if !bad.IsConnected() {
			bad = device(t, b, "bad")
		}
	}
	if err := say(good, "onecity/v1/good/telemetry", 1, []byte("true")); err != nil {
		t.Fatal(err)
	}
	for _, m := range heard(t, b, 1) {
		if string(m.Body) != "true" {
			t.Errorf("heard %+v", m)
		}
	}
	if last, err := b.Last(t.Context()); err != nil || last != 0 {
		t.Errorf("CITY is at %d (%v), a device wrote into it", last, err)
	}
}

func TestADeviceHearsNothingOfOthers(t *testing.T) {
	b := openMQTT(t)
	c := device(t, b, "nosy")
	for _, filter := range []string{"#", "onecity/v1/other/telemetry", "onecity/#", "city/#"} {
		tok := c.Subscribe(filter, 1, nil)
		if !tok.WaitTimeout(10 * time.Second) {
			t.Fatalf("no answer to subscribing %s", filter)
		}
		if granted := tok.(*mqtt.SubscribeToken).Result()[filter]; granted != 0x80 {
			t.Errorf("subscribing %s was granted with %d", filter, granted)
		}
	}
}

func TestAStrangerIsNotLetIn(t *testing.T) {
	b := openMQTT(t)
	for _, who := range []struct{ id, password string }{
		{"dev", "wrong"}, {"dev", ""}, {"a.b", "pw-a.b"}, {"a/b", "pw-a/b"}, {"+", "pw-+"}, {"#", "pw-#"}, {">", "pw->"}, {"*", "pw-*"},
		{"", ""}, {strings.Repeat("x", 65), "pw-" + strings.Repeat("x", 65)}, {insider, ""}, {insider, "pw-" + insider},
	} {
		if c, err := signIn(b.MQTTAddr(), who.id, who.password); err == nil {
			c.Disconnect(0)
			t.Errorf("%q with %q was let in", who.id, who.password)
		}
	}
	device(t, b, strings.Repeat("x", 64))
}

func TestAHugePayloadIsRefusedAndHarmsNobody(t *testing.T) {
	b := openMQTT(t)
	huge, other := device(t, b, "huge"), device(t, b, "other")
	if err := say(huge, "onecity/v1/huge/telemetry", 1, make([]byte, 10<<20)); err == nil {
		t.Error("10 MB were acknowledged")
	}
	if err := say(other, "onecity/v1/other/telemetry", 1, []byte("fine")); err != nil {
		t.Errorf("another device: %v", err)
	}
	if ms := heard(t, b, 1); len(ms) != 1 || ms[0].Device != "other" {
		t.Errorf("heard %d messages, the first of %s", len(ms), ms[0].Device)
	}
}

//nolint:misspell // mosquitto is the name of a program
func TestMosquittoPubFromDebianIsHeard(t *testing.T) {
	pub := need.Program(t, "mosquitto_pub", "mosquitto-clients")
	b := openMQTT(t)
	host, port, err := net.SplitHostPort(b.MQTTAddr())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), pub, "-h", host, "-p", port, "-V", "mqttv311", "-q", "1",
		"-u", "dev-1", "-P", "pw-dev-1", "-i", "dev-1", "-t", "onecity/v1/dev-1/telemetry", "-m", `{"values":{"noise":55}}`).CombinedOutput()
	if err != nil {
		t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
	if m := heard(t, b, 1)[0]; m.Device != "dev-1" || string(m.Body) != `{"values":{"noise":55}}` {
		t.Errorf("heard %+v", m)
	}
}
