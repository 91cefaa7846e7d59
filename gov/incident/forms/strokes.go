package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Strokes are a signature as it was drawn: lines of points on a sheet of
// SheetWidth × SheetHeight, x to the right and y down.
type Strokes [][][2]int

// The sheet that a signature is drawn on, and how much may be drawn.
const (
	SheetWidth  = 1000
	SheetHeight = 400
	maxStrokes  = 200
	maxPoints   = 6000
)

var errStrokes = errors.New("a signature is a list of strokes, each a list of points [x, y] on a sheet of 1000 × 400")

// readStrokes reads a signature; nil when nothing was drawn.
func readStrokes(raw []byte) (Strokes, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	var lines [][][]int
	if err := d.Decode(&lines); err != nil {
		return nil, errStrokes
	}
	if len(lines) > maxStrokes {
		return nil, fmt.Errorf("a signature of %d strokes: at most %d", len(lines), maxStrokes)
	}
	var s Strokes
	points := 0
	for _, line := range lines {
		if len(line) == 0 {
			continue
		}
		if points += len(line); points > maxPoints {
			return nil, fmt.Errorf("a signature of more than %d points", maxPoints)
		}
		stroke := make([][2]int, len(line))
		for i, p := range line {
			if len(p) != 2 || p[0] < 0 || p[0] > SheetWidth || p[1] < 0 || p[1] > SheetHeight {
				return nil, errStrokes
			}
			stroke[i] = [2]int{p[0], p[1]}
		}
		s = append(s, stroke)
	}
	return s, nil
}

// path is what was drawn as the d of an SVG path; a dot is a short line.
func (s Strokes) path() string {
	var b strings.Builder
	for _, line := range s {
		fmt.Fprintf(&b, "M%d %d", line[0][0], line[0][1])
		for _, p := range line[1:] {
			fmt.Fprintf(&b, "L%d %d", p[0], p[1])
		}
		if len(line) == 1 {
			b.WriteString("h1")
		}
	}
	return b.String()
}
