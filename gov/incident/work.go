package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"onecity/internal/calendar"
	"onecity/internal/flow"

	"github.com/jackc/pgx/v5"
)

// work is what the kernel keeps with a case (flow.Item.Data): its class's
// limits as they were when it was opened.
type work struct {
	Class      string `json:"class"`
	Severity   int    `json:"severity"`
	NeedsPhoto bool   `json:"needsPhoto,omitempty"`
	Limits     Limits `json:"limits"`
	Working    bool   `json:"working,omitempty"`
	// Until is when the handling must be done, once its clock runs; Asked what
	// somebody has asked it to be.
	Until *time.Time `json:"until,omitempty"`
	Asked *time.Time `json:"asked,omitempty"`
}

func workOf(it flow.Item) (w work) {
	// Data were written by work.data; what is not readable has no limits of its own.
	_ = json.Unmarshal(it.Data, &w)
	return w
}

func (w work) data() json.RawMessage {
	body, err := json.Marshal(w)
	if err != nil {
		panic("incident: work cannot be told: " + err.Error()) // numbers, words and times
	}
	return body
}

// limit is a length of so many minutes, as the class counts them.
func (w work) limit(minutes int) flow.Limit {
	d := time.Duration(minutes) * time.Minute
	if w.Working {
		return flow.Limit{Working: d}
	}
	return flow.Limit{Plain: d}
}

// end is when so many minutes after t are over.
func (w work) end(c *calendar.Calendar, t time.Time, minutes int) time.Time {
	d := time.Duration(minutes) * time.Minute
	if w.Working {
		return c.Add(t, d)
	}
	return t.Add(d)
}

// limitOf is the limit of a state, of the case's own data.
func limitOf(s flow.State) func(flow.Item) flow.Limit {
	return func(it flow.Item) flow.Limit {
		w := workOf(it)
		switch s {
		case Reported:
			return w.limit(w.Limits.Establish)
		case Established:
			return w.limit(w.Limits.Dispatch)
		case Offered, Assigned:
			return w.limit(w.Limits.Accept)
		case Handled:
			return w.limit(w.Limits.Verify)
		case Handling:
			// One clock for the way there and the work, also after a delay.
			if w.Until != nil {
				return flow.Limit{Plain: max(w.Until.Sub(it.Since), time.Second)}
			}
		}
		return w.limit(w.Limits.Handle)
	}
}

// keepWork changes what the kernel keeps of a case as it moves on.
func keepWork(ctx context.Context, _ pgx.Tx, c flow.Change) error {
	in, ok := ctx.Value(changeKey{}).(*change)
	if !ok {
		return errOutside
	}
	w := workOf(c.Item)
	switch c.Event {
	case Arrive:
		w.Until = c.Item.Due
	case AskDelay:
		asked, err := calendar.ParseDate(text(c.Input, "until"))
		if err != nil {
			return fmt.Errorf("read until when: %w", err)
		}
		end := asked.Next(1).Start()
		w.Asked, w.Until = &end, c.Item.Due
	case GrantDelay:
		w.Until, w.Asked = w.Asked, nil
	case RefuseDelay:
		w.Asked = nil
	default:
		w.Until, w.Asked = nil, nil
	}
	c.Next.Data = w.data()
	return in.effect(c)
}

// errOutside: the case was led on beside its Service.
var errOutside = errors.New("incident: a case is led on by its Service only")

// changeKey is where a Service's change of a case travels with the context.
type changeKey struct{}

// text is a field of a command that is a JSON string; else "".
func text(input map[string]json.RawMessage, name string) string {
	var s string
	if err := json.Unmarshal(input[name], &s); err != nil {
		return ""
	}
	return s
}

// number is a field of a command that is a JSON number.
func number(input map[string]json.RawMessage, name string) (v float64, ok bool) {
	raw, ok := input[name]
	if !ok || json.Unmarshal(raw, &v) != nil || string(raw) == "null" {
		return 0, false
	}
	return v, true
}
