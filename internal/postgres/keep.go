package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// keep starts the server and starts it again when it dies, until it is told to
// stop. first gets the result of the first start.
//
// The kernel sends PDEATHSIG when the thread that made the child ends, not the
// process. So one goroutine starts the child, waits for it, and stays locked
// to its thread for as long as there is a child.
func (s *Server) keep(first chan<- error) {
	runtime.LockOSThread()
	defer close(s.ended)
	for wait := 100 * time.Millisecond; ; {
		began := time.Now()
		cmd, logged, err := s.launch()
		if first != nil {
			first <- err
			first = nil
			if err != nil {
				return
			}
		}
		if err == nil {
			err = s.watch(cmd, logged)
		}
		select {
		case <-s.stopping:
			s.stopErr = err
			return
		default:
		}
		if time.Since(began) > time.Minute {
			wait = 100 * time.Millisecond
		}
		s.opts.Log.Error("PostgreSQL ended by itself, it is started again", "error", err, "wait", wait)
		select {
		case <-s.stopping:
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, 10*time.Second)
	}
}

// launch starts the child; logged is closed when the last process of the
// server has closed its log.
func (s *Server) launch() (cmd *exec.Cmd, logged <-chan struct{}, err error) {
	args := []string{"-D", s.cluster, "-k", s.socket, "-p", port}
	all := settings(s.opts.Settings)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	cmd = exec.Command(filepath.Join(s.in.bin, "postgres"), args...)
	cmd.Env = childEnv()
	cmd.Dir = "/"
	cmd.SysProcAttr = s.who.attr()
	cmd.SysProcAttr.Pdeathsig = syscall.SIGINT // fast shutdown
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	s.pid.Store(int64(cmd.Process.Pid))
	done := make(chan struct{})
	go func() {
		defer close(done)
		relay(stderr, s.opts.Log)
	}()
	return cmd, done, nil
}

// watch waits for the child, and ends it when the server is to stop: fast
// (SIGINT: clients are cut off, all is written), then at once (SIGQUIT: the
// next start recovers), then by force.
func (s *Server) watch(cmd *exec.Cmd, logged <-chan struct{}) error {
	over := make(chan struct{})
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		select {
		case <-over:
			return
		case <-s.stopping:
		}
		for _, step := range []struct {
			sig      syscall.Signal
			patience time.Duration
		}{{syscall.SIGINT, 60 * time.Second}, {syscall.SIGQUIT, 10 * time.Second}, {syscall.SIGKILL, 0}} {
			s.signal(step.sig)
			select {
			case <-over:
				return
			case <-time.After(step.patience):
			}
		}
	}()
	<-logged // a killed postmaster leaves others behind for a moment
	err := cmd.Wait()
	s.pid.Store(0)
	close(over)
	<-asked
	if err != nil {
		return fmt.Errorf("PostgreSQL ended: %w", err)
	}
	return nil
}

// relay hands the server's lines to the log.
func relay(r io.Reader, log *slog.Logger) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		level, text := logLevel(lines.Text())
		log.Log(context.Background(), level, "postgres: "+text)
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		// A line over the buffer: go on reading, the server must not block.
		_, _ = io.Copy(io.Discard, r)
	}
}

func logLevel(line string) (slog.Level, string) {
	switch {
	case strings.HasPrefix(line, "FATAL:"), strings.HasPrefix(line, "PANIC:"):
		return slog.LevelWarn, line
	case strings.HasPrefix(line, "WARNING:"), strings.HasPrefix(line, "ERROR:"):
		return slog.LevelInfo, line
	}
	return slog.LevelDebug, line
}
