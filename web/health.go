package web

import (
	"context"
	"net/http"
	"time"

	"onecity/gov/identity/access"

	"github.com/danielgtaylor/huma/v2"
)

// Pinger can be asked whether it is there (the pool of PostgreSQL).
type Pinger interface {
	Ping(ctx context.Context) error
}

// readiness says of what the server needs whether it is there; to nobody only
// whether it is ready.
type readiness struct {
	Ready bool `json:"ready"`
	// Model says whether the model has caught up with the stream.
	Model   string `json:"model,omitempty" enum:"ready,catching up"`
	Seq     uint64 `json:"seq,omitempty" doc:"模型位置 Position of the model"`
	Last    uint64 `json:"last,omitempty" doc:"数据流末端 Position of the stream's end"`
	Broker  string `json:"broker,omitempty" doc:"ok, or what is wrong"`
	History string `json:"history,omitempty" doc:"ok, absent, or what is wrong: facts are accepted all the same and history catches up"`
}

func (s *Server) healthRoutes() {
	s.authorityRoute()
	s.raw(operation{need: public, method: http.MethodGet, path: "/healthz", id: "healthz", tag: "server",
		summary: "存活 Is the process alive", answerType: "text/plain", answer: &huma.Schema{Type: huma.TypeString}},
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write([]byte("ok\n")) // the reader has gone when this fails
		})
	s.raw(operation{need: public, method: http.MethodGet, path: "/readyz", id: "readyz", tag: "server",
		summary:     "就绪 Is it ready to serve",
		description: "模型追上数据流且消息服务可用时答 200，否则 503。数据库停止不影响就绪。200 when the model has caught up and the broker answers; a stopped database does not count.",
		answer:      readiness{}, errors: []int{503}}, s.readyz)
	s.raw(operation{need: access.MetricsView, method: http.MethodGet, path: "/metrics", id: "metrics", tag: "server",
		summary: "指标 Metrics for Prometheus", answerType: "text/plain", answer: &huma.Schema{Type: huma.TypeString}},
		s.metrics.handler.ServeHTTP)
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	a := readiness{Model: "catching up", Broker: "ok", Seq: s.city.Snapshot().Seq(), History: "ok"}
	select {
	case <-s.Open:
		a.Model = "ready"
	default:
	}
	last, err := s.Broker.Last(ctx)
	if err != nil {
		a.Broker = err.Error()
	}
	a.Last = last
	if s.Database == nil {
		a.History = "absent"
	} else if s.Database.Ping(ctx) != nil {
		a.History = "down"
	}
	a.Ready = a.Model == "ready" && a.Broker == "ok"
	status := http.StatusOK
	if !a.Ready {
		status = http.StatusServiceUnavailable
	}
	if CallerOf(r).ID == "" {
		a = readiness{Ready: a.Ready}
	}
	writeJSON(w, status, a)
}
