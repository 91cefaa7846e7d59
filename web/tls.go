package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"onecity/web/problem"
)

// serve serves on l, in TLS where there is a certificate.
func (s *Server) serve(l net.Listener) error {
	if s.opt.TLS != nil {
		return s.http.ServeTLS(l, "", "")
	}
	return s.http.Serve(l)
}

// authorityRoute gives out the certificate of our own authority.
func (s *Server) authorityRoute() {
	s.raw(operation{need: public, method: http.MethodGet, path: "/ca.crt", id: "getAuthority", tag: "server",
		summary:     "内部 CA 证书 Certificate of the server's own authority, to install in the machines that shall trust it",
		description: "安装前请与服务器启动时给出的 SHA-256 指纹核对。Compare its SHA-256 with the one that the server tells when it starts, before you install it.",
		answerType:  "application/x-x509-ca-cert", errors: []int{404},
	}, func(w http.ResponseWriter, _ *http.Request) {
		if s.opt.CA == nil {
			problem.New(http.StatusNotFound, "本服务器不使用内部 CA / this server has no authority of its own").Write(w)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/x-x509-ca-cert")
		h.Set("Content-Disposition", `attachment; filename="onecity-ca.crt"`)
		_, _ = w.Write(s.opt.CA) // the reader has gone when this fails
	})
}

// hasName reports whether a Host is a name that others than this machine use.
// RFC 6797, section 8.1.1: an address is no such host; and "localhost" is
// shared with all that runs here.
func hasName(hostport string) bool {
	host := hostOf(hostport)
	return host != "localhost" && net.ParseIP(host) == nil
}

// RunRedirect leads readers who come in the clear to the same address over TLS,
// on port ("" is 443), until ctx ends. It closes l.
func (s *Server) RunRedirect(ctx context.Context, l net.Listener, port string) error {
	srv := &http.Server{
		Handler: s.redirect(port), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: 5 * time.Second, IdleTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(newDoor(l, perAddress)) }()
	select {
	case <-ctx.Done():
		return errors.Join(srv.Close(), ignoreClosed(<-served))
	case err := <-served:
		return fmt.Errorf("redirect on %s: %w", l.Addr(), err)
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (s *Server) redirect(port string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !s.ownHost(r.Host):
			problem.New(http.StatusMisdirectedRequest, "本服务器不以此主机名提供服务 / this server does not go by that name").Write(w)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			// What it carries has been read on the way already: whoever sends it
			// has to notice.
			problem.New(http.StatusForbidden, "请改用 https / send this over https").Write(w)
		default:
			host := hostOf(r.Host)
			if strings.Contains(host, ":") {
				host = "[" + host + "]"
			}
			if port != "" && port != "443" {
				host += ":" + port
			}
			w.Header().Set("Connection", "close")
			http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusPermanentRedirect)
		}
	})
}
