package simulate

import (
	"bytes"
	_ "embed"
	"io"
)

// sample is a set of reports of one hour in Kunshan. It was made by a program,
// from the texts of this package at places drawn at random: nobody reported
// any of it.
//
//go:embed sample.csv
var sample []byte

// Sample is the recorded set that comes with the program, for ReadRecorded.
func Sample() io.Reader { return bytes.NewReader(sample) }
