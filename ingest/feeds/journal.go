package feeds

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

const (
	doneDir, failedDir = "done", "failed"
	reportSuffix       = ".report.json"
)

// journal is the memory of what was delivered: the report files in the
// folders. In memory it keeps where the report of each content is, and the
// last one of each feed.
type journal struct {
	dir string

	mu    sync.Mutex
	at    map[string]string // feed + "/" + SHA-256 → report file
	lasts map[string]*Report
}

func openJournal(dir string, contracts []*Contract) (*journal, error) {
	j := &journal{dir: dir, at: map[string]string{}, lasts: map[string]*Report{}}
	for _, c := range contracts {
		for _, sub := range []string{doneDir, failedDir} {
			folder := filepath.Join(dir, c.ID, sub)
			if err := os.MkdirAll(folder, 0o750); err != nil {
				return nil, fmt.Errorf("make the folder of feed %s: %w", c.ID, err)
			}
			if err := j.load(folder); err != nil {
				return nil, err
			}
		}
	}
	return j, nil
}

func (j *journal) load(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*"+reportSuffix))
	if err != nil {
		return fmt.Errorf("list reports: %w", err)
	}
	for _, file := range files {
		r, err := readReport(file)
		if err != nil {
			continue // a report that a person has spoiled is forgotten, no more
		}
		j.note(r, file)
	}
	return nil
}

func readReport(file string) (*Report, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("read report %s: %w", file, err)
	}
	return &r, nil
}

func (j *journal) note(r *Report, file string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	key := r.Feed + "/" + r.SHA256
	if _, there := j.at[key]; !there || !r.Repeated {
		j.at[key] = file
	}
	if last := j.lasts[r.Feed]; last == nil || !r.Finished.Before(last.Finished) {
		j.lasts[r.Feed] = r
	}
}

func (j *journal) last(feed string) *Report {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lasts[feed]
}

// find is the report of the same content, if it was delivered before.
func (j *journal) find(feed, sum string) (Report, bool) {
	j.mu.Lock()
	file, ok := j.at[feed+"/"+sum]
	j.mu.Unlock()
	if !ok {
		return Report{}, false
	}
	r, err := readReport(file)
	if err != nil {
		return Report{}, false // removed by hand: it may come again
	}
	return *r, true
}

// keep writes the file and its report into done or failed: the report first,
// so that a file that is there has one.
func (j *journal) keep(r Report, body []byte) error {
	folder := filepath.Join(j.dir, r.Feed, doneDir)
	if r.Failed() {
		folder = filepath.Join(j.dir, r.Feed, failedDir)
	}
	name, err := freeName(folder, r.File)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode report of %s: %w", r.File, err)
	}
	file := filepath.Join(folder, name)
	if err := writeFile(file+reportSuffix, data); err != nil {
		return err
	}
	if err := writeFile(file, body); err != nil {
		return err
	}
	j.note(&r, file+reportSuffix)
	return nil
}

// freeName is name, or name with a number when it is taken.
func freeName(folder, name string) (string, error) {
	stem, ext := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
	for n := 1; ; n++ {
		try := name
		if n > 1 {
			try = stem + "-" + strconv.Itoa(n) + ext
		}
		_, err := os.Lstat(filepath.Join(folder, try+reportSuffix))
		if errors.Is(err, os.ErrNotExist) {
			return try, nil
		}
		if err != nil {
			return "", fmt.Errorf("look for a free name in %s: %w", folder, err)
		}
	}
}

// writeFile writes a file under its name only when it is whole.
func writeFile(file string, data []byte) error {
	part := file + ".part"
	if err := os.WriteFile(part, data, 0o640); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if err := os.Rename(part, file); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}

// path is where the file of a kept report is.
func (j *journal) path(r Report) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.TrimSuffix(j.at[r.Feed+"/"+r.SHA256], reportSuffix)
}
