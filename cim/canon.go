package cim

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// encoder writes the canonical encoding: varints, IEEE 754 bits and strings
// with their length, always in the same order. The first error sticks in the
// bufio.Writer and comes out at its Flush.
type encoder struct {
	w   *bufio.Writer
	buf [binary.MaxVarintLen64]byte
}

func (e *encoder) uint(v uint64) {
	n := binary.PutUvarint(e.buf[:], v)
	_, _ = e.w.Write(e.buf[:n])
}

func (e *encoder) int(v int64) {
	n := binary.PutVarint(e.buf[:], v)
	_, _ = e.w.Write(e.buf[:n])
}

func (e *encoder) float(v float64) {
	binary.LittleEndian.PutUint64(e.buf[:8], math.Float64bits(v))
	_, _ = e.w.Write(e.buf[:8])
}

func (e *encoder) bool(v bool) {
	if v {
		e.uint(1)
	} else {
		e.uint(0)
	}
}

func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	_, _ = e.w.WriteString(s)
}

func (e *encoder) bytes(b []byte) {
	e.uint(uint64(len(b)))
	_, _ = e.w.Write(b)
}

// decoder reads what encoder wrote; err is the first thing that went wrong,
// after which all it reads is zero.
type decoder struct {
	r   *bufio.Reader
	err error
}

// ErrCheckpoint: a checkpoint cannot be read. It may be of another version of
// the program, or broken.
var ErrCheckpoint = errors.New("the checkpoint cannot be read")

var errBroken = errors.New("it is broken")

func (d *decoder) fail(err error) {
	if d.err == nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		d.err = err
	}
}

func (d *decoder) uint() uint64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(d.r)
	if err != nil {
		d.fail(err)
		return 0
	}
	return v
}

func (d *decoder) int() int64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadVarint(d.r)
	if err != nil {
		d.fail(err)
		return 0
	}
	return v
}

func (d *decoder) float() float64 {
	var b [8]byte
	if d.err != nil {
		return 0
	}
	if _, err := io.ReadFull(d.r, b[:]); err != nil {
		d.fail(err)
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b[:]))
}

// maxBytes bounds one string of a checkpoint.
const maxBytes = 16 << 20

func (d *decoder) bytes() []byte {
	n := d.uint()
	if n > maxBytes {
		d.fail(fmt.Errorf("%w: a string of %d bytes", errBroken, n))
	}
	if d.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.fail(err)
		return nil
	}
	return b
}

func (d *decoder) string() string { return string(d.bytes()) }

// times calls fn as often as the next number says, until something fails.
func (d *decoder) times(fn func()) {
	for n := d.uint(); n > 0 && d.err == nil; n-- {
		fn()
	}
}
