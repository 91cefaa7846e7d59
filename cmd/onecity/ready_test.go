package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"onecity/internal/servertest"
)

func TestReadyOfAServerThatIsNotThereFailsAtOnce(t *testing.T) {
	status, out, said := command(t, "ready", "--url", "http://127.0.0.1:1")
	if status != 1 || out != "" {
		t.Errorf("status %d, printed %q", status, out)
	}
	if !strings.HasPrefix(said, "onecity: ask http://127.0.0.1:1: ") || strings.Count(said, "\n") != 1 {
		t.Errorf("said %q", said)
	}
}

func TestReadyOfAServerThatIsStartingSaysSo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	starting := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }), ReadHeaderTimeout: time.Second}
	served := make(chan error, 1)
	go func() { served <- starting.Serve(l) }()
	defer func() {
		_ = starting.Close()
		<-served
	}()
	status, _, said := command(t, "ready", "--url", "http://"+l.Addr().String())
	if status != 1 || !strings.Contains(said, "is not ready: 503") {
		t.Errorf("status %d, said %q", status, said)
	}
}

func TestReadyOfAServerThatServesIsWellAndSilent(t *testing.T) {
	s := servertest.Start(t)
	if status, out, said := command(t, "ready", "--wait", "20s", "--url", s.URL); status != 0 || out+said != "" {
		t.Errorf("status %d, said %q", status, out+said)
	}
}
