package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var quiet = slog.New(slog.DiscardHandler)

// serve shows the source's certificates on loopback, and returns the address.
func serve(t *testing.T, s *Source) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{TLSConfig: s.Config(), ErrorLog: slog.NewLogLogger(quiet.Handler(), slog.LevelDebug), ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.ServeTLS(l, "", "") }()
	t.Cleanup(func() { srv.Close(); <-done })
	return l.Addr().String()
}

// shake connects as a client that trusts these roots, and asks for name.
func shake(addr, name string, ca []byte, most uint16) (tls.ConnectionState, error) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS10, MaxVersion: most})
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer c.Close()
	return c.ConnectionState(), nil
}

func TestWhoHasTheAuthorityTrustsTheServerUnderItsNamesOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	s, err := Internal(Options{Dir: dir, Names: []string{"city.kunshan.example", "10.1.2.3"}, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	addr := serve(t, s)
	for _, name := range []string{"city.kunshan.example", "10.1.2.3", "localhost", "127.0.0.1", "::1"} {
		if _, err := shake(addr, name, s.CA(), 0); err != nil {
			t.Errorf("as %s: %v", name, err)
		}
	}
	if _, err := shake(addr, "other.example", s.CA(), 0); err == nil {
		t.Error("the server passes for another")
	}
	if _, err := shake(addr, "localhost", nil, 0); err == nil {
		t.Error("who does not have the authority trusts the server")
	}
	if st, err := shake(addr, "localhost", s.CA(), tls.VersionTLS12); err != nil || !strings.Contains(tls.CipherSuiteName(st.CipherSuite), "ECDHE") {
		t.Errorf("TLS 1.2: %v, %s", err, tls.CipherSuiteName(st.CipherSuite))
	}
	if _, err := shake(addr, "localhost", s.CA(), tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	st, err := os.Stat(filepath.Join(dir, KeyFile))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", st.Mode(), err)
	}
	again, err := Internal(Options{Dir: dir, Log: quiet})
	if err != nil || string(again.CA()) != string(s.CA()) {
		t.Errorf("after a restart the authority is another: %v", err)
	}
	if _, err := shake(serve(t, again), "localhost", s.CA(), 0); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

func TestACertificateIsRenewedBeforeItEndsAndNeverOutlivesItsAuthority(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s, err := Internal(Options{Dir: t.TempDir(), Now: func() time.Time { return now }, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	ca, err := ReadCertificate(s.CA())
	if err != nil {
		t.Fatal(err)
	}
	first := s.Leaf()
	now = first.NotAfter.AddDate(0, 0, -renewDays).Add(-time.Hour)
	if err := s.look(); err != nil || s.Leaf() != first {
		t.Errorf("renewed too early: %v", err)
	}
	now = now.Add(2 * time.Hour)
	if err := s.look(); err != nil || s.Leaf() == first || !s.Leaf().NotAfter.After(first.NotAfter) {
		t.Errorf("not renewed: %v", err)
	}
	now = ca.NotAfter.AddDate(0, 0, -10)
	if err := s.look(); err != nil || s.Leaf().NotAfter.After(ca.NotAfter) {
		t.Errorf("a certificate until %v under an authority until %v: %v", s.Leaf().NotAfter, ca.NotAfter, err)
	}
	last := s.Leaf()
	if err := s.look(); err != nil || s.Leaf() != last {
		t.Errorf("the last one is made again and again: %v", err)
	}
}

func TestAnAuthorityThatIsNotToBeTrustedIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	if _, err := Internal(Options{Dir: dir, Log: quiet}); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, KeyFile)
	if err := os.Chmod(key, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Internal(Options{Dir: dir, Log: quiet}); !errors.Is(err, ErrOpenKey) {
		t.Errorf("a key that others may read: %v", err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if _, err := Internal(Options{Dir: dir, Log: quiet}); !errors.Is(err, ErrLostKey) {
		t.Errorf("a key that is gone: %v", err)
	}
	if _, err := makeKey(key); err != nil {
		t.Fatal(err)
	}
	if _, err := Internal(Options{Dir: dir, Log: quiet}); err == nil {
		t.Error("a key of another authority is taken")
	}
	for _, name := range []string{"", "a b", "http://x", "x:443", "-x", "*"} {
		if _, err := Internal(Options{Dir: t.TempDir(), Names: []string{name}, Log: quiet}); err == nil {
			t.Errorf("a certificate for %q", name)
		}
	}
}

func TestFilesThatAreReplacedAreShownAndBrokenOnesAreNot(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "x.crt"), filepath.Join(dir, "x.key")
	ca, err := openAuthority(filepath.Join(dir, "ca"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	put := func(signed time.Time, name string) {
		t.Helper()
		write(t, ca, certFile, keyFile, signed, name)
	}
	put(time.Now(), "one.example")
	s, err := Files(certFile, keyFile, quiet)
	if err != nil {
		t.Fatal(err)
	}
	addr := serve(t, s)
	if _, err := shake(addr, "one.example", ca.pem, 0); err != nil {
		t.Fatal(err)
	}
	put(time.Now(), "two-of-another-length.example")
	if err := s.look(); err != nil {
		t.Fatal(err)
	}
	if _, err := shake(addr, "two-of-another-length.example", ca.pem, 0); err != nil {
		t.Errorf("the new files: %v", err)
	}
	if err := os.WriteFile(certFile, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.look() == nil {
		t.Error("half a file is taken")
	}
	if _, err := shake(addr, "two-of-another-length.example", ca.pem, 0); err != nil {
		t.Errorf("the one before is not shown any more: %v", err)
	}
	put(time.Now().AddDate(0, 0, -leafDays-1), "late.example")
	if _, err := Files(certFile, keyFile, quiet); !errors.Is(err, ErrNotValid) {
		t.Errorf("one whose time is over: %v", err)
	}
	if _, err := Files(filepath.Join(dir, "none"), keyFile, quiet); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
}
