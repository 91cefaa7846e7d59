package web

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/gov/identity/access/accesstest"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/gorilla/websocket"
)

// localOr is everybody, but for those who show a device's password and for the
// administrator of one district.
func localOr(w **town) Who {
	return func(r *http.Request) (Caller, error) {
		if id, password, ok := r.BasicAuth(); ok {
			if !(*w).secrets.Check(id, password) {
				return Caller{}, errCredentials
			}
			return Caller{ID: "device:" + id, Device: id}, nil
		}
		if r.Header.Get("X-District") != "" {
			const id = "person:district"
			return Caller{ID: id, Scope: cim.Whole(), Rights: accesstest.Holding(id,
				access.Binding{ID: "1", Role: "steward", On: access.Node{Axis: access.ByRegion, Code: r.Header.Get("X-District")}})}, nil
		}
		return everybody(r)
	}
}

func TestARevokedPasswordEndsEverythingThatWasBegunWithIt(t *testing.T) {
	var w *town
	w = newTown(t, townOptions{who: localOr(&w)})
	w.settle()
	device := w.expect("POST", "/api/v1/credentials/west", `{"why":"遗失"}`, 200).json(t)["password"].(string)
	unit := w.expect("POST", "/api/v1/credentials/car-1", "", 200).json(t)["password"].(string)

	lost := make(chan struct{})
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + w.broker.MQTTAddr()).SetClientID("west").SetUsername("west").
		SetPassword(device).SetAutoReconnect(false).SetConnectTimeout(5 * time.Second).
		SetConnectionLostHandler(func(mqtt.Client, error) { close(lost) }))
	if tok := c.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	defer c.Disconnect(0)
	basic := func(id, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+password))
	}
	line, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(w.url, "http")+"/ws/units/car-1",
		http.Header{"Authorization": {basic("car-1", unit)}})
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()

	w.expect("DELETE", "/api/v1/credentials/west?why=lost", "", 204)
	w.expect("DELETE", "/api/v1/credentials/car-1", "", 204)
	select {
	case <-lost:
	case <-time.After(10 * time.Second):
		t.Error("the device's MQTT session goes on")
	}
	_ = line.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, _, err := line.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("the unit's line: %v", err)
	}
	if w.signIn("west", device) == nil {
		t.Error("the device signs in again")
	}
	w.expect("POST", "/api/v1/observations", `[]`, 401, "Authorization", basic("west", device))
	w.expect("DELETE", "/api/v1/credentials/west", "", 204) // once more changes nothing

	renewed := w.expect("POST", "/api/v1/credentials/west", "", 200).json(t)["password"].(string)
	if err := w.signIn("west", renewed); err != nil {
		t.Errorf("a new password after the revocation: %v", err)
	}
}

func TestCredentialsAreListedAndHandledWithinTheRegionOfOnesRights(t *testing.T) {
	var w *town
	w = newTown(t, townOptions{who: localOr(&w)})
	w.settle()
	w.expect("DELETE", "/api/v1/credentials/east", "", 204)
	list := func(query string, headers ...string) string {
		t.Helper()
		var out []string
		for after := ""; ; {
			page := w.expect("GET", "/api/v1/credentials?limit=1&after="+after+query, "", 200, headers...).json(t)
			for _, i := range page["items"].([]any) {
				m := i.(map[string]any)
				has := "-"
				if m["has"].(bool) {
					has = "+"
				}
				out = append(out, m["kind"].(string)+" "+m["id"].(string)+has)
			}
			next, more := page["next"].(string)
			if !more {
				return strings.Join(out, ", ")
			}
			after = next
		}
	}
	for query, want := range map[string]string{
		"":                      "unit car-1+, device east-, device west+",
		"&kind=device":          "device east-, device west+",
		"&has=no":               "device east-",
		"&q=%E5%B7%A1%E6%9F%A5": "unit car-1+",
		"&q=WEST":               "device west+",
		"&region=320583100":     "device west+",
	} {
		if got := list(query); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	district := []string{"X-District", "320583100"}
	if got := list("", district...); got != "device west+" {
		t.Errorf("the steward of 玉山镇 is shown %s", got)
	}
	w.expect("POST", "/api/v1/credentials/west", "", 200, district...)
	w.expect("POST", "/api/v1/credentials/east", "", 404, district...)
	w.expect("DELETE", "/api/v1/credentials/east", "", 404, district...)
	w.expect("DELETE", "/api/v1/credentials/nobody", "", 404)
}
