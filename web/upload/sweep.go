package upload

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Run removes what nobody comes back for, until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := s.Sweep(); err != nil {
			s.Log.Warn("unfinished uploads were not removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Sweep removes unfinished uploads after Kept, and the word of finished ones
// after Told.
func (s *Store) Sweep() error {
	now := s.Now()
	err := s.each(func(info handler.FileInfo, touched time.Time) error {
		if now.Sub(touched) < Kept {
			return nil
		}
		return s.drop(info.ID)
	})
	if err != nil {
		return err
	}
	told, err := os.ReadDir(filepath.Join(s.Dir, "done"))
	if err != nil {
		return fmt.Errorf("sweep the uploads: %w", err)
	}
	for _, e := range told {
		if at, err := e.Info(); err == nil && now.Sub(at.ModTime()) >= Told {
			if err := os.Remove(s.doneFile(e.Name())); err != nil {
				return fmt.Errorf("sweep the uploads: %w", err)
			}
		}
	}
	return nil
}
