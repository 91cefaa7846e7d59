package web

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// ErrNotLoopback: the server knows nobody yet (no sign-in), so it may be
// reached from its own machine only.
var ErrNotLoopback = errors.New("only loopback addresses are served until people can sign in; use 127.0.0.1, [::1] or localhost")

// Listen opens a TCP listener on a loopback address such as "127.0.0.1:8080";
// port 0 picks a free one. Other addresses are ErrNotLoopback.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen on %q: %w", address, ErrNotLoopback)
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if err := checkLoopback(l.Addr()); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// checkLoopback sees to it that no listener from elsewhere opens the server to
// the network.
func checkLoopback(a net.Addr) error {
	if tcp, ok := a.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		return fmt.Errorf("serve on %s: %w", a, ErrNotLoopback)
	}
	return nil
}
