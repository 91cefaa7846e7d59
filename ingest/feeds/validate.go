package feeds

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"onecity/cim"
	"onecity/ingest"
)

var feedID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// Validate finds everything that is wrong with a contract, so that its author
// sees it at once.
func (c *Contract) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !feedID.MatchString(c.ID) {
		bad("id %q: expected lower-case letters, digits and -", c.ID)
	}
	if c.Name == "" || c.Department == "" {
		bad("name and department must be given")
	}
	if !c.CRS.Known() {
		bad("crs %s cannot be converted", c.CRS)
	}
	if c.TimeZone == "" {
		bad("timeZone is missing")
	} else if _, err := time.LoadLocation(c.TimeZone); err != nil {
		bad("timeZone: %w", err)
	}
	if _, ok := encodings[c.Encoding]; !ok && c.Encoding != "" {
		bad("encoding %q: expected utf-8 or gb18030", c.Encoding)
	}
	if c.Delimiter != "" && (utf8.RuneCountInString(c.Delimiter) != 1 || c.Delimiter == "\n" || c.Delimiter == `"`) {
		bad("delimiter %q: expected one character", c.Delimiter)
	}
	if len(c.Columns) == 0 {
		bad("no columns")
	}
	seen := map[string]string{}
	for i := range c.Columns {
		col := &c.Columns[i]
		for _, name := range append([]string{col.Name}, col.Aliases...) {
			n := normal(name)
			if n == "" {
				bad("column %d has an empty name", i+1)
			} else if other, twice := seen[n]; twice {
				bad("%q names both column %q and %q", name, other, col.Name)
			}
			seen[n] = col.Name
		}
		if err := col.validate(); err != nil {
			bad("column %q: %w", col.Name, err)
		}
	}
	if len(c.Key) == 0 {
		bad("no key")
	}
	for _, k := range c.Key {
		if col := c.column(k); col == nil || !col.Required {
			bad("key %q: expected a required column", k)
		}
	}
	errs = append(errs, c.validateTarget()...)
	if len(errs) > 0 {
		return fmt.Errorf("contract %s: %w", c.ID, errors.Join(errs...))
	}
	return nil
}

func (col *Column) validate() error {
	switch col.Type {
	case Text, Number, Integer:
	case Time:
		if col.Format != "" {
			if _, err := layoutOf(col.Format); err != nil {
				return err
			}
		}
	case CodeOf:
		if len(col.Table) == 0 {
			return errors.New("a code needs a table")
		}
	default:
		return fmt.Errorf("type %q: expected text, number, integer, time or code", col.Type)
	}
	if col.Pattern != "" {
		if _, err := regexp.Compile(col.Pattern); err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
	}
	if col.Min != nil && col.Max != nil && *col.Min > *col.Max {
		return errors.New("min is above max")
	}
	return nil
}

func (c *Contract) column(name string) *Column {
	if i := slices.IndexFunc(c.Columns, func(col Column) bool { return col.Name == name }); i >= 0 {
		return &c.Columns[i]
	}
	return nil
}

// validateTarget checks that every column it names is there and of a type
// that can become what it is used for.
func (c *Contract) validateTarget() (errs []error) {
	t := &c.Target
	need := func(role, name string, must bool, types ...Type) {
		if name == "" {
			if must {
				errs = append(errs, fmt.Errorf("target: %s is missing", role))
			}
			return
		}
		col := c.column(name)
		if col == nil {
			errs = append(errs, fmt.Errorf("target: %s: no column %q", role, name))
		} else if !slices.Contains(types, col.Type) {
			errs = append(errs, fmt.Errorf("target: %s: column %q is %s, expected %v", role, name, col.Type, types))
		} else if must && !col.Required {
			errs = append(errs, fmt.Errorf("target: %s: column %q must be required", role, name))
		}
	}
	named := []Type{Text, CodeOf, Integer}
	if (t.Lon == "") != (t.Lat == "") {
		errs = append(errs, errors.New("target: lon and lat go together"))
	}
	need("lon", t.Lon, false, Number)
	need("lat", t.Lat, false, Number)
	switch t.Kind {
	case Observations:
		need("id", t.ID, true, named...)
		need("time", t.Time, true, Time)
		errs = append(errs, c.validateValues(true)...)
	case Indicators:
		need("time", t.Time, true, Time)
		errs = append(errs, c.validateValues(false)...)
	case Incidents:
		need("id", t.ID, true, named...)
		need("class", t.Class, true, CodeOf)
		need("status", t.Status, false, CodeOf)
		need("time", t.Time, true, Time)
		need("title", t.Title, false, Text, CodeOf)
		need("description", t.Description, false, Text)
		need("address", t.Address, false, Text)
		errs = append(errs, c.validateCodes()...)
	case Devices:
		need("id", t.ID, true, named...)
		need("name", t.Name, false, Text)
		if t.DeviceKind == "" {
			errs = append(errs, errors.New("target: deviceKind is missing"))
		}
		for _, p := range t.Properties {
			if _, ok := cim.PropertyOf(p); !ok {
				errs = append(errs, fmt.Errorf("target: no observed property %q", p))
			}
		}
	default:
		errs = append(errs, fmt.Errorf("target: kind %q: expected observations, indicators, incidents or devices", t.Kind))
	}
	return errs
}

func (c *Contract) validateValues(observed bool) (errs []error) {
	if len(c.Target.Values) == 0 {
		return []error{errors.New("target: no values")}
	}
	for _, v := range c.Target.Values {
		col := c.column(v.Column)
		if col == nil || (col.Type != Number && col.Type != Integer) {
			errs = append(errs, fmt.Errorf("target: value: no number column %q", v.Column))
			continue
		}
		if !observed {
			continue
		}
		info, ok := cim.PropertyOf(v.Property)
		if !ok {
			errs = append(errs, fmt.Errorf("target: value %q: no observed property %q", v.Column, v.Property))
		} else if _, ok := info.Convert(1, col.Unit); col.Unit != "" && !ok {
			errs = append(errs, fmt.Errorf("target: value %q: %s cannot be converted to %s", v.Column, col.Unit, info.Unit))
		}
	}
	return errs
}

// validateCodes checks that the code tables of an incident feed lead to what
// the city knows.
func (c *Contract) validateCodes() (errs []error) {
	if col := c.column(c.Target.Class); col != nil {
		for from, to := range col.Table {
			if _, ok := cim.ClassOf(to); !ok {
				errs = append(errs, fmt.Errorf("column %q: %q: no incident class %q", col.Name, from, to))
			}
		}
	}
	if col := c.column(c.Target.Status); col != nil {
		for from, to := range col.Table {
			if !ingest.KnownStatus(cim.Status(to)) {
				errs = append(errs, fmt.Errorf("column %q: %q: no status %q", col.Name, from, to))
			}
		}
	}
	return errs
}
