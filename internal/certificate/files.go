package certificate

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// Files shows the certificate chain and key of two PEM files, and those that
// are put in their place. ErrNotValid when its time is over; log nil means
// slog.Default().
func Files(certFile, keyFile string, log *slog.Logger) (*Source, error) {
	var seen [2]stamp
	s := &Source{now: time.Now}
	s.fresh = func(had *tls.Certificate) (*tls.Certificate, error) {
		var now [2]stamp
		for i, name := range []string{certFile, keyFile} {
			st, err := os.Stat(name)
			if err != nil {
				return nil, fmt.Errorf("look at the certificate: %w", err)
			}
			now[i] = stamp{st.ModTime(), st.Size()}
		}
		if had != nil && now == seen {
			return nil, nil
		}
		// Between two files that are replaced one after the other, they do not
		// fit together: that is an error, and the next look finds them whole.
		c, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("load the certificate %s with key %s: %w", certFile, keyFile, err)
		}
		seen = now
		return &c, nil
	}
	return s.begin(log)
}

// stamp tells one state of a file from another.
type stamp struct {
	changed time.Time
	size    int64
}
