package cim

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// scanObservations reads the usual form of Observations several times faster
// than encoding/json, which has the last word on everything else: ok is false
// for a form that is not the usual one (other keys, escapes, null), and what is
// read is what encoding/json reads.
func scanObservations(data []byte) (f Observations, ok bool) {
	// Every string in the result is a part of this one.
	s := scanner{text: string(data)}
	if !s.mark('{') || !s.key("observations") || !s.mark('[') {
		return f, false
	}
	// An observation takes about 90 bytes.
	f.Observations = make([]Observation, 0, len(data)/80+1)
	for !s.mark(']') {
		if len(f.Observations) > 0 && !s.mark(',') {
			return f, false
		}
		f.Observations = append(f.Observations, Observation{})
		if !s.observation(&f.Observations[len(f.Observations)-1]) {
			return f, false
		}
	}
	return f, s.mark('}') && s.end()
}

// scanner walks over JSON text. Its methods skip white space before what they
// look for, and stay where they are when it is not there.
type scanner struct {
	text string
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) mark(c byte) bool {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) end() bool {
	s.space()
	return s.at == len(s.text)
}

// key reads "name":.
func (s *scanner) key(name string) bool {
	k, ok := s.string()
	return ok && k == name && s.mark(':')
}

// string reads a string without escapes.
func (s *scanner) string() (v string, ok bool) {
	if !s.mark('"') {
		return "", false
	}
	start, ascii := s.at, true
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			v = s.text[start:s.at]
			s.at++
			return v, ascii || utf8.ValidString(v)
		case c == '\\' || c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", false
}

// number reads a number by the grammar of JSON, which strconv's is wider than.
func (s *scanner) number() (v float64, ok bool) {
	s.space()
	start := s.at
	s.one("-")
	if !s.one("0") && s.digits() == 0 {
		return 0, false
	}
	if s.one(".") && s.digits() == 0 {
		return 0, false
	}
	if s.one("eE") {
		s.one("+-")
		if s.digits() == 0 {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s.text[start:s.at], 64)
	return v, err == nil
}

// one skips one of the characters in set.
func (s *scanner) one(set string) bool {
	if s.at < len(s.text) {
		for i := range len(set) {
			if s.text[s.at] == set[i] {
				s.at++
				return true
			}
		}
	}
	return false
}

func (s *scanner) digits() (n int) {
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		s.at++
		n++
	}
	return n
}

func (s *scanner) observation(o *Observation) (ok bool) {
	if !s.mark('{') {
		return false
	}
	for n := 0; !s.mark('}'); n++ {
		if n > 0 && !s.mark(',') {
			return false
		}
		k, ok := s.string()
		if !ok || !s.mark(':') {
			return false
		}
		switch k {
		case "device":
			o.Device, ok = s.string()
		case "property":
			var p string
			p, ok = s.string()
			o.Property = Property(p)
		case "time":
			o.Time, ok = s.time()
		case "value":
			o.Value, ok = s.number()
		default:
			return false
		}
		if !ok {
			return false
		}
	}
	return true
}

func (s *scanner) time() (t time.Time, ok bool) {
	v, ok := s.string()
	if !ok {
		return t, false
	}
	var buf [40]byte
	err := t.UnmarshalText(append(buf[:0], v...))
	return t, err == nil
}
