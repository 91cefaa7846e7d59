package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"onecity/internal/certificate"
)

// Facts are what was found, before anything is made of it.
type Facts struct {
	Settings
	// DataMode are the permissions of the data directory.
	DataMode fs.FileMode
	// Secrets are the files that only the server may read.
	Secrets []File
	// Printed: the first passwords still lie in the data directory.
	Printed bool
	// Ends is when the certificate does, of the server or of its authority;
	// zero when there is none. CertError is why it could not be read.
	Ends      time.Time
	CertError error
	// Free and Room are bytes of the disk of the data directory.
	Free, Room int64
	// Errors are what could not be looked at.
	Errors []error
	// Database is nil when it was not looked into.
	Database *Database
}

// File is a file and who may read it.
type File struct {
	Path string // below the data directory
	Mode fs.FileMode
}

// isSecret says by its name whether a file is a secret.
func isSecret(name string) bool {
	switch filepath.Ext(name) {
	case ".key", ".token", ".pem":
		return true
	}
	return name == "first-sign-in.txt"
}

// printedFile is where the first passwords are written down.
const printedFile = "first-sign-in.txt"

// Look looks at the data directory.
func Look(s Settings) Facts {
	f := Facts{Settings: s}
	miss := func(doing string, err error) {
		if err != nil {
			f.Errors = append(f.Errors, fmt.Errorf("%s: %w", doing, err))
		}
	}
	st, err := os.Stat(s.Data)
	if err != nil {
		miss("look at the data directory", err)
		return f
	}
	f.DataMode = st.Mode().Perm()
	miss("look for secrets", f.secrets())
	var disk syscall.Statfs_t
	if err := syscall.Statfs(s.Data, &disk); err != nil {
		miss("ask for room on the disk", err)
	} else {
		f.Free, f.Room = int64(disk.Bavail)*disk.Bsize, int64(disk.Blocks)*disk.Bsize
	}
	switch s.TLS {
	case "internal":
		f.certificate(filepath.Join(s.Data, "tls", certificate.CAFile))
	case "files":
		f.certificate(s.Cert)
		if st, err := os.Stat(s.Key); err != nil {
			miss("look at the key", err)
		} else {
			f.Secrets = append(f.Secrets, File{s.Key, st.Mode().Perm()})
		}
	}
	return f
}

// secrets finds them in the data directory and one level below; deeper lie the
// stores, which keep their own permissions.
func (f *Facts) secrets() error {
	return filepath.WalkDir(f.Data, func(path string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(f.Data, path)
		switch {
		case errors.Is(err, fs.ErrPermission) && d != nil && d.IsDir():
			return fs.SkipDir // closed to us: closed to others
		case err != nil || relErr != nil:
			return errors.Join(err, relErr)
		case d.IsDir() && (strings.Count(rel, string(filepath.Separator)) > 0 || rel == "postgres" || rel == "streams"):
			return fs.SkipDir
		case !d.Type().IsRegular() || !isSecret(d.Name()):
			return nil
		}
		if d.Name() == printedFile {
			f.Printed = true
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f.Secrets = append(f.Secrets, File{rel, info.Mode().Perm()})
		return nil
	})
}

func (f *Facts) certificate(file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		f.CertError = err
		return
	}
	c, err := certificate.ReadCertificate(text)
	if err != nil {
		f.CertError = fmt.Errorf("%s: %w", file, err)
		return
	}
	f.Ends = c.NotAfter
}
