package mqtt

import (
	"context"
	"fmt"
	"strings"

	"onecity/cim"
	"onecity/ingest"
	"onecity/streams"
)

// Resend takes a message that was a dead letter and has been mended, on the
// same path as one that a device publishes; nil means the letter's own body.
// What is wrong with it still is in the answer; the letter stays where it is
// (Broker.Dig removes it).
func Resend(ctx context.Context, gate *ingest.Gate, letter streams.DeadLetter, mended []byte) (ingest.Accepted, error) {
	if mended == nil {
		mended = letter.Body
	}
	device, topic, _ := strings.Cut(letter.Source, "/")
	if topic == "position" {
		p, problem := ingest.ParsePosition(device, letter.At, mended)
		if problem != nil {
			return ingest.Accepted{Rejected: 1, Problems: []ingest.Problem{*problem}}, nil
		}
		a, err := gate.Positions(ctx, source, "", []cim.Position{p})
		if err != nil {
			return a, fmt.Errorf("resend a position of %s: %w", device, err)
		}
		return a, nil
	}
	readings, problems := Telemetry(device, letter.At, mended)
	a := ingest.Accepted{Rejected: len(problems), Problems: problems}
	if len(readings) == 0 {
		return a, nil
	}
	b, err := gate.Readings(ctx, source, "", readings)
	if err != nil {
		return b, fmt.Errorf("resend a message of %s: %w", device, err)
	}
	a.Merge(b, 0)
	return a, nil
}
