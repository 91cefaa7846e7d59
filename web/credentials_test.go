package web

import (
	"fmt"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

const thermometer = `{"devices":[{"id":"t-1","name":"温度","kind":"air","lon":120.9,"lat":31.38,"datastreams":[{"property":"pm2_5","unit":"ug/m3"}]}]}`

func TestANewDeviceGetsAPasswordOnceAndSignsInWithItAlsoAfterARestart(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	given := credentialsOf(t, w.expect("POST", "/api/v1/devices", thermometer, 200))
	if len(given) != 1 || given["t-1"] == "" {
		t.Fatalf("a new device got %v", given)
	}
	if again := credentialsOf(t, w.expect("POST", "/api/v1/devices", thermometer, 200)); len(again) != 0 {
		t.Errorf("the second registration tells passwords: %v", again)
	}
	if err := w.signIn("t-1", given["t-1"]); err != nil {
		t.Errorf("the new device cannot sign in: %v", err)
	}
	if w.signIn("t-1", "wrong") == nil || w.signIn("t-1", "") == nil || w.signIn("t-2", given["t-1"]) == nil {
		t.Error("somebody else can sign in")
	}
	w.awaitEnd()
	renewed := w.expect("POST", "/api/v1/credentials/t-1", "", 200).json(t)["password"].(string)
	if w.signIn("t-1", given["t-1"]) == nil {
		t.Error("the old password is still good")
	}
	w.expect("POST", "/api/v1/credentials/nobody", "", 404)

	w.stop()
	w = newTown(t, townOptions{dir: w.dir})
	if err := w.signIn("t-1", renewed); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

func TestARefusedDeviceGetsNoPassword(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	r := w.expect("POST", "/api/v1/devices", `{"devices":[
		{"id":"far","name":"远","kind":"air","lon":10,"lat":10,"datastreams":[{"property":"pm2_5","unit":"ug/m3"}]},
		{"id":"near","name":"近","kind":"air","lon":120.9,"lat":31.38,"datastreams":[{"property":"pm2_5","unit":"ug/m3"}]}]}`, 200)
	if given := credentialsOf(t, r); len(given) != 1 || given["near"] == "" {
		t.Errorf("passwords for %v: %s", given, r.body)
	}
}

func credentialsOf(t *testing.T, r reply) map[string]string {
	t.Helper()
	list, ok := r.json(t)["credentials"].([]any)
	if !ok {
		t.Fatalf("no list of credentials: %s", r.body)
	}
	out := map[string]string{}
	for _, c := range list {
		m := c.(map[string]any)
		out[m["id"].(string)] = m["password"].(string)
	}
	return out
}

// signIn connects as a device does.
func (w *town) signIn(id, password string) error {
	w.t.Helper()
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + w.broker.MQTTAddr()).SetClientID(id).
		SetUsername(id).SetPassword(password).SetConnectTimeout(5 * time.Second).SetConnectRetry(false).SetAutoReconnect(false))
	token := c.Connect()
	if !token.WaitTimeout(10 * time.Second) {
		return fmt.Errorf("no answer to %s", id)
	}
	defer c.Disconnect(0)
	return token.Error()
}
