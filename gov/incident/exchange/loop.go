package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"onecity/gov/incident"
	"onecity/internal/flow"
)

// Of is the loop of cases as a partner's word meets it.
func Of(cases *incident.Service) Cases { return loop{cases} }

type loop struct{ cases *incident.Service }

// Case is a case as it stands.
func (l loop) Case(ctx context.Context, id string) (incident.Case, error) {
	c, err := l.cases.Get(ctx, incident.Whole(), id)
	if errors.Is(err, incident.ErrUnknown) {
		err = errors.Join(err, ErrNotFound)
	}
	return c, err
}

// ComeBack ends a case that a partner was handed. The partner may do that with
// this case, and nothing else.
func (l loop) ComeBack(ctx context.Context, from Partner, end End) error {
	by := flow.Actor{Subject: "partner:" + from.ID, Allow: func(action string, it flow.Item) bool {
		return action == "incident.dispatch" && it.Machine == incident.MachineName && it.ID == end.Case
	}}
	result, err := json.Marshal(end.Result)
	if err != nil {
		return fmt.Errorf("end case %s: %w", end.Case, err)
	}
	c := incident.Command{ID: end.ID, Event: incident.ComeBack, Input: map[string]json.RawMessage{"result": result}, At: end.At}
	if len(end.Photos) > 0 {
		note, err := json.Marshal("照片 Photos: " + strings.Join(end.Photos, " "))
		if err != nil {
			return fmt.Errorf("end case %s: %w", end.Case, err)
		}
		c.Input["note"] = note
	}
	_, err = l.cases.Fire(ctx, by, end.Case, c)
	if errors.Is(err, flow.ErrNoSuchEvent) || errors.Is(err, flow.ErrIncomplete) || errors.Is(err, incident.ErrReused) || errors.Is(err, incident.ErrInvalid) {
		return fmt.Errorf("%w: %w", ErrEvent, err)
	}
	return err
}
