package widgets

import (
	"context"
	"math"

	"onecity/cim"
)

// rate draws an indicator of today, after GB/T 30428.4, with the two counts
// that it is a share of. Trend is against yesterday up to the same time.
func rate(code string, of, outOf Words) func(context.Context, *input, *Widget) error {
	return func(ctx context.Context, in *input, w *Widget) error {
		in.incidents(func(i *cim.IncidentState) { w.Simulated = w.Simulated || i.Simulated })
		found := Evaluated{Code: code, Unit: "%"}
		if e, ok := in.h.(Evaluations); ok {
			all, err := e.Evaluated(ctx, in.r.Scope(), in.minute())
			if err != nil {
				return err
			}
			for _, one := range all {
				if one.Code == code {
					found = one
				}
			}
		}
		in.set(w, orNone(found.Value), 1, found.Unit)
		if found.Value != nil && found.Before != nil {
			w.Trend = pointer(*found.Value-*found.Before, 1)
		}
		w.Items = []Item{
			in.item(of.In(in.o.Lang), found.Of, 0, ""),
			in.item(outOf.In(in.o.Lang), found.OutOf, 0, ""),
			in.item(in.say("昨日同时", "yesterday"), orNone(found.Before), 1, found.Unit),
			in.item(in.say("目标", "target"), orNone(found.Target), 1, found.Unit),
		}
		return nil
	}
}

func orNone(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}
