package feeds

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watcher looks after the folders. It trusts fsnotify only to say that it is
// worth looking: a network drive says nothing, and a queue may run over.
type watcher struct {
	*Service
	seen map[string]sighting
}

// sighting is a file as it was when it was last looked at.
type sighting struct {
	size  int64
	mod   time.Time
	since time.Time // when it was first seen like this
}

// Watch takes files out of the folders until ctx ends.
func (s *Service) Watch(ctx context.Context) error {
	fs, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch feeds: %w", err)
	}
	defer fs.Close()
	for _, c := range s.Contracts {
		if err := fs.Add(filepath.Join(s.Dir, c.ID)); err != nil {
			return fmt.Errorf("watch feed %s: %w", c.ID, err)
		}
	}
	w := &watcher{Service: s, seen: map[string]sighting{}}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-fs.Events:
			timer.Reset(s.Settle / 4)
		case err := <-fs.Errors:
			s.Log.Warn("watching feeds", "error", err)
		case <-timer.C:
			if w.scan(ctx) > 0 { // something is there and still growing
				timer.Reset(s.Settle / 2)
			} else {
				timer.Reset(s.Rescan)
			}
		}
	}
}

// scan takes every file that has settled and answers how many have not.
func (w *watcher) scan(ctx context.Context) (waiting int) {
	there := map[string]bool{}
	for _, c := range w.Contracts {
		folder := filepath.Join(w.Dir, c.ID)
		entries, err := os.ReadDir(folder)
		if err != nil {
			w.Log.Warn("read the folder of a feed", "feed", c.ID, "error", err)
			continue
		}
		for _, e := range entries {
			if !e.Type().IsRegular() || unfinished(e.Name()) || ctx.Err() != nil {
				continue
			}
			file := filepath.Join(folder, e.Name())
			there[file] = true
			if !w.settled(file, e) {
				waiting++
				continue
			}
			if err := w.takeFile(ctx, c.ID, file); err != nil {
				w.Log.Warn("a delivery waits in its folder", "feed", c.ID, "file", e.Name(), "error", err)
				waiting++
			}
		}
	}
	for file := range w.seen {
		if !there[file] {
			delete(w.seen, file)
		}
	}
	return waiting
}

func (w *watcher) settled(file string, e os.DirEntry) bool {
	info, err := e.Info()
	if err != nil {
		return false // moved away meanwhile
	}
	now := time.Now()
	last, ok := w.seen[file]
	if !ok || last.size != info.Size() || !last.mod.Equal(info.ModTime()) {
		w.seen[file] = sighting{info.Size(), info.ModTime(), now}
		return false
	}
	return now.Sub(last.since) >= w.Settle
}

// takeFile delivers a file and removes it from the folder: Deliver has put it
// into done or failed by then.
func (w *watcher) takeFile(ctx context.Context, feed, file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("take a delivery: %w", err)
	}
	if info.Size() > MaxFile {
		return w.setAside(feed, file)
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("take a delivery: %w", err)
	}
	if _, err := w.Deliver(ctx, feed, filepath.Base(file), body); err != nil {
		return err
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("take a delivery: %w", err)
	}
	return nil
}

// setAside moves a file that is too large to read into failed.
func (w *watcher) setAside(feed, file string) error {
	now := w.Gate.Now()
	r := Report{Feed: feed, File: filepath.Base(file), Started: now, Finished: now, Error: ErrTooLarge.Error()}
	if err := w.journal.keep(r, nil); err != nil {
		return err
	}
	last := w.journal.path(r)
	if err := os.Rename(file, last); err != nil {
		return fmt.Errorf("set a delivery aside: %w", err)
	}
	return nil
}

// unfinished names are of files that some program is still writing, or that
// are no deliveries at all.
func unfinished(name string) bool {
	lower := strings.ToLower(name)
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") {
		return true
	}
	for _, ext := range []string{".part", ".tmp", ".crdownload", ".filepart", reportSuffix} {
		if strings.HasSuffix(lower, ext) {
			return true
		}
	}
	return false
}
