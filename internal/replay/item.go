package replay

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"time"

	"onecity/cim"
	"onecity/geo"

	"github.com/paulmach/orb"
)

// item is one thing that happened; one of the three is set.
type item struct {
	at          time.Time
	observation *cim.Observation
	position    *cim.Position
	incident    url.Values // the form of an Open311 request
}

// convert is what a mapping makes of a row: nothing when the row is not for it.
func (rec *Recording) convert(m *Mapping, r row) ([]item, error) {
	at, err := m.timeOf(r)
	if err != nil {
		return nil, err
	}
	switch m.Kind {
	case Observations:
		return rec.observations(m, r, at)
	case Positions:
		it, err := rec.position(m, r, at)
		return []item{it}, err
	}
	it, err := m.incident(r, at)
	return []item{it}, err
}

// fits tells whether the row is for this mapping: the texts it asks for, and a
// value in the column that names the thing.
func (m *Mapping) fits(r row) bool {
	for column, want := range m.When {
		if r.cells[column] != want {
			return false
		}
	}
	name := map[Kind]string{Observations: m.Device, Positions: m.Unit, Incidents: m.Class}[m.Kind]
	return r.cells[name] != ""
}

func (m *Mapping) timeOf(r row) (time.Time, error) {
	text := r.cells[m.Time]
	if text == "" {
		return time.Time{}, fmt.Errorf("column %s: the time is missing", m.Time)
	}
	switch m.Format {
	case "unix", "unix-ms":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Abs(n) > 1e14 || math.IsNaN(n) {
			return time.Time{}, fmt.Errorf("column %s: %q is no %s time", m.Time, text, m.Format)
		}
		if m.Format == "unix" {
			n *= 1000
		}
		return time.UnixMilli(int64(n)), nil
	case "":
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return t, fmt.Errorf("column %s: %q is no RFC 3339 time", m.Time, text)
		}
		return t, nil
	}
	t, err := time.ParseInLocation(m.Format, text, m.zone)
	if err != nil {
		return t, fmt.Errorf("column %s: %q does not look like %q", m.Time, text, m.Format)
	}
	return t, nil
}

// place is where a row happened; ok is false where it does not say.
func (m *Mapping) place(r row) (p orb.Point, ok bool, err error) {
	if r.cells[m.Lon] == "" || r.cells[m.Lat] == "" {
		return p, false, nil
	}
	for i, column := range []string{m.Lon, m.Lat} {
		if p[i], err = number(r, column); err != nil {
			return p, false, err
		}
	}
	p = m.CRS.ToCGCS2000(p)
	if err := geo.Validate(p); err != nil {
		return p, false, fmt.Errorf("columns %s, %s: %w", m.Lon, m.Lat, err)
	}
	return p, true, nil
}

func number(r row, column string) (float64, error) {
	v, err := strconv.ParseFloat(r.cells[column], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("column %s: %q is no number", column, r.cells[column])
	}
	return v, nil
}

// optional is a number that may be missing, then 0.
func optional(r row, column string) (float32, error) {
	if r.cells[column] == "" {
		return 0, nil
	}
	v, err := number(r, column)
	if err == nil && math.Abs(v) > math.MaxFloat32 {
		err = fmt.Errorf("column %s: %q is out of all measure", column, r.cells[column])
	}
	return float32(v), err
}

func (rec *Recording) observations(m *Mapping, r row, at time.Time) (items []item, err error) {
	id := m.Prefix + r.cells[m.Device]
	values := m.Values
	if len(values) == 0 {
		values = map[string]cim.Property{m.Value: cim.Property(r.cells[m.Property])}
	}
	p, known, err := m.place(r)
	if err != nil {
		return nil, err
	}
	for _, column := range sortedKeys(values) {
		property := values[column]
		if len(m.Values) > 0 && r.cells[column] == "" {
			continue // this sensor said nothing this time
		}
		if _, ok := cim.PropertyOf(property); !ok {
			return nil, fmt.Errorf("column %s: %q is no observed property", m.Property, property)
		}
		v, err := number(r, column)
		if err != nil {
			return nil, err
		}
		items = append(items, item{at: at, observation: &cim.Observation{Device: id, Property: property, Value: v}})
		rec.sees(id, m, r, property)
	}
	if known && len(items) > 0 {
		d := rec.devices[id]
		d.Lon, d.Lat = p[0], p[1]
	}
	return items, nil
}

func (rec *Recording) position(m *Mapping, r row, at time.Time) (item, error) {
	p, known, err := m.place(r)
	if err != nil {
		return item{}, err
	}
	if !known {
		return item{}, fmt.Errorf("columns %s, %s: the place is missing", m.Lon, m.Lat)
	}
	speed, err := optional(r, m.Speed)
	if err != nil {
		return item{}, err
	}
	heading, err := optional(r, m.Heading)
	if err != nil {
		return item{}, err
	}
	id := m.Prefix + r.cells[m.Unit]
	rec.meets(id, m)
	return item{at: at, position: &cim.Position{
		Unit: id, Lon: p[0], Lat: p[1], Speed: speed, Heading: heading, Status: r.cells[m.Status],
	}}, nil
}

func (m *Mapping) incident(r row, at time.Time) (item, error) {
	p, known, err := m.place(r)
	if err != nil {
		return item{}, err
	}
	if !known {
		return item{}, fmt.Errorf("columns %s, %s: the place is missing", m.Lon, m.Lat)
	}
	class := r.cells[m.Class]
	if code, ok := m.Classes[class]; ok {
		class = code
	}
	form := url.Values{
		"service_code": {class}, "simulated": {"true"},
		"long": {strconv.FormatFloat(p[0], 'f', 7, 64)}, "lat": {strconv.FormatFloat(p[1], 'f', 7, 64)},
	}
	for field, column := range map[string]string{
		"title": m.Title, "description": m.Description, "address_string": m.Address, "channel": m.Channel,
	} {
		if v := r.cells[column]; v != "" {
			form.Set(field, v)
		}
	}
	return item{at: at, incident: form}, nil
}
