package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"onecity/cim/live"
	"onecity/gov/incident"
	"onecity/gov/incident/alarm"
	"onecity/gov/incident/alarm/camera"
	"onecity/gov/incident/duty"
	"onecity/gov/incident/evaluation"
	"onecity/gov/incident/exchange"
	"onecity/gov/incident/forms"
	"onecity/gov/incident/handover"
	"onecity/gov/incident/warning"
	"onecity/ingest"
	"onecity/ingest/feeds"
	"onecity/ingest/open311"
	"onecity/ingest/units"
	"onecity/internal/audit"
	"onecity/internal/credentials"
	"onecity/internal/flow"
	"onecity/internal/keyfile"
	"onecity/streams"
	"onecity/tiles"
	"onecity/web/hub"
	"onecity/web/limit"
	"onecity/web/problem"
	"onecity/web/upload"
	"onecity/widgets"

	"github.com/danielgtaylor/huma/v2"
)

// Deps are the parts that the server speaks for. Who, City, Gate and Broker
// are needed; where another is nil, its routes answer 503.
type Deps struct {
	// Who finds out who sends a request.
	Who         Who
	City        *live.City
	Gate        *ingest.Gate
	Broker      *streams.Broker
	Credentials *credentials.Store
	// Identity knows people, programs and their rights; where it is nil, there
	// is no sign-in and no directory.
	Identity *Identity
	// Audit is the log, Flow the work that waits for people.
	Audit *audit.Log
	Flow  *flow.Engine
	// Cases are the incidents as people work on them 案件.
	Cases *incident.Service
	// Dispatch keeps who answers for what and who is on duty.
	Dispatch DispatchBook
	// Alarms are the rules that open incidents by themselves 告警规则, Cameras the
	// events that cameras saw.
	Alarms  *alarm.Service
	Cameras *camera.Service
	// Evaluation counts what came of the cases 综合评价.
	Evaluation *evaluation.Service
	// Handovers are what one shift of the command centre leaves to the next 交接班.
	Handovers *handover.Service
	// Forms are the documents of law enforcement 执法文书 and the chain of evidence.
	Forms *forms.Service
	Feeds *feeds.Service
	// Exchange joins other systems, Warnings are what is broadcast to everybody.
	Exchange *exchange.Service
	Warnings *warning.Service
	// ReportKeys makes the keys by which those who report by Open311 follow and
	// rate what they reported; nil: they cannot.
	ReportKeys *keyfile.Key
	// History answers what was; WidgetHistory the same for charts. Database
	// says whether it is there.
	History       History
	WidgetHistory widgets.History
	Database      Pinger
	// Recorder tells how far the history is behind, for metrics.
	Recorder interface {
		Position() uint64
		Recorded() uint64
	}
	// Open is closed when the city takes facts in: its model has caught up and
	// its first content is there. Nil means as soon as the model has caught up.
	Open <-chan struct{}
	// Duty knows who is on duty, Uploads takes photos over bad networks.
	Duty    *duty.Service
	Uploads *upload.Store
	// App is the built front end, index.html at its top.
	App fs.FS
	// Log gets requests and failures; nil means slog.Default().
	Log *slog.Logger
}

// Options of a Server; the zero value serves on loopback, to its own pages.
type Options struct {
	// Hosts are the names, beside the loopback ones, that the server goes by.
	Hosts []string
	// Origins ("https://portal.example") may embed widgets, write, and open
	// live sockets from their pages.
	Origins []string
	// TLS is how the server speaks to who connects; nil is in the clear, which
	// is allowed on loopback addresses only.
	TLS *tls.Config
	// CA is the certificate (PEM) of the authority that the server's is of, to
	// be fetched by those who shall trust it; nil is none of our own.
	CA []byte
	// Limits bound how many requests a caller may send; where one is zero, it is
	// that of limit.Defaults.
	Limits limit.Budgets
	// Hub bounds the live sockets; City, Widgets, Scope and Origin of it are
	// set by New.
	Hub hub.Options
}

// Server is the web server. It is made by New and serves in Run.
type Server struct {
	Deps
	opt     Options
	city    *live.City
	log     *slog.Logger
	hub     *hub.Hub
	tiles   *tiles.Server
	open311 http.Handler
	units   *units.Handler
	metrics *metrics
	streets streetMap
	limits  *limit.Limiter
	mux     *router
	api     huma.API
	http    *http.Server
	began   time.Time
}

// New puts the server together. It fails on options that make no sense.
func New(d Deps, o Options) (*Server, error) {
	if d.Who == nil || d.City == nil || d.Gate == nil || d.Broker == nil {
		return nil, errors.New("a web server needs to know who asks, a city, a gate and a broker")
	}
	for _, origin := range o.Origins {
		if u, err := url.Parse(origin); err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" {
			return nil, fmt.Errorf("origin %q is not like https://portal.example", origin)
		}
	}
	s := &Server{Deps: d, opt: o, city: d.City, log: d.Log, mux: newRouter(), began: time.Now()}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.Open == nil {
		s.Open = d.City.Ready()
	}
	h := o.Hub
	if d.Identity != nil {
		h.Again = d.Identity.again
	}
	h.City, h.Scope, h.Origin, h.Widgets = d.City, ScopeOf, s.originAllowed, drawer{s}
	s.hub = hub.New(h)
	s.tiles = tiles.NewServer(tiles.Config{City: d.City.Snapshot, Scope: ScopeOf})
	s.open311 = open311.New(open311.Options{Gate: d.Gate, For: s.gate, Media: d.Broker, Scope: ScopeOf, Owner: owner{s},
		By: func(r *http.Request) string { return CallerOf(r).ID }})
	s.units = units.New(d.Gate, s.log)
	s.limits = limit.New(o.Limits, nil)
	if d.Credentials != nil {
		d.Credentials.OnVoid(s.void)
	}
	s.metrics = newMetrics(s)
	s.api = newAPI(s.mux)
	s.routes()
	if err := s.publishAPI(); err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler:   s.Handler(),
		TLSConfig: o.TLS,
		// A header that comes slower, or is larger, is no header of ours. Bodies
		// have their own deadlines, see raw.
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Handler is the whole server as a handler: what Run serves.
func (s *Server) Handler() http.Handler {
	return s.observed(s.secure(s.guard(s.identify(s.limited(s.awake(compressed(http.HandlerFunc(s.route))))))))
}

// route answers what no route takes with a problem, not with plain text.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	probe := &probe{header: http.Header{}}
	h.ServeHTTP(probe, r)
	switch probe.code {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", probe.header.Get("Allow"))
		problem.New(http.StatusMethodNotAllowed, "此地址只支持 / here one can only "+probe.header.Get("Allow")).Write(w)
	case http.StatusNotFound:
		s.missing(w, r)
	default: // a redirect to the clean path
		h.ServeHTTP(w, r)
	}
}

// router is the mux, which remembers its patterns: a test sees to it that each
// is in the API's document.
type router struct {
	*http.ServeMux
	patterns []string
}

func newRouter() *router { return &router{ServeMux: http.NewServeMux()} }

// HandleFunc is http.ServeMux's.
func (m *router) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.HandleFunc(pattern, h)
}

// probe finds out what the mux would answer.
type probe struct {
	header http.Header
	code   int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(code int)        { p.code = code }

// Recheck ends the live sockets of those whose rights or sessions have changed.
func (s *Server) Recheck() { s.hub.Recheck() }

// Run serves on l until ctx ends. Then it takes no new connection, tells the
// live sockets that it is going away, and lets requests finish for up to 10 s.
// It closes l. ErrNotSafe when l is open to the network and the server is not
// made for that.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	if err := s.safeAt(l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	sockets := make(chan error, 1)
	hubCtx, stopHub := context.WithCancel(ctx)
	defer stopHub()
	go func() { sockets <- s.hub.Run(hubCtx) }()

	served := make(chan error, 1)
	go func() { served <- s.serve(newDoor(l, perAddress)) }()

	var failed error
	select {
	case <-ctx.Done():
	case failed = <-served:
		failed = fmt.Errorf("serve on %s: %w", l.Addr(), failed)
		served <- failed
	}
	stopHub()
	s.units.Close()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.http.Shutdown(drain); err != nil {
		failed = errors.Join(failed, fmt.Errorf("let requests finish: %w", err), s.http.Close())
	}
	<-served
	<-sockets
	return failed
}
