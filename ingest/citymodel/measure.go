package citymodel

import (
	"math"
	"strconv"
	"strings"
)

// metres reads a length as people write it in OSM and in tables: "12", "12.5 m",
// "12,5", "40 ft", "40'", "5'6\"". It is false for anything else.
func metres(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	factor := 1.0
	switch {
	case strings.HasSuffix(s, "ft"):
		s, factor = strings.TrimSuffix(s, "ft"), 0.3048
	case strings.HasSuffix(s, "m"), strings.HasSuffix(s, "米"):
		s = strings.TrimSuffix(strings.TrimSuffix(s, "m"), "米")
	case strings.Contains(s, "'"):
		feet, inches, _ := strings.Cut(s, "'")
		f, ok := number(feet)
		if !ok {
			return 0, false
		}
		if inches = strings.TrimSuffix(inches, `"`); inches != "" {
			in, ok := number(inches)
			if !ok {
				return 0, false
			}
			f += in / 12
		}
		return f * 0.3048, true
	}
	v, ok := number(s)
	return v * factor, ok
}

// number reads a finite decimal number, with a point or one comma.
func number(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	if strings.ContainsAny(s, "xXpPnNiI_") { // no hexadecimal, NaN or Inf
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, false
	}
	return v, true
}

// highest is the tallest thing that is believed, in metres: the tallest
// building of the world has 828.
const highest = 1000

// heights finds how tall a thing is and where its floor begins, metres above
// ground, from its columns. 0 is unknown.
func (m *Mapping) heights(f *Feature) (height, base float32) {
	storey := m.LevelHeight
	if storey == 0 {
		storey = 3
	}
	h, b := f.Height, f.Base
	if h == 0 {
		if v, ok := metres(first(f.Tags, m.Height)); ok {
			h = v
		} else if v, ok := number(first(f.Tags, m.Levels)); ok {
			h = v * storey
		}
	}
	if b == 0 {
		if v, ok := metres(first(f.Tags, m.Base)); ok {
			b = v
		} else if v, ok := number(first(f.Tags, m.MinLevel)); ok {
			b = v * storey
		}
	}
	if !(h > 0 && h <= highest) {
		h = 0
	}
	if !(b > 0 && b < h) {
		b = 0
	}
	return float32(h), float32(b)
}
