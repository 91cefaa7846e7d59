package streams

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets the test binary be the program that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("ONECITY_TEST_VICTIM"); dir != "" {
		if err := victim(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// victim opens a broker, says where its MQTT listener is, and publishes into
// CITY for ever, printing each id once it was acknowledged.
func victim(dir string) error {
	b, err := Open(context.Background(), Options{Dir: dir, MQTT: "127.0.0.1:0", Credentials: knows})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(a ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(a...)
	}
	say("mqtt", b.MQTTAddr())
	errs := make(chan error)
	for p := range 4 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d", p, i)
				if err := b.Publish(context.Background(), fact(id), Written); err != nil {
					errs <- err
					return
				}
				say("stored", id)
			}
		}()
	}
	return <-errs
}

func TestWhatWasAcknowledgedSurvivesKill9(t *testing.T) {
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "ONECITY_TEST_VICTIM="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() // killed below; its state says nothing
	defer cmd.Process.Kill()

	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the victim did not start")
	}
	addr := strings.TrimPrefix(lines.Text(), "mqtt ")

	stored := map[string]bool{} // what the victim printed
	read := make(chan struct{})
	enough := make(chan struct{})
	go func() {
		defer close(read)
		for lines.Scan() {
			if id, ok := strings.CutPrefix(lines.Text(), "stored "); ok {
				if stored[id] = true; len(stored) == 500 {
					close(enough)
				}
			}
		}
	}()
	c, err := signIn(addr, "dev", "pw-dev")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Disconnect(0)
	var acked []string // what PUBACK came for
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		<-enough
		time.Sleep(20 * time.Millisecond) // anywhere in the middle of it
		cmd.Process.Kill()
	}()
	for i := 0; ; i++ {
		tok := c.Publish("onecity/v1/dev/telemetry", 1, false, strconv.Itoa(i))
		if !tok.WaitTimeout(5*time.Second) || tok.Error() != nil {
			break
		}
		acked = append(acked, strconv.Itoa(i))
	}
	<-killed
	<-read
	if len(acked) == 0 {
		t.Fatal("nothing was acknowledged before the kill")
	}

	b := open(t, Options{Dir: dir})
	last, err := b.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]int{}
	for _, e := range readAll(t, b, last) {
		there[e.ID]++
	}
	for id := range stored {
		if there[id] != 1 {
			t.Errorf("event %s was acknowledged and is there %d times", id, there[id])
		}
	}
	said := map[string]bool{}
	for _, m := range heard(t, b, len(acked)) {
		said[string(m.Body)] = true
	}
	for _, body := range acked {
		if !said[body] {
			t.Errorf("device message %s had its PUBACK and is gone", body)
		}
	}
	t.Logf("%d events and %d device messages were acknowledged before the kill", len(stored), len(acked))
}

func readAll(t *testing.T, b *Broker, last uint64) []Received { return read(t, b, 0, int(last)) }
