package upload

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	expslog "golang.org/x/exp/slog"
)

const (
	// MaxBytes is the largest photo that is taken in.
	MaxBytes = 20 << 20
	// Kept is how long an unfinished upload waits for its next bytes, and Told how
	// long Done remembers a finished one.
	Kept = 3 * 24 * time.Hour
	Told = 30 * 24 * time.Hour
	// MaxOpen is how many unfinished uploads one sender may have.
	MaxOpen = 100
)

var (
	// ErrUnknown: no such upload, or somebody else's.
	ErrUnknown = errors.New("no such upload")
	// ErrUnfinished: bytes are missing.
	ErrUnfinished = errors.New("the upload is not finished")
	// ErrNotImage: what came is no image that is taken here.
	ErrNotImage = errors.New("it is not an image")
)

// Media is the store of photos; streams.Broker is one.
type Media interface {
	PutMedia(ctx context.Context, name, contentType string, body []byte) error
}

// Options of a Store. Dir, Media and Owner are needed.
type Options struct {
	// Dir is where unfinished uploads are kept.
	Dir   string
	Media Media
	// Owner is the subject that sends a request; "" is nobody.
	Owner func(*http.Request) string
	// Base is the path that the store is served under (default "/api/v1/uploads/").
	Base string
	Now  func() time.Time // nil means time.Now
	Log  *slog.Logger     // nil means slog.Default()
}

// Done is a finished upload.
type Done struct {
	ID string `json:"id"`
	// Media is the photo's path below /media/, SHA256 (hex) and Bytes are of what
	// was received.
	Media    string    `json:"media" doc:"照片路径 Path of the photo"`
	SHA256   string    `json:"sha256"`
	Bytes    int64     `json:"bytes"`
	Received time.Time `json:"received"`
	// Smaller says that the photo was too large to be kept as it came: what is
	// kept is a smaller copy.
	Smaller bool `json:"smaller,omitempty" doc:"存的是缩小的副本 A smaller copy is kept"`
	// Owner is who sent it.
	Owner string `json:"owner"`
}

// Store is an http.Handler for Base and what is below. It is safe for
// concurrent use; Run sweeps it.
type Store struct {
	Options
	files  filestore.FileStore
	tus    *handler.Handler
	finish sync.Mutex // one photo is decoded at a time
}

// New opens the store; what was there before goes on.
func New(o Options) (*Store, error) {
	if o.Dir == "" || o.Media == nil || o.Owner == nil {
		return nil, errors.New("uploads need a directory, a store of photos and a way to tell whose they are")
	}
	if o.Base == "" {
		o.Base = "/api/v1/uploads/"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, "done"), 0o700); err != nil {
		return nil, fmt.Errorf("open the uploads: %w", err)
	}
	s := &Store{Options: o, files: filestore.FileStore{Path: o.Dir, DirModePerm: 0o700, FileModePerm: 0o600}}
	composer := handler.NewStoreComposer()
	composer.UseCore(s.files)
	composer.UseTerminater(s.files)
	memorylocker.New().UseIn(composer)
	var err error
	s.tus, err = handler.NewHandler(handler.Config{
		StoreComposer: composer, MaxSize: MaxBytes, BasePath: o.Base,
		DisableDownload: true, DisableConcatenation: true, Cors: &handler.CorsConfig{Disable: true},
		NetworkTimeout: 30 * time.Second,
		// The server's own log has every request; tusd's would say it again.
		Logger:                    expslog.New(expslog.NewTextHandler(discard{}, &expslog.HandlerOptions{Level: expslog.LevelError + 1})),
		PreUploadCreateCallback:   s.begin,
		PreFinishResponseCallback: s.finished,
	})
	if err != nil {
		return nil, fmt.Errorf("open the uploads: %w", err)
	}
	return s, nil
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

var wellFormed = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// begin names a new upload and writes down whose it is.
func (s *Store) begin(e handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
	owner := ownerIn(e.Context)
	if e.Upload.Size == 0 && !e.Upload.SizeIsDeferred {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, handler.NewError("EMPTY", "空文件 / the file is empty", http.StatusUnprocessableEntity)
	}
	open, err := s.open(owner)
	if err != nil {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, err
	}
	if open >= MaxOpen {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, handler.NewError("TOO_MANY", "未完成的上传过多 / too many unfinished uploads", http.StatusTooManyRequests)
	}
	meta := handler.MetaData{"owner": owner}
	for _, k := range []string{"filename", "filetype", "sha256"} {
		if v := e.Upload.MetaData[k]; v != "" && len(v) <= 200 {
			meta[k] = v
		}
	}
	expires := s.Now().Add(Kept).UTC().Format(http.TimeFormat)
	return handler.HTTPResponse{Header: handler.HTTPHeader{"Upload-Expires": expires}}, handler.FileInfoChanges{ID: rand.Text(), MetaData: meta}, nil
}

// open counts a sender's unfinished uploads.
func (s *Store) open(owner string) (n int, err error) {
	err = s.each(func(info handler.FileInfo, _ time.Time) error {
		if info.MetaData["owner"] == owner {
			n++
		}
		return nil
	})
	return n, err
}

// each calls fn for every upload whose bytes are here, with when the last came.
func (s *Store) each(fn func(info handler.FileInfo, touched time.Time) error) error {
	found, err := filepath.Glob(filepath.Join(s.Dir, "*.info"))
	if err != nil {
		return fmt.Errorf("list the uploads: %w", err)
	}
	for _, name := range found {
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // ended meanwhile
		}
		if err != nil {
			return fmt.Errorf("list the uploads: %w", err)
		}
		var info handler.FileInfo
		if json.Unmarshal(b, &info) != nil || info.ID == "" {
			info.ID = filepath.Base(name[:len(name)-len(".info")]) // half written when the program was killed
		}
		touched := time.Time{}
		for _, f := range []string{name, filepath.Join(s.Dir, info.ID)} {
			if st, err := os.Stat(f); err == nil && st.ModTime().After(touched) {
				touched = st.ModTime()
			}
		}
		if err := fn(info, touched); err != nil {
			return err
		}
	}
	return nil
}

// info is an unfinished upload of that sender.
func (s *Store) info(ctx context.Context, owner, id string) (handler.FileInfo, error) {
	if !wellFormed.MatchString(id) {
		return handler.FileInfo{}, ErrUnknown
	}
	u, err := s.files.GetUpload(ctx, id)
	if errors.Is(err, handler.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return handler.FileInfo{}, ErrUnknown
	}
	if err != nil {
		return handler.FileInfo{}, fmt.Errorf("find upload %s: %w", id, err)
	}
	info, err := u.GetInfo(ctx)
	if err != nil {
		return handler.FileInfo{}, fmt.Errorf("find upload %s: %w", id, err)
	}
	if info.MetaData["owner"] != owner {
		return handler.FileInfo{}, ErrUnknown
	}
	return info, nil
}
