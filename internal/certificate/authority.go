package certificate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// The files of an authority in its directory.
const (
	KeyFile = "ca.key" // PKCS #8, PEM, mode 0600
	CAFile  = "ca.crt" // PEM, for everybody
)

// authorityYears is how long the authority is good: it has to be installed by
// hand, on every machine.
const authorityYears = 10

// backdate allows for machines whose clock is a little behind.
const backdate = time.Hour

// Errors of an authority's files.
var (
	// ErrOpenKey: others than the owner may read the key.
	ErrOpenKey = errors.New("others may read the key of the authority: anybody who has may pass for this server; " +
		"move the directory away, so that a new one is made, or, when nobody can have read it, chmod 600 the key")
	// ErrLostKey: the certificate is there, its key is not.
	ErrLostKey = errors.New("the authority's key is gone: put it back from the backup, or move the directory away, so that a new one is made")
)

// authority is our own CA.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
}

// openAuthority reads the authority of dir, and makes one where there is none.
func openAuthority(dir string, now time.Time) (*authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the authority: %w", err)
	}
	key, err := readKey(filepath.Join(dir, KeyFile))
	made := errors.Is(err, fs.ErrNotExist)
	certFile := filepath.Join(dir, CAFile)
	certPEM, certErr := os.ReadFile(certFile)
	switch {
	case made && certErr == nil:
		return nil, fmt.Errorf("%s: %w", dir, ErrLostKey)
	case made:
		if key, err = makeKey(filepath.Join(dir, KeyFile)); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	if errors.Is(certErr, fs.ErrNotExist) {
		if certPEM, err = makeAuthority(key, now); err != nil {
			return nil, err
		}
		if err := writeFile(certFile, certPEM, 0o644); err != nil {
			return nil, fmt.Errorf("keep the authority's certificate: %w", err)
		}
	} else if certErr != nil {
		return nil, fmt.Errorf("read the authority's certificate: %w", certErr)
	}
	cert, err := ReadCertificate(certPEM)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", certFile, err)
	}
	if p, ok := key.Public().(*ecdsa.PublicKey); !ok || !p.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("%s is not the certificate of %s", certFile, KeyFile)
	}
	return &authority{cert, key, certPEM}, nil
}

// ReadCertificate reads the first certificate of a PEM text.
func ReadCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("it is no certificate in PEM")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read a certificate: %w", err)
	}
	return c, nil
}

func readKey(name string) (crypto.Signer, error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read the authority's key: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %o: %w", name, st.Mode().Perm(), ErrOpenKey)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the authority's key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is no key in PEM", name)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the authority's key %s: %w", name, err)
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is no ECDSA key", name)
	}
	return signer, nil
}

func makeKey(name string) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the authority's key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("write the authority's key: %w", err)
	}
	if err := writeFile(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("keep the authority's key: %w", err)
	}
	return key, nil
}

func makeAuthority(key crypto.Signer, now time.Time) ([]byte, error) {
	number, err := serial()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: number,
		// The number tells two cities' authorities apart in a machine's list.
		Subject:   pkix.Name{CommonName: "OneCity CA " + number.Text(16)[:8], Organization: []string{"OneCity"}},
		NotBefore: now.Add(-backdate), NotAfter: now.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the authority's certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// serial is 127 random bits, the first of them set: RFC 5280, section 4.1.2.2
// wants it positive, and twenty bytes at most.
func serial() (*big.Int, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}
	return n.SetBit(n, 126, 1), nil
}

// writeFile puts a file in place whole, and on the disk: half a key would be
// the end of the authority.
func writeFile(name string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(name+".new"))
	}
	return os.Rename(name+".new", name)
}
