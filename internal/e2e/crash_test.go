//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// Whatever the program said yes to is there once after kill -9, three times
// over, while observations come in over HTTP and MQTT and incidents over
// Open311.
func TestKillInMidIngestLosesNothingAndRepeatsNothing(t *testing.T) {
	p := newProgram(t, "--city", "kunshan")
	p.start()
	passwords := p.register(20)
	began := time.Now().Add(-12 * time.Hour).Truncate(time.Second)
	book := newLedger()

	stop := make(chan struct{})
	var senders sync.WaitGroup
	for i := range 10 {
		device := fmt.Sprintf("t-%03d", i)
		senders.Go(func() { sendOverHTTP(p, device, began, book, stop) })
	}
	for i := range 4 {
		device := fmt.Sprintf("t-%03d", 10+i)
		senders.Go(func() { sendOverMQTT(p, device, passwords[device], began, book, stop) })
	}
	senders.Go(func() { sendReports(p, book, stop) })

	random := rand.New(rand.NewPCG(7, 11))
	for range 3 {
		before, _ := book.size()
		eventually(t, 60*time.Second, "readings are coming in", func() error {
			if n, _ := book.size(); n < before+300 {
				return fmt.Errorf("%d accepted", n-before)
			}
			return nil
		})
		time.Sleep(time.Duration(random.IntN(700)) * time.Millisecond) // any moment will do
		p.kill()
		p.start()
	}
	close(stop)
	senders.Wait()
	readings, incidents := book.size()
	t.Logf("%d readings and %d incidents were accepted across 3 kills", readings, incidents)
	if incidents == 0 {
		t.Error("no incident was accepted at all")
	}
	book.check(t, p, began, time.Now().Add(time.Hour))
}

// sendOverHTTP sends one reading after another, each with a second of its own;
// what was not answered is sent again, as a careful sender does.
func sendOverHTTP(p *program, device string, from time.Time, book *ledger, stop <-chan struct{}) {
	for i := 0; ; i++ {
		at, value := from.Add(time.Duration(i)*time.Second), float64(i%40)
		body := map[string]any{"id": fmt.Sprintf("%s-%d", device, i), "observations": []map[string]any{
			{"device": device, "property": "temperature", "time": at.Format(time.RFC3339), "value": value},
		}}
		for {
			select {
			case <-stop:
				return
			default:
			}
			status, _, err := p.post("/api/v1/observations", body)
			if err == nil && status == http.StatusOK {
				book.accepted(device, at, value)
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// sendOverMQTT does the same over MQTT with QoS 1. It makes a new client after
// every failure: one that reconnects by itself calls a message that it sends
// again done before the PUBACK has come.
func sendOverMQTT(p *program, device, password string, from time.Time, book *ledger, stop <-chan struct{}) {
	options := mqtt.NewClientOptions().AddBroker("tcp://" + p.mqtt).SetClientID(device).SetUsername(device).SetPassword(password).
		SetAutoReconnect(false).SetConnectTimeout(2 * time.Second)
	client := mqtt.NewClient(options)
	defer func() { client.Disconnect(100) }()
	for i := 0; ; i++ {
		at, value := from.Add(time.Duration(i)*time.Second), float64(i%40)
		body := fmt.Sprintf(`{"property":"temperature","time":%q,"value":%g}`, at.Format(time.RFC3339), value)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if !client.IsConnectionOpen() {
				client.Disconnect(0)
				client = mqtt.NewClient(options)
				if token := client.Connect(); !token.WaitTimeout(3*time.Second) || token.Error() != nil {
					time.Sleep(50 * time.Millisecond)
					continue
				}
			}
			token := client.Publish("onecity/v1/"+device+"/telemetry", 1, false, body)
			if token.WaitTimeout(3*time.Second) && token.Error() == nil {
				book.accepted(device, at, value)
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// sendReports sends incidents over Open311, each until it is taken.
func sendReports(p *program, book *ledger, stop <-chan struct{}) {
	code, err := firstService(p)
	if err != nil {
		p.t.Errorf("ask for services: %v", err)
		return
	}
	for i := 0; ; i++ {
		form := url.Values{"service_code": {code}, "lat": {"31.38"}, "long": {"120.96"}, "description": {fmt.Sprintf("路灯不亮 %d", i)}}
		for {
			select {
			case <-stop:
				return
			case <-time.After(30 * time.Millisecond):
			}
			if id, err := report(p, form, fmt.Sprintf("report-%d", i)); err == nil {
				book.reported(id)
				break
			}
		}
	}
}

func firstService(p *program) (string, error) {
	var services []struct {
		Code string `json:"service_code"`
	}
	if status, err := p.get("/open311/v2/services.json", &services); err != nil || len(services) == 0 {
		return "", fmt.Errorf("services: %d %w", status, err)
	}
	return services[0].Code, nil
}

func report(p *program, form url.Values, key string) (string, error) {
	req, err := http.NewRequest(http.MethodPost, p.url+"/open311/v2/requests.json", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Idempotency-Key", key)
	res, err := p.client().Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode >= 300 {
		return "", fmt.Errorf("%s: %s", res.Status, body)
	}
	var answer []struct {
		ID string `json:"service_request_id"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer) != 1 {
		return "", fmt.Errorf("answer %s: %w", body, err)
	}
	return answer[0].ID, nil
}
