package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"time"
)

// A server's certificate is good for leafDays and is renewed when renewDays are
// left. Its key is new each time and only in memory.
const (
	leafDays  = 90
	renewDays = 30
)

// Options of an authority of our own.
type Options struct {
	// Dir is where the authority is kept, made when it is not there.
	Dir string
	// Names are the host names and addresses of the server, beside the loopback
	// ones.
	Names []string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log is told of new certificates; nil means slog.Default().
	Log *slog.Logger
}

// hostName is what a certificate may be for (RFC 5280, section 4.2.1.6, with
// the underscore that Windows networks have).
var hostName = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$`)

// Internal shows certificates of an authority of our own, for these names and
// the loopback ones. ErrOpenKey, ErrLostKey when the authority is not to be
// trusted as it lies there.
func Internal(o Options) (*Source, error) {
	if o.Dir == "" {
		return nil, errors.New("an authority needs a directory")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	for _, name := range o.Names {
		if net.ParseIP(name) == nil && !hostName.MatchString(name) {
			return nil, fmt.Errorf("%q is no host name and no address that a certificate can be for", name)
		}
	}
	ca, err := openAuthority(o.Dir, o.Now())
	if err != nil {
		return nil, fmt.Errorf("open the authority: %w", err)
	}
	s := &Source{now: o.Now, ca: ca.pem}
	s.fresh = func(had *tls.Certificate) (*tls.Certificate, error) {
		// One that ends with the authority cannot be had for longer.
		if had != nil && (o.Now().AddDate(0, 0, renewDays).Before(had.Leaf.NotAfter) || had.Leaf.NotAfter.Equal(ca.cert.NotAfter)) {
			return nil, nil
		}
		return ca.sign(o.Names, o.Now())
	}
	if _, err := s.begin(o.Log); err != nil {
		return nil, err
	}
	s.log.Info("the certificate is of our own authority, see /ca.crt", "until", ca.cert.NotAfter, "sha256", Fingerprint(ca.cert.Raw))
	return s, nil
}

// sign makes a server's certificate.
func (a *authority) sign(names []string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	number, err := serial()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: number,
		Subject:      pkix.Name{CommonName: "OneCity"},
		NotBefore:    now.Add(-backdate), NotAfter: now.AddDate(0, 0, leafDays),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if t.NotBefore.Before(a.cert.NotBefore) {
		t.NotBefore = a.cert.NotBefore
	}
	if t.NotAfter.After(a.cert.NotAfter) {
		t.NotAfter = a.cert.NotAfter
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip == nil && !slices.Contains(t.DNSNames, name) {
			t.DNSNames = append(t.DNSNames, name)
		} else if ip != nil && !slices.ContainsFunc(t.IPAddresses, ip.Equal) {
			t.IPAddresses = append(t.IPAddresses, ip)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the certificate that was signed: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}
