package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say where the server's data is.
type Options struct {
	// DataDir is made if it is not there. It holds the cluster ("cluster"), the
	// socket ("s") and a lock.
	DataDir string
	// BinDir holds initdb and postgres; empty means $ONECITY_PG_BIN, then the
	// newest under /usr/lib/postgresql, the PATH, and the npm package.
	BinDir string
	// Settings are added to the server's own, such as "shared_buffers": "1GB".
	Settings map[string]string
	// Log gets what the server says and when it had to be started again; nil
	// means slog.Default().
	Log *slog.Logger
}

// Server is the running private server.
type Server struct {
	opts    Options
	in      install
	who     account
	cluster string
	socket  string
	remove  func() error // of a socket directory outside the data directory
	lock    *os.File

	pid      atomic.Int64
	stopping chan struct{}
	stopOnce sync.Once
	ended    chan struct{} // closed when the keeper has ended
	stopErr  error
}

// Start makes the cluster if need be, starts the server and waits until it
// answers. ctx bounds the start only.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.DataDir, err = filepath.Abs(o.DataDir); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s := &Server{opts: o, cluster: filepath.Join(o.DataDir, "cluster"),
		remove: func() error { return nil }, stopping: make(chan struct{}), ended: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	first := make(chan error, 1)
	go s.keep(first)
	select {
	case err = <-first:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err == nil {
		err = s.untilItAnswers(ctx)
	}
	if err == nil {
		err = s.createDatabase(ctx)
	}
	if err != nil {
		s.stopOnce.Do(func() { close(s.stopping) })
		<-s.ended
		return nil, fmt.Errorf("start PostgreSQL %d in %s: %w", s.in.major, o.DataDir, err)
	}
	return s, nil
}

// prepare takes the directory and makes everything that a start needs.
func (s *Server) prepare(ctx context.Context) error {
	if err := makeDataDir(s.opts.DataDir); err != nil {
		return err
	}
	var err error
	if s.lock, err = lockDir(s.opts.DataDir); err != nil {
		return err
	}
	major, err := clusterVersion(s.cluster)
	if err != nil {
		return err
	}
	if s.in, err = find(s.opts.BinDir, major); err != nil {
		return err
	}
	if s.who, err = chooseAccount(os.Geteuid(), s.cluster, filepath.Join(s.in.bin, "postgres")); err != nil {
		return err
	}
	if err := waitForOrphan(s.cluster, 30*time.Second); err != nil {
		return err
	}
	if major == 0 {
		if err := initdb(ctx, s.in, s.who, s.cluster, s.opts.Settings["fsync"] != "off"); err != nil {
			return err
		}
	}
	s.socket, s.remove, err = socketDir(s.opts.DataDir, s.who)
	return err
}

// makeDataDir makes the directory if it is not there. Others may pass through
// it to the cluster, which has its own 0700; one that is there stays as it is.
func makeDataDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return fmt.Errorf("make PostgreSQL's data directory: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { // whatever the umask says
		return fmt.Errorf("make PostgreSQL's data directory: %w", err)
	}
	return nil
}

// DSN is how to reach the database, in libpq's keyword form.
func (s *Server) DSN() string { return dsn(s.socket, database) }

// Version is the server's major version.
func (s *Server) Version() int { return s.in.major }

// Stop ends the server, cleanly, and waits for it. It may be called twice.
func (s *Server) Stop() error {
	s.stopOnce.Do(func() { close(s.stopping) })
	<-s.ended
	return errors.Join(s.stopErr, s.release())
}

func (s *Server) release() error {
	remove := s.remove
	s.remove = func() error { return nil }
	err := remove()
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
		s.lock = nil
	}
	return err
}

// untilItAnswers waits until our own child, and no other server, answers.
func (s *Server) untilItAnswers(ctx context.Context) error {
	var last error
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		if pid := int(s.pid.Load()); pid != 0 && postmasterPID(s.cluster) == pid && ready(s.cluster) {
			if last = ping(ctx, dsn(s.socket, "postgres")); last == nil {
				return nil
			}
		}
		select {
		case <-s.ended:
			return errors.New("the server ended; its log says why")
		case <-ctx.Done():
			return errors.Join(ctx.Err(), last)
		case <-time.After(wait):
		}
	}
}

func ping(ctx context.Context, dsn string) error {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	return c.Ping(ctx)
}

func (s *Server) createDatabase(ctx context.Context) error {
	c, err := pgx.Connect(ctx, dsn(s.socket, "postgres"))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	var there bool
	if err := c.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&there); err != nil || there {
		return err
	}
	_, err = c.Exec(ctx, "create database "+database)
	return err
}

// signal sends sig to the server, if it runs.
func (s *Server) signal(sig syscall.Signal) {
	if pid := int(s.pid.Load()); pid > 1 {
		// It may have ended just now.
		_ = syscall.Kill(pid, sig)
	}
}

// Crash kills the server as a fault would, for tests of what depends on it; it
// is started again by itself.
func (s *Server) Crash() error {
	pid := int(s.pid.Load())
	if pid <= 1 {
		return nil // it is down already
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	return nil
}
