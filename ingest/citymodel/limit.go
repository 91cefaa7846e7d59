package citymodel

import (
	"fmt"
	"io"
	"sync/atomic"
)

// counter counts the bytes of the file that were read.
type counter struct {
	in io.Reader
	n  atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// TooLargeError says that a file unpacks to more than is allowed, as a
// decompression bomb does, or that one feature of it is out of all measure.
type TooLargeError struct {
	What  string
	Limit int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s is larger than the %d bytes that are allowed", e.What, e.Limit)
}

// limiter ends with a TooLargeError after limit bytes.
type limiter struct {
	in    io.Reader
	left  int64
	limit int64
	what  string
}

func (l *limiter) Read(p []byte) (int, error) {
	if l.left <= 0 {
		// Only if there is more is it too much.
		var one [1]byte
		if n, err := l.in.Read(one[:]); n == 0 {
			return 0, err
		}
		what := l.what
		if what == "" {
			what = "the unpacked file"
		}
		return 0, &TooLargeError{What: what, Limit: l.limit}
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.in.Read(p)
	l.left -= int64(n)
	return n, err
}

// renew gives the full allowance again: for a limit per feature.
func (l *limiter) renew() { l.left = l.limit }
