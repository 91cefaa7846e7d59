package certificate

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
)

// Source has the certificate that is good now.
type Source struct {
	now     func() time.Time
	log     *slog.Logger
	current atomic.Pointer[tls.Certificate]
	// fresh makes the certificate anew when it has to be; nil, nil is no need.
	fresh func(had *tls.Certificate) (*tls.Certificate, error)
	ca    []byte
}

// lookEvery is how often a Source looks whether its certificate is still good.
const lookEvery = time.Minute

// suites of TLS 1.2: forward secrecy and authenticated encryption only. Those
// of TLS 1.3 are all of that kind.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// Config is a new configuration for a listener: TLS 1.2 and 1.3, and always the
// newest certificate.
func (s *Source) Config() *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		CipherSuites: suites,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return s.current.Load(), nil
		},
	}
}

// CA is the certificate of our own authority, PEM; nil when there is none.
func (s *Source) CA() []byte { return s.ca }

// Leaf is the certificate that is shown now.
func (s *Source) Leaf() *x509.Certificate { return s.current.Load().Leaf }

// Run keeps the certificate good until ctx ends. A certificate that cannot be
// had anew is told to the log, and the one before is shown meanwhile.
func (s *Source) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if err := s.look(); err != nil {
			s.log.Error("the certificate was not renewed", "error", err, "ends", s.Leaf().NotAfter)
		}
	}
}

func (s *Source) look() error {
	c, err := s.fresh(s.current.Load())
	if err != nil || c == nil {
		return err
	}
	if err := good(c, s.now()); err != nil {
		return err
	}
	s.current.Store(c)
	s.log.Info("a certificate is in use", "names", names(c.Leaf), "until", c.Leaf.NotAfter, "sha256", Fingerprint(c.Leaf.Raw))
	return nil
}

// ErrNotValid: the certificate's time has not come, or is over.
var ErrNotValid = errors.New("the certificate is not valid now")

func good(c *tls.Certificate, now time.Time) error {
	if now.Before(c.Leaf.NotBefore) || !now.Before(c.Leaf.NotAfter) {
		return fmt.Errorf("%w: it is from %s to %s", ErrNotValid,
			c.Leaf.NotBefore.Format(time.RFC3339), c.Leaf.NotAfter.Format(time.RFC3339))
	}
	return nil
}

func names(c *x509.Certificate) string {
	all := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	return strings.Join(all, " ")
}

// Fingerprint is the SHA-256 of a certificate (DER) as people compare it:
// "AB:CD:…".
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	text := strings.ToUpper(hex.EncodeToString(sum[:]))
	var b strings.Builder
	for i := 0; i < len(text); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(text[i : i+2])
	}
	return b.String()
}

func (s *Source) begin(log *slog.Logger) (*Source, error) {
	s.log = log
	if s.log == nil {
		s.log = slog.Default()
	}
	if err := s.look(); err != nil {
		return nil, err
	}
	return s, nil
}
