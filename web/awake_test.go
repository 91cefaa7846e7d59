package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onecity/cim"
	"onecity/cim/live"
	"onecity/ingest"
	"onecity/streams"
)

func TestNothingIsTakenInBeforeTheModelHasCaughtUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	quiet := slog.New(slog.DiscardHandler)
	broker, err := streams.Open(ctx, streams.Options{Dir: t.TempDir(), Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	city := live.New(cim.NewModel(), broker, live.Options{})
	server, err := New(Deps{Who: everybody, City: city, Gate: ingest.NewGate(city.Snapshot, broker, time.Now), Broker: broker, Log: quiet}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, body string) *http.Response {
		r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		return w.Result()
	}
	observation := `{"device":"d","property":"pm2_5","time":"2026-01-01T00:00:00Z","value":1}`
	for _, way := range []struct{ method, path string }{
		{http.MethodPost, "/api/v1/observations"}, {http.MethodPost, "/open311/v2/requests.json"}, {http.MethodGet, "/ws/units/u1"},
	} {
		res := ask(way.method, way.path, observation)
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s %s before the model is ready: %s %s", way.method, way.path, res.Status, body)
		}
	}
	if res := ask(http.MethodGet, "/api/v1/regions", ""); res.StatusCode != http.StatusOK {
		t.Errorf("reading before the model is ready: %s", res.Status)
	}

	done := make(chan error, 1)
	go func() { done <- city.Run(ctx) }()
	<-city.Ready()
	if res := ask(http.MethodPost, "/api/v1/observations", observation); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an unknown device after the model is ready: %s", res.Status)
	}
	cancel()
	<-done
}
