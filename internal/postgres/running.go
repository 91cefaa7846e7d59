package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotRunning: no server runs on the data directory.
var ErrNotRunning = errors.New("no server runs on the data directory")

// Running is the DSN of the server that another program runs on a data
// directory, for tools that look into it; ErrNotRunning when there is none.
func Running(dataDir string) (string, error) {
	cluster := filepath.Join(dataDir, "cluster")
	if !ready(cluster) {
		return "", fmt.Errorf("%w: %s", ErrNotRunning, dataDir)
	}
	b, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return "", fmt.Errorf("look for the running server: %w", err)
	}
	// The fifth line is the socket's directory.
	lines := strings.Split(string(b), "\n")
	if len(lines) < 5 || lines[4] == "" {
		return "", fmt.Errorf("%w: %s names no socket", ErrNotRunning, cluster)
	}
	return dsn(strings.TrimSpace(lines[4]), database), nil
}
