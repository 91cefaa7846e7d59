package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// port is only a part of the socket's name: nothing listens on TCP.
const port = "5432"

// socketName is what PostgreSQL adds to the directory, and maxSocketPath what
// the kernel takes (sockaddr_un, without the final zero).
const (
	socketName    = "/.s.PGSQL." + port
	maxSocketPath = 107
)

// socketDir is a directory for the socket that only the account and root can
// open: "s" in the data directory, or when that path is too long a new one
// with a short path. remove takes the latter away.
func socketDir(data string, who account) (dir string, remove func() error, err error) {
	dir, remove = filepath.Join(data, "s"), func() error { return nil }
	if len(dir+socketName) <= maxSocketPath {
		if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
			return "", nil, fmt.Errorf("make the socket's directory: %w", err)
		}
	} else {
		dir, err = shortDir(who)
		if err != nil {
			return "", nil, err
		}
		remove = func() error { return os.RemoveAll(dir) }
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("close the socket's directory: %w", err)
	}
	if err := who.own(dir); err != nil {
		return "", nil, err
	}
	return dir, remove, nil
}

func shortDir(who account) (string, error) {
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), "/run", "/tmp"} {
		if base == "" {
			continue
		}
		dir, err := os.MkdirTemp(base, "onecity-pg-")
		if err != nil {
			continue
		}
		if len(dir+socketName) <= maxSocketPath && (who.name == "" || who.userns || blockedAt(dir, who) == "") {
			return dir, nil
		}
		if err := os.Remove(dir); err != nil {
			return "", fmt.Errorf("make a short directory for the socket: %w", err)
		}
	}
	return "", fmt.Errorf("no place for the socket: its path may have %d bytes, and the data directory's is longer", maxSocketPath)
}

// dsn is the connection string in libpq's keyword form; every part is ours
// except the path.
func dsn(socket, dbname string) string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	return fmt.Sprintf("host='%s' port=%s user=%s dbname=%s sslmode=disable", quote.Replace(socket), port, superuser, dbname)
}
