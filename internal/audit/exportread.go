package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// ErrExport: what was read is no export of an audit log.
var ErrExport = errors.New("this is no export of an audit log")

// maxLine is the longest line of an export: the largest entry, written in
// escapes.
const maxLine = 16 << 20

// ExportFile is the Source in an export; it is read once.
func ExportFile(r io.Reader) Source { return exportFile{r} }

type exportFile struct{ r io.Reader }

// piece is some lines of an export, which one worker decodes.
type piece struct {
	first  int // number of the first line
	lines  [][]byte
	claims []Claim
	err    error
	done   chan struct{}
}

const pieceLines = 256

// Read decodes pieces on all processors, and gives the claims in the order of
// the lines.
func (f exportFile) Read(ctx context.Context, head func(Head) error, claim func(Claim) error) error {
	scan := bufio.NewScanner(f.r)
	scan.Buffer(make([]byte, 0, 1<<16), maxLine)
	if !scan.Scan() {
		return scanned(scan)
	}
	if err := readHead(scan.Bytes(), head); err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	workers := runtime.GOMAXPROCS(0)
	work, inOrder := make(chan *piece), make(chan *piece, 2*workers)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(work)
		defer close(inOrder)
		return cutUp(ctx, scan, work, inOrder)
	})
	for range workers {
		group.Go(func() error {
			for p := range work {
				p.decode()
				close(p.done)
			}
			return nil
		})
	}
	group.Go(func() error { return giveOut(ctx, inOrder, claim) })
	return group.Wait()
}

// cutUp cuts the lines into pieces.
func cutUp(ctx context.Context, scan *bufio.Scanner, to ...chan<- *piece) error {
	next := &piece{first: 2, done: make(chan struct{})}
	send := func() error {
		for _, c := range to {
			select {
			case c <- next:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		next = &piece{first: next.first + len(next.lines), done: make(chan struct{})}
		return nil
	}
	for scan.Scan() {
		next.lines = append(next.lines, bytes.Clone(scan.Bytes()))
		if len(next.lines) == pieceLines {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := send(); err != nil {
		return err
	}
	return scanned(scan)
}

func scanned(scan *bufio.Scanner) error {
	if err := scan.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrExport, err)
	}
	return nil
}

func (p *piece) decode() {
	p.claims = make([]Claim, 0, len(p.lines))
	for i, line := range p.lines {
		c, err := readClaim(line)
		if err != nil {
			p.err = fmt.Errorf("line %d: %w", p.first+i, err)
			return
		}
		p.claims = append(p.claims, c)
	}
}

func giveOut(ctx context.Context, inOrder <-chan *piece, claim func(Claim) error) error {
	for p := range inOrder {
		select {
		case <-p.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, c := range p.claims {
			if err := claim(c); err != nil {
				return err
			}
		}
		if p.err != nil {
			return p.err
		}
	}
	return nil
}

func readHead(line []byte, head func(Head) error) error {
	var h exportHead
	if err := decodeStrictly(line, &h); err != nil {
		return err
	}
	if h.Format != exportFormat {
		return fmt.Errorf("%w: its format is %.80q, not %q", ErrExport, h.Format, exportFormat)
	}
	if err := h.Hash.valid(); err != nil {
		return fmt.Errorf("%w: %w", ErrExport, err)
	}
	return head(h.Head)
}

func readClaim(line []byte) (Claim, error) {
	var l exportLine
	if err := decodeStrictly(line, &l); err != nil {
		return Claim{}, err
	}
	c, err := l.claim()
	if err != nil {
		return Claim{}, fmt.Errorf("%w: %w", ErrExport, err)
	}
	return c, nil
}

func decodeStrictly(line []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("%w: %w", ErrExport, err)
	}
	return nil
}
