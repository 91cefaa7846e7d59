package feeds

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"onecity/cim"
	"onecity/ingest"
)

// sink takes records into the city. It answers with what is wrong, by place
// in recs; a record with a problem did not go in.
type sink func(ctx context.Context, gate *ingest.Gate, source string, recs []record) (map[int][]ingest.Problem, error)

// sinkOf is the contract's target as a function.
func (rd *reader) sinkOf() sink {
	switch rd.contract.Target.Kind {
	case Observations:
		return func(ctx context.Context, g *ingest.Gate, source string, recs []record) (map[int][]ingest.Problem, error) {
			return together(ctx, g, source, recs, rd.observations, (*ingest.Gate).Observations, rd.observationField)
		}
	case Indicators:
		return func(ctx context.Context, g *ingest.Gate, source string, recs []record) (map[int][]ingest.Problem, error) {
			return together(ctx, g, source, recs, rd.indicators, (*ingest.Gate).Indicators, rd.indicatorField)
		}
	case Devices:
		return func(ctx context.Context, g *ingest.Gate, source string, recs []record) (map[int][]ingest.Problem, error) {
			return together(ctx, g, source, recs, rd.devices, (*ingest.Gate).Devices, rd.deviceField)
		}
	}
	return rd.incidents
}

// send is a method of the Gate that takes a batch.
type send[T any] func(g *ingest.Gate, ctx context.Context, source, id string, batch []T) (ingest.Accepted, error)

// together makes facts of each record and sends those of all records of which
// every fact is good: a row goes in whole or not at all. column tells which
// column a Problem's field is about, for the n-th fact of a record.
func together[T any](ctx context.Context, gate *ingest.Gate, source string, recs []record,
	facts func(*record) ([]T, *ingest.Problem), send send[T], column func(field string, n int) string,
) (map[int][]ingest.Problem, error) {
	bad := map[int][]ingest.Problem{}
	var all []T
	var from, nth []int
	for i := range recs {
		fs, p := facts(&recs[i])
		if p != nil {
			bad[i] = append(bad[i], *p)
			continue
		}
		for n, f := range fs {
			all, from, nth = append(all, f), append(from, i), append(nth, n)
		}
	}
	checked, err := send(gate.SpellOut(len(all)).Checking(), ctx, source, "", all)
	if err != nil {
		return nil, err
	}
	for _, p := range checked.Problems {
		j := min(p.Item, len(all)-1)
		p.Field = column(p.Field, nth[j])
		if !said(bad[from[j]], &p) {
			bad[from[j]] = append(bad[from[j]], p)
		}
	}
	good := all[:0:0]
	for j := range all {
		if len(bad[from[j]]) == 0 {
			good = append(good, all[j])
		}
	}
	if len(good) == 0 {
		return bad, nil
	}
	stored, err := send(gate, ctx, source, "", good)
	if err != nil {
		return nil, err
	}
	if stored.Rejected > 0 { // the city changed between the check and now
		return nil, fmt.Errorf("%d facts of %s were refused after they had been checked: %w", stored.Rejected, source, ingest.Problems(stored.Problems))
	}
	return bad, nil
}

// said tells whether a row's problems have it already: an unknown device is
// one problem, however many values it sent.
func said(ps []ingest.Problem, p *ingest.Problem) bool {
	return slices.ContainsFunc(ps, func(o ingest.Problem) bool { return o.Field == p.Field && o.Code == p.Code })
}

func (rd *reader) observations(rec *record) ([]cim.Observation, *ingest.Problem) {
	t := &rd.contract.Target
	var list []cim.Observation
	for _, v := range t.Values {
		told := rd.get(rec, v.Column)
		if !told.set {
			continue
		}
		x := told.number
		if unit := rd.contract.column(v.Column).Unit; unit != "" {
			if info, ok := cim.PropertyOf(v.Property); ok {
				x, _ = info.Convert(x, unit) // the contract was validated
			}
		}
		list = append(list, cim.Observation{
			Device: rd.get(rec, t.ID).text, Property: v.Property, Time: rd.get(rec, t.Time).time, Value: x,
		})
	}
	return list, rd.nothing(rec, len(list))
}

func (rd *reader) observationField(field string, n int) string {
	t := &rd.contract.Target
	switch field {
	case "/device":
		return t.ID
	case "/time":
		return t.Time
	}
	return t.Values[min(n, len(t.Values)-1)].Column
}

func (rd *reader) indicators(rec *record) ([]cim.Indicator, *ingest.Problem) {
	t := &rd.contract.Target
	if !rec.placed {
		return nil, rd.unplaced(rec)
	}
	key := rd.thingOf(rec)
	var list []cim.Indicator
	for _, v := range t.Values {
		told := rd.get(rec, v.Column)
		if !told.set {
			continue
		}
		name := v.Name
		if name == "" {
			name = v.Column
		}
		list = append(list, cim.Indicator{
			Feed: rd.contract.ID, Key: key, Name: name, Time: rd.get(rec, t.Time).time,
			Lon: rec.at[0], Lat: rec.at[1], Value: told.number, Unit: rd.contract.column(v.Column).Unit,
		})
	}
	return list, rd.nothing(rec, len(list))
}

func (rd *reader) indicatorField(field string, n int) string {
	t := &rd.contract.Target
	switch field {
	case "/lon,lat":
		return t.Lon
	case "/time":
		return t.Time
	case "/key":
		return rd.contract.Key[0]
	}
	return t.Values[min(n, len(t.Values)-1)].Column
}

func (rd *reader) devices(rec *record) ([]cim.Device, *ingest.Problem) {
	t := &rd.contract.Target
	if !rec.placed {
		return nil, rd.unplaced(rec)
	}
	d := cim.Device{ID: rd.get(rec, t.ID).text, Name: rd.get(rec, t.Name).text, Kind: t.DeviceKind, Lon: rec.at[0], Lat: rec.at[1]}
	if d.Name == "" {
		d.Name = d.ID
	}
	for _, p := range t.Properties {
		d.Datastreams = append(d.Datastreams, cim.Datastream{Property: p})
	}
	return []cim.Device{d}, nil
}

func (rd *reader) deviceField(field string, _ int) string {
	t := &rd.contract.Target
	switch field {
	case "/lon,lat":
		return t.Lon
	case "/name":
		return t.Name
	}
	return t.ID
}

// keyOf joins a row's key.
func (rd *reader) keyOf(rec *record) string {
	parts := make([]string, len(rd.contract.Key))
	for i, k := range rd.contract.Key {
		v := rd.get(rec, k)
		parts[i] = v.text
	}
	return strings.Join(parts, "|")
}

// thingOf names what a row is about: its key without the time, for the model
// keeps the newest value of each thing, not one for every time. A feed whose key
// is nothing but the time is about one thing.
func (rd *reader) thingOf(rec *record) string {
	var parts []string
	for _, k := range rd.contract.Key {
		if k != rd.contract.Target.Time {
			parts = append(parts, rd.get(rec, k).text)
		}
	}
	if len(parts) == 0 {
		return rd.contract.ID
	}
	return strings.Join(parts, "|")
}

func (rd *reader) unplaced(rec *record) *ingest.Problem {
	p := &ingest.Problem{Code: ingest.CodeMissing, Message: "缺少坐标 / the place is missing", Expected: "coordinates in " + rd.contract.CRS.String()}
	p.Item, p.Field = rec.row.number, rd.contract.Target.Lon
	return p
}

// nothing refuses a row of which every value is missing.
func (rd *reader) nothing(rec *record, n int) *ingest.Problem {
	if n > 0 {
		return nil
	}
	return &ingest.Problem{Item: rec.row.number, Field: rd.contract.Target.Values[0].Column, Code: ingest.CodeMissing,
		Message: "整行没有数值 / the row has no value at all", Expected: "at least one value"}
}
