package streams

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// watchFlushes counts what a syncer flushes, and still flushes it.
func watchFlushes(s *syncer) (blocks, dirs *atomic.Int64) {
	blocks, dirs = new(atomic.Int64), new(atomic.Int64)
	s.flush = func(path string) error {
		if strings.HasSuffix(path, ".blk") {
			blocks.Add(1)
		} else {
			dirs.Add(1)
		}
		return flushFile(path)
	}
	return blocks, dirs
}

func TestASyncedFactIsFlushedBeforeItsSenderIsTold(t *testing.T) {
	b := open(t, Options{})
	blocks, dirs := watchFlushes(b.city)
	publish(t, b, "written")
	if blocks.Load() != 0 {
		t.Error("a written fact was flushed")
	}
	for i := range 3 {
		before := blocks.Load()
		if err := b.Publish(t.Context(), fact(fmt.Sprint("synced", i)), Synced); err != nil {
			t.Fatal(err)
		}
		if blocks.Load() == before {
			t.Errorf("synced fact %d was acknowledged without a flush", i)
		}
	}
	if dirs.Load() != 1 {
		t.Errorf("the directory was flushed %d times for one block", dirs.Load())
	}
	blocks, _ = watchFlushes(b.media)
	if err := b.PutMedia(t.Context(), "a.jpg", "image/jpeg", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if blocks.Load() == 0 {
		t.Error("a photo was acknowledged without a flush")
	}
}

// TestTheAcknowledgedFactIsInTheFileThatIsFlushed: the claim that the whole of
// Durability stands on, that the server has written before it acknowledges.
func TestTheAcknowledgedFactIsInTheFileThatIsFlushed(t *testing.T) {
	b := open(t, Options{})
	for i := range 200 {
		id := fmt.Sprintf("needle-%d-", i)
		publish(t, b, id)
		files, err := blockFiles(b.city.dir)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, path := range files {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(data), id)
		}
		if !found {
			t.Fatalf("%s was acknowledged and is in no block of %s", id, b.city.dir)
		}
	}
}

func TestSendersWhoComeTogetherShareAFlush(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "1.blk"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSyncer(dir)
	var flushes atomic.Int64
	entered, gate := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.flush = func(path string) error {
		if strings.HasSuffix(path, ".blk") {
			flushes.Add(1)
			once.Do(func() { close(entered); <-gate })
		}
		return nil
	}
	var wg sync.WaitGroup
	call := func() {
		wg.Go(func() {
			if err := s.sync(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	call()
	<-entered // the first flush runs, and what comes now is not in it
	for range 50 {
		call()
	}
	until(t, "a second round gathers", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.next != nil
	})
	close(gate)
	wg.Wait()
	if n := flushes.Load(); n < 2 || n > 51 {
		t.Errorf("%d flushes for 51 senders", n)
	}
	if flushes.Load() == 51 {
		t.Error("nobody shared a flush")
	}
}

func TestNewBlocksAreFlushedWithTheirDirectory(t *testing.T) {
	dir := t.TempDir()
	s := newSyncer(dir)
	var flushed []string
	s.flush = func(path string) error {
		flushed = append(flushed, filepath.Base(path))
		return nil
	}
	step := func(name, want string) {
		t.Helper()
		if name != "" {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		flushed = nil
		if err := s.sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, f := range flushed {
			got[f] = true
		}
		for _, w := range strings.Fields(want) {
			if !got[strings.ReplaceAll(w, "DIR", filepath.Base(dir))] {
				t.Errorf("after %s: flushed %v, want %s", name, flushed, want)
			}
		}
		if len(got) != len(strings.Fields(want)) {
			t.Errorf("after %s: flushed %v, want %s", name, flushed, want)
		}
	}
	step("", "")
	step("1.blk", "1.blk DIR")
	step("", "1.blk")
	step("2.blk", "1.blk 2.blk DIR") // the end of 1 may not be flushed yet
	step("index.db", "2.blk")
}
