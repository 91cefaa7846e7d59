package streams

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

func TestADeviceThatLosesItsPasswordIsCutOffAndWhatItHasQueuedIsRefused(t *testing.T) {
	var revoked atomic.Bool
	b := open(t, Options{MQTT: "127.0.0.1:0", Credentials: func(id, password string) bool {
		return knows(id, password) && (id != "dev" || !revoked.Load())
	}})
	lost, again := make(chan error, 1), make(chan struct{}, 100)
	// A device that comes back by itself, with what it could not send.
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + b.MQTTAddr()).SetClientID("dev").SetUsername("dev").
		SetPassword("pw-dev").SetCleanSession(false).SetAutoReconnect(true).SetMaxReconnectInterval(20 * time.Millisecond).
		SetConnectionLostHandler(func(_ mqtt.Client, err error) { lost <- err }).
		SetReconnectingHandler(func(mqtt.Client, *mqtt.ClientOptions) {
			select {
			case again <- struct{}{}:
			default:
			}
		}))
	if tok := c.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatal("cannot sign in:", tok.Error())
	}
	t.Cleanup(func() { c.Disconnect(0) })
	other := device(t, b, "other")
	if err := say(c, "onecity/v1/dev/telemetry", 1, []byte("before")); err != nil {
		t.Fatal(err)
	}

	revoked.Store(true)
	n, err := b.Disconnect("dev")
	if err != nil || n != 1 {
		t.Fatalf("cut %d sessions: %v", n, err)
	}
	select {
	case <-lost:
	case <-time.After(10 * time.Second):
		t.Fatal("the session goes on")
	}
	queued := c.Publish("onecity/v1/dev/telemetry", 1, false, []byte("after"))
	for range 3 { // it tries again and again, and is not let in
		select {
		case <-again:
		case <-time.After(10 * time.Second):
			t.Fatal("the device does not try again, or is let in")
		}
	}
	if c.IsConnectionOpen() {
		t.Error("the device is let in again")
	}
	select {
	case <-queued.Done():
		if queued.Error() == nil {
			t.Error("what was published after the cut was acknowledged")
		}
	default:
	}
	if err := say(other, "onecity/v1/other/telemetry", 1, []byte("still here")); err != nil {
		t.Errorf("another device was cut off too: %v", err)
	}
	for _, m := range heard(t, b, 2) {
		if string(m.Body) == "after" {
			t.Error("what was published after the cut is in the stream")
		}
	}
	if n, err := b.Disconnect(insider); n != 0 || err != nil {
		t.Errorf("the program's own connection: %d, %v", n, err)
	}
}

func TestNothingOfAnExternalServerIsCut(t *testing.T) {
	if _, err := (&Broker{}).Disconnect("dev"); !errors.Is(err, ErrExternal) {
		t.Errorf("%v", err)
	}
}

func TestDevicesSpeakTLSToABrokerThatHasACertificate(t *testing.T) {
	web := httptest.NewUnstartedServer(http.NotFoundHandler()) // for its certificate
	web.StartTLS()
	defer web.Close()
	b := open(t, Options{MQTT: "127.0.0.1:0", Credentials: knows, MQTTTLS: &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}})
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	connect := func(url string, cfg *tls.Config) (mqtt.Client, error) {
		c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(url).SetClientID("dev").SetUsername("dev").SetPassword("pw-dev").
			SetTLSConfig(cfg).SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(2 * time.Second))
		tok := c.Connect()
		if !tok.WaitTimeout(20 * time.Second) {
			return nil, context.DeadlineExceeded
		}
		return c, tok.Error()
	}
	c, err := connect("ssl://"+b.MQTTAddr(), &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Disconnect(0)
	if err := say(c, "onecity/v1/dev/telemetry", 1, []byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := connect("ssl://"+b.MQTTAddr(), &tls.Config{}); err == nil {
		t.Error("a device that does not know the CA trusts it")
	}
	if _, err := connect("tcp://"+b.MQTTAddr(), nil); err == nil {
		t.Error("a device may speak in the clear")
	}
}
