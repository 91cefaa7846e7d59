package cim

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"onecity/geo"
)

// checkpointMagic starts a checkpoint; its last byte is the format's version.
const checkpointMagic = "ONECITY\x03"

// Checkpoint writes everything but the objects to w: what else stands
// (profile, regions, formula, devices, units) and what lives (values, windows,
// places of units, incidents, indicators, counters, time and position), such
// that [Restore] makes an equal model of it and of the objects. Equal snapshots
// write equal bytes.
func (s *Snapshot) Checkpoint(w io.Writer) error {
	e := &encoder{w: bufio.NewWriterSize(w, 1<<16)}
	_, _ = e.w.WriteString(checkpointMagic)
	e.uint(s.seq)
	e.int(s.at.UnixNano() - s.now*1e6) // the rest of the millisecond
	s.encodeRegister(e)
	s.encodeLive(e)
	s.encodeCounters(e)
	e.string("end")
	if err := e.w.Flush(); err != nil {
		return fmt.Errorf("write checkpoint at %d: %w", s.seq, err)
	}
	return nil
}

// encodeCounters writes what is counted but is no part of the city.
func (s *state) encodeCounters(e *encoder) {
	e.uint(uint64(len(s.ignored.list)))
	for _, c := range s.ignored.list {
		e.string(c.reason)
		e.uint(c.n)
	}
	e.uint(uint64(s.tallyDir.Len()))
	s.tallyDir.Scan(func(code geo.Code, slot uint32) bool {
		n := s.tallies.at(slot)
		e.string(string(code))
		e.uint(uint64(len(n.grades)))
		for i := range n.grades {
			c := &n.grades[i]
			e.uint(uint64(c.grade))
			e.uint(c.total)
			e.uint(c.duplicates)
			e.int(c.rate.step)
			for _, v := range c.rate.n {
				e.uint(uint64(v))
			}
		}
		return true
	})
}

// head is how a checkpoint begins: its position, and what its time has beyond
// the millisecond, in nanoseconds.
type head struct {
	seq  uint64
	rest int64
}

func (d *decoder) head() head {
	var b [len(checkpointMagic)]byte
	if _, err := io.ReadFull(d.r, b[:]); err != nil {
		d.fail(err)
	} else if string(b[:]) != checkpointMagic {
		d.fail(fmt.Errorf("%w: it does not start with %q", errBroken, checkpointMagic))
	}
	return head{d.uint(), d.int()}
}

// exactTime undoes the split of a time into milliseconds and the rest.
func exactTime(ms, rest int64) time.Time { return time.UnixMilli(ms).Add(time.Duration(rest)).UTC() }
