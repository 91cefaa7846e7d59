package web

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// ErrNotSafe: others than this machine can reach the address, and the server
// is not made for that.
var ErrNotSafe = errors.New("beyond this machine the server is reached over TLS only, and by people who sign in: " +
	"say --tls internal (a certificate authority of its own) or --tls-cert and --tls-key, " +
	"or listen on a loopback address, such as 127.0.0.1:8080")

// Listen opens a TCP listener on a loopback address such as "127.0.0.1:8080";
// port 0 picks a free one. Other addresses are ErrNotSafe.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen on %q: %w", address, ErrNotSafe)
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if !loopback(l.Addr()) {
		l.Close()
		return nil, fmt.Errorf("listen on %q: %w", address, ErrNotSafe)
	}
	return l, nil
}

// loopback reports whether only this machine reaches a.
func loopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return !ok || tcp.IP.IsLoopback()
}

// safeAt sees to it that no listener opens the server to the network in the
// clear, or to people whom it cannot tell from each other.
func (s *Server) safeAt(a net.Addr) error {
	if loopback(a) || s.opt.TLS != nil && s.Identity != nil {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", a, ErrNotSafe)
}
