package feeds

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"onecity/ingest"
	"onecity/streams"
)

// Options of a Service.
type Options struct {
	// Dir holds a folder for each feed; see the package comment.
	Dir       string
	Contracts []*Contract
	Gate      *ingest.Gate
	// Bury keeps a dead letter (streams.Broker.Bury).
	Bury func(ctx context.Context, l streams.DeadLetter) error
	// Settle is how long a file must not have changed before it is taken
	// (default 2 s), and Rescan how often the folders are looked through
	// whatever the file system said (default 30 s).
	Settle, Rescan time.Duration
	// Log defaults to slog.Default.
	Log *slog.Logger
}

// Service takes deliveries. It is safe for concurrent use; deliveries of one
// feed pass one after the other.
type Service struct {
	Options
	feeds   map[string]*feed
	journal *journal
}

type feed struct {
	*Contract
	turn sync.Mutex
}

// For is the same Service for a sender who may not bring everything: rows about
// what the sender does not reach are refused (ingest.Gate.For).
func (s *Service) For(may ingest.May) *Service {
	h := *s
	h.Gate = s.Gate.For(may)
	return &h
}

// Feed is a contract with how its last delivery went.
type Feed struct {
	*Contract
	Last *Report `json:"last,omitempty"`
}

// What a delivery can fail with, beside what its Report says.
var (
	// ErrUnknownFeed: no contract of that id.
	ErrUnknownFeed = errors.New("no such feed")
	// ErrTooLarge: the file is over MaxFile.
	ErrTooLarge = fmt.Errorf("the file is over %d MiB; deliver in parts", MaxFile>>20)
)

// MaxFile is the largest delivery, in bytes.
const MaxFile = 64 << 20

// Open makes the folders and reads what was delivered before.
func Open(o Options) (*Service, error) {
	if o.Settle == 0 {
		o.Settle = 2 * time.Second
	}
	if o.Rescan == 0 {
		o.Rescan = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Service{Options: o, feeds: map[string]*feed{}}
	for _, c := range o.Contracts {
		if err := c.Validate(); err != nil {
			return nil, err
		}
		if s.feeds[c.ID] != nil {
			return nil, fmt.Errorf("two contracts are called %s", c.ID)
		}
		s.feeds[c.ID] = &feed{Contract: c}
	}
	var err error
	s.journal, err = openJournal(o.Dir, o.Contracts)
	return s, err
}

// Feeds lists the contracts, in the order they were given.
func (s *Service) Feeds() []Feed {
	list := make([]Feed, 0, len(s.Contracts))
	for _, c := range s.Contracts {
		list = append(list, Feed{Contract: c, Last: s.journal.last(c.ID)})
	}
	return list
}

// Deliver takes a file that was delivered under the name. What is wrong with
// the file is in the Report, and a refused file is no error; err is
// ErrUnknownFeed, ErrTooLarge, or the stream's, and then the delivery should
// be tried again.
func (s *Service) Deliver(ctx context.Context, feedID, name string, body []byte) (Report, error) {
	f := s.feeds[feedID]
	if f == nil {
		return Report{}, fmt.Errorf("deliver %q: %w", ingest.Shorten(feedID), ErrUnknownFeed)
	}
	if len(body) > MaxFile {
		return Report{}, fmt.Errorf("deliver %s: %w", feedID, ErrTooLarge)
	}
	f.turn.Lock()
	defer f.turn.Unlock()
	r, err := s.deliver(ctx, f.Contract, fileName(name), body)
	if err != nil {
		return r, fmt.Errorf("deliver %s: %w", feedID, err)
	}
	return r, s.journal.keep(r, body)
}

func (s *Service) deliver(ctx context.Context, c *Contract, name string, body []byte) (Report, error) {
	sum := sha256.Sum256(body)
	r := Report{Feed: c.ID, File: name, SHA256: hex.EncodeToString(sum[:]), Started: s.Gate.Now()}
	before, repeated := s.journal.find(c.ID, r.SHA256)
	if repeated && !before.Failed() && before.Rejected == 0 {
		before.File, before.Repeated = name, true
		return before, nil
	}
	d, err := s.open(c, &r, body)
	if err != nil {
		r.Error, r.Finished = err.Error(), s.Gate.Now()
		return r, nil
	}
	if err := d.take(ctx); err != nil {
		return r, err
	}
	// Rows that were refused before are dead letters already.
	if r.Repeated = repeated && before.Error == ""; !r.Repeated {
		if err := d.bury(ctx, s.Bury); err != nil {
			return r, err
		}
	}
	r.Finished = s.Gate.Now()
	s.Log.Info("feed delivered", "feed", c.ID, "file", name, "rows", r.Rows, "accepted", r.Accepted, "rejected", r.Rejected)
	return r, nil
}

// open reads the file and matches it with the contract.
func (s *Service) open(c *Contract, r *Report, body []byte) (*delivery, error) {
	t, err := readTable(c, r.File, body)
	if err != nil {
		return nil, err
	}
	r.Format, r.Encoding = t.format, t.encoding
	rd, err := newReader(c, t)
	if err != nil {
		return nil, err
	}
	r.Unknown = rd.binding.unknown
	d := &delivery{reader: rd, gate: s.Gate, source: "/" + way(c.ID), report: r, keys: map[string]int{}}
	return d, d.checkOffset()
}

// readTable reads a file by what is in it; a name decides only between what
// looks alike.
func readTable(c *Contract, name string, body []byte) (*table, error) {
	start := strings.TrimLeft(string(body[:min(len(body), 64)]), "\ufeff \t\r\n")
	switch {
	case len(body) == 0:
		return nil, errors.New("the file is empty")
	case strings.HasPrefix(start, "PK\x03\x04") || strings.HasPrefix(start, "\xD0\xCF\x11\xE0"):
		return readXLSX(body, c)
	case strings.HasPrefix(start, "{"):
		return readGeoJSON(body, c)
	}
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".xlsx", ".xlsm", ".geojson", ".json":
		return nil, fmt.Errorf("the file is called %s, and is none", ext)
	}
	return readCSV(body, c, c.recognises)
}

// fileName makes a name from a sender safe for the folder.
func fileName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || strings.ContainsRune(`<>:"/\|?*`, r) || r == 0xFFFD {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(name, ".~")
	for len(name) > 200 {
		name = name[1:]
	}
	if name = strings.ToValidUTF8(name, ""); name == "" {
		return "delivery"
	}
	if unfinished(name) { // a report's name, or one that is given while writing
		name += "_"
	}
	return name
}
