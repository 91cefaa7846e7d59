package certificate

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"testing"
	"time"
)

// write puts a certificate for name and its key into two files.
func write(t *testing.T, ca *authority, certFile, keyFile string, signed time.Time, name string) {
	t.Helper()
	early := *ca.cert // of an authority that was there then
	early.NotBefore = signed.AddDate(0, 0, -1)
	c, err := (&authority{cert: &early, key: ca.key}).sign([]string{name}, signed)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: c.Certificate[0]},
		keyFile:  {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
