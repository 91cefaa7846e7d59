package cim

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"onecity/geo"
)

// checkpointMagic starts a checkpoint; its last byte is the format's version.
const checkpointMagic = "ONECITY\x01"

// Checkpoint writes the live state (values, windows, places of units,
// incidents, indicators, counters, time and position) to w, such that
// [Restore] makes an equal model of it and of the standing facts (profile,
// regions, formula, objects, devices, units). Equal snapshots write equal bytes.
func (s *Snapshot) Checkpoint(w io.Writer) error {
	e := &encoder{w: bufio.NewWriterSize(w, 1<<16)}
	_, _ = e.w.WriteString(checkpointMagic)
	e.uint(s.seq)
	e.int(s.at.UnixNano() - s.now*1e6) // the rest of the millisecond
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

func (d *decoder) header() (seq uint64, magicOK bool) {
	var b [len(checkpointMagic)]byte
	if _, err := io.ReadFull(d.r, b[:]); err != nil {
		d.fail(err)
		return 0, false
	}
	return d.uint(), string(b[:]) == checkpointMagic
}

// exactTime undoes the split of a time into milliseconds and the rest.
func exactTime(ms, rest int64) time.Time { return time.UnixMilli(ms).Add(time.Duration(rest)).UTC() }
