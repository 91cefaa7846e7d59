package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"onecity/cim"
	"onecity/geo"
)

// Kind is what a row becomes.
type Kind string

// The kinds.
const (
	Observations Kind = "observations"
	Positions    Kind = "positions"
	Incidents    Kind = "incidents"
)

// Mapping says what the columns of a recording mean. Fields that name a column
// of nested NDJSON may use dots ("location.lon").
type Mapping struct {
	Kind Kind `json:"kind"`
	// When takes only rows whose columns have these texts; empty takes all.
	When map[string]string `json:"when,omitempty"`

	// Time column. Format is a Go layout ("2006-01-02 15:04:05"), "unix",
	// "unix-ms", or empty for RFC 3339. TimeZone is for layouts without one, an
	// IANA name; empty is UTC.
	Time     string `json:"time"`
	Format   string `json:"format,omitempty"`
	TimeZone string `json:"timeZone,omitempty"`
	// Lon and Lat columns (x and y of a plane system), in CRS.
	Lon string  `json:"lon,omitempty"`
	Lat string  `json:"lat,omitempty"`
	CRS geo.CRS `json:"crs,omitempty"`

	// Of observations: the device's column, its name's, and what kind it is (a
	// constant). Values maps a column to the property it holds; or Property and
	// Value are columns, for one value a row.
	Device     string                  `json:"device,omitempty"`
	Name       string                  `json:"name,omitempty"`
	DeviceKind string                  `json:"deviceKind,omitempty"`
	Values     map[string]cim.Property `json:"values,omitempty"`
	Property   string                  `json:"property,omitempty"`
	Value      string                  `json:"value,omitempty"`

	// Of positions.
	Unit     string `json:"unit,omitempty"`
	UnitKind string `json:"unitKind,omitempty"` // constant
	Speed    string `json:"speed,omitempty"`    // m/s
	Heading  string `json:"heading,omitempty"`  // degrees
	Status   string `json:"status,omitempty"`

	// Of incidents. Classes turns what the class column holds into the server's
	// codes; what is not in it is taken as a code.
	Class       string            `json:"class,omitempty"`
	Classes     map[string]string `json:"classes,omitempty"`
	Title       string            `json:"title,omitempty"`
	Description string            `json:"description,omitempty"`
	Address     string            `json:"address,omitempty"`
	Channel     string            `json:"channel,omitempty"`

	// Prefix goes before the ids of devices and units, to keep them apart from
	// those that are really there.
	Prefix string `json:"prefix,omitempty"`
	// Encoding of the file: empty is UTF-8, or "gb18030".
	Encoding string `json:"encoding,omitempty"`

	zone *time.Location
}

// Native reads rows as the server's own interface writes them: observations
// {device, property, time, value}, positions {unit, time, lon, lat, speed,
// heading, status}, incidents {class, reported, lon, lat, title, description,
// address, channel}.
func Native() []Mapping {
	return []Mapping{
		{Kind: Observations, Time: "time", Device: "device", Property: "property", Value: "value", Lon: "lon", Lat: "lat", Name: "name", DeviceKind: "recorded"},
		{Kind: Positions, Time: "time", Unit: "unit", Lon: "lon", Lat: "lat", Speed: "speed", Heading: "heading", Status: "status", UnitKind: "recorded"},
		{Kind: Incidents, Time: "reported", Class: "class", Lon: "lon", Lat: "lat", Title: "title", Description: "description", Address: "address", Channel: "channel"},
	}
}

// ReadMapping reads a mapping file: one object or a list of them. A row is what
// the first of them makes of it that fits.
func ReadMapping(path string) ([]Mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open mapping: %w", err)
	}
	defer f.Close()
	ms, err := parseMapping(f)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", path, err)
	}
	return ms, nil
}

func parseMapping(r io.Reader) ([]Mapping, error) {
	b, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, err
	}
	if text := strings.TrimSpace(string(b)); !strings.HasPrefix(text, "[") {
		b = []byte("[" + text + "]")
	}
	var ms []Mapping
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&ms); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something stands after the mapping")
	}
	if len(ms) == 0 {
		return nil, errors.New("it is empty")
	}
	return ms, check(ms)
}

// check says what a mapping lacks, and loads its time zone.
func check(ms []Mapping) error {
	for i := range ms {
		m := &ms[i]
		need := map[string]string{"time": m.Time}
		switch m.Kind {
		case Observations:
			need["device"] = m.Device
			if len(m.Values) == 0 {
				need["property"], need["value"] = m.Property, m.Value
			}
			for column, p := range m.Values {
				if _, ok := cim.PropertyOf(p); !ok {
					return fmt.Errorf("mapping %d: column %s: %q is no observed property", i+1, column, p)
				}
			}
		case Positions:
			need["unit"], need["lon"], need["lat"] = m.Unit, m.Lon, m.Lat
		case Incidents:
			need["class"], need["lon"], need["lat"] = m.Class, m.Lon, m.Lat
		default:
			return fmt.Errorf("mapping %d: kind %q; expected observations, positions or incidents", i+1, m.Kind)
		}
		for _, field := range []string{"time", "device", "property", "value", "unit", "class", "lon", "lat"} {
			if column, ok := need[field]; ok && column == "" {
				return fmt.Errorf("mapping %d: %s: no column is named", i+1, field)
			}
		}
		if m.Encoding != "" && m.Encoding != "utf-8" && m.Encoding != "gb18030" {
			return fmt.Errorf("mapping %d: encoding %q; expected utf-8 or gb18030", i+1, m.Encoding)
		}
		var err error
		if m.zone, err = time.LoadLocation(m.TimeZone); err != nil {
			return fmt.Errorf("mapping %d: %w", i+1, err)
		}
	}
	return nil
}
