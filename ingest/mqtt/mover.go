package mqtt

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"onecity/cim"
	"onecity/ingest"
	"onecity/streams"

	"golang.org/x/sync/errgroup"
)

const (
	// way names this way in among the dead letters; source in the events.
	way    = "mqtt"
	source = "/mqtt"
	// batch is how many messages are moved at once at most.
	batch = 1000
	// buriers is how many dead letters are stored at the same time.
	buriers = 8
	// keepOfTooLarge is how much of a body over MaxBody a dead letter keeps.
	keepOfTooLarge = 4 << 10
)

// Run moves device messages to the Gate until ctx ends.
func Run(ctx context.Context, broker *streams.Broker, gate *ingest.Gate) error {
	m := mover{gate: gate.SpellOut(ingest.MaxBatch), bury: broker.Bury}
	return broker.ConsumeDevices(ctx, batch, func(ms []streams.DeviceMessage) error { return m.move(ctx, ms) })
}

type mover struct {
	gate *ingest.Gate
	bury func(context.Context, streams.DeadLetter) error
}

// parcel is a batch of messages taken apart. from holds, for each reading or
// position, which message it came in; why the problems of each message.
type parcel struct {
	readings      []ingest.Reading
	readingFrom   []int
	positions     []cim.Position
	positionsFrom []int
	why           map[int][]ingest.Problem
}

// move stores what is good of ms and buries the rest; an error means that it
// must be tried again, whole.
func (m *mover) move(ctx context.Context, ms []streams.DeviceMessage) error {
	p := unpack(ms)
	for from := 0; from < len(p.readings); from += ingest.MaxBatch {
		to := min(from+ingest.MaxBatch, len(p.readings))
		a, err := m.gate.Readings(ctx, source, "", p.readings[from:to])
		if err != nil {
			return fmt.Errorf("move %d readings: %w", to-from, err)
		}
		for i := range a.Problems { // say which of the message's values it is
			a.Problems[i].Field = "/" + string(p.readings[from+a.Problems[i].Item].Property) + a.Problems[i].Field
		}
		p.blame(a.Problems, p.readingFrom[from:to])
	}
	if len(p.positions) > 0 { // at most one a message, so never over MaxBatch
		a, err := m.gate.Positions(ctx, source, "", p.positions)
		if err != nil {
			return fmt.Errorf("move %d positions: %w", len(p.positions), err)
		}
		p.blame(a.Problems, p.positionsFrom)
	}
	return m.buryAll(ctx, ms, p.why)
}

func unpack(ms []streams.DeviceMessage) *parcel {
	p := &parcel{why: make(map[int][]ingest.Problem)}
	for i := range ms {
		switch msg := &ms[i]; msg.Topic {
		case "telemetry":
			rs, problems := Telemetry(msg.Device, msg.At, msg.Body)
			for range rs {
				p.readingFrom = append(p.readingFrom, i)
			}
			p.readings = append(p.readings, rs...)
			if len(problems) > 0 {
				p.why[i] = append(p.why[i], problems...)
			}
		case "position":
			pos, problem := ingest.ParsePosition(msg.Device, msg.At, msg.Body)
			if p := tooLarge(msg.Body); p != nil {
				problem = p
			}
			if problem != nil {
				p.why[i] = append(p.why[i], *problem)
				continue
			}
			p.positions = append(p.positions, pos)
			p.positionsFrom = append(p.positionsFrom, i)
		default:
			p.why[i] = append(p.why[i], ingest.Problem{Field: "/topic", Value: ingest.Shorten(msg.Topic), Code: ingest.CodeMalformed,
				Message: "主题未定义 / no such topic", Expected: "onecity/v1/{id}/telemetry or onecity/v1/{id}/position"})
		}
	}
	return p
}

// blame gives the Gate's problems back to the messages they came from. Item
// becomes the place among the message's own readings.
func (p *parcel) blame(problems []ingest.Problem, from []int) {
	for _, problem := range problems {
		if problem.Item >= len(from) {
			continue
		}
		msg := from[problem.Item]
		first := problem.Item
		for first > 0 && from[first-1] == msg {
			first--
		}
		problem.Item -= first
		p.why[msg] = append(p.why[msg], problem)
	}
}

func (m *mover) buryAll(ctx context.Context, ms []streams.DeviceMessage, why map[int][]ingest.Problem) error {
	if len(why) == 0 {
		return nil
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(buriers)
	for i, problems := range why {
		work.Go(func() error { return m.buryOne(ctx, &ms[i], problems) })
	}
	if err := work.Wait(); err != nil {
		return fmt.Errorf("bury %d device messages: %w", len(why), err)
	}
	slog.Debug("refused device messages", "messages", len(why), "of", len(ms))
	return nil
}

func (m *mover) buryOne(ctx context.Context, msg *streams.DeviceMessage, problems []ingest.Problem) error {
	if len(problems) > ingest.MaxProblems {
		problems = problems[:ingest.MaxProblems]
	}
	reasons, err := json.Marshal(problems)
	if err != nil {
		return fmt.Errorf("encode the problems of message %d: %w", msg.Seq, err)
	}
	body := msg.Body
	if len(body) > MaxBody {
		body = body[:keepOfTooLarge]
	}
	return m.bury(ctx, streams.DeadLetter{At: msg.At, Way: way, Source: msg.Device + "/" + msg.Topic, Body: body, Why: reasons})
}
