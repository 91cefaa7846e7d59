package streams

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// syncer makes a stream's newest blocks survive a power cut. JetStream has
// handed every acknowledged message to the operating system (one write to the
// block file before the acknowledgement), so flushing the file from here, by a
// descriptor of our own, flushes that message. Callers that come while a flush
// runs share the next one.
type syncer struct {
	dir   string
	flush func(path string) error // fdatasync, or a test's counter around it

	mu      sync.Mutex
	next    *round        // the one that is gathering, nil when nobody waits
	running chan struct{} // closed when the round before has ended; nil before the first
	block   uint64        // the newest block that is known to be in the directory
}

type round struct {
	done chan struct{}
	err  error
}

func newSyncer(dir string) *syncer { return &syncer{dir: dir, flush: flushFile} }

// sync returns when what was written before the call is on the disk.
func (s *syncer) sync(ctx context.Context) error {
	s.mu.Lock()
	r := s.next
	if r != nil {
		s.mu.Unlock()
		select {
		case <-r.done:
			return r.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	// The first of a round leads it: it waits for the round before, closes the
	// door, and flushes for all who came in meanwhile.
	r = &round{done: make(chan struct{})}
	s.next = r
	before := s.running
	s.running = r.done
	s.mu.Unlock()
	if before != nil {
		<-before
	}
	s.mu.Lock()
	s.next = nil
	s.mu.Unlock()
	r.err = s.flushBlocks()
	close(r.done)
	return r.err
}

// flushBlocks flushes the newest block and any that was begun since the last
// time, then the directory if it has a new entry. Only the leader is in here.
func (s *syncer) flushBlocks() error {
	names, err := blockFiles(s.dir)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return nil // nothing was ever stored
	}
	newest := uint64(0)
	for i, path := range names {
		if i < s.block {
			continue
		}
		newest = max(newest, i)
		// A block can be compacted or removed under us; its messages are then
		// in another or no longer wanted.
		if err := s.flush(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if newest > s.block {
		if err := s.flush(s.dir); err != nil {
			return err
		}
		s.block = newest
	}
	return nil
}

// blocksDir is where the server keeps the message blocks of a stream.
func blocksDir(dir, stream string) string {
	return filepath.Join(dir, "jetstream", "$G", "streams", stream, "msgs")
}

// blockFiles lists N.blk by N.
func blockFiles(dir string) (map[uint64]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("find the message blocks: %w", err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("find the message blocks: %w", err)
	}
	blocks := make(map[uint64]string, len(names))
	for _, name := range names {
		if stem, ok := strings.CutSuffix(name, ".blk"); ok {
			if n, err := strconv.ParseUint(stem, 10, 64); err == nil {
				blocks[n] = filepath.Join(dir, name)
			}
		}
	}
	return blocks, nil
}

func flushFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	defer f.Close()
	if err := syscall.Fdatasync(int(f.Fd())); err != nil {
		return fmt.Errorf("flush %s: %w", path, err)
	}
	return nil
}

// syncTree flushes every file and directory below dir: after the streams are
// made, so that they are there after a power cut, and at the end.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && (e.IsDir() || e.Type().IsRegular()) {
			err = flushFile(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}
