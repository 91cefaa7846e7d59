package calendar

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"
)

//go:embed data/*.json
var announced embed.FS

// Default is the calendar of the tables that come with the program.
func Default() *Calendar {
	data, err := fs.Sub(announced, "data")
	if err != nil {
		panic(err) // the name is a constant
	}
	years, hours, err := read(data)
	if err != nil {
		panic(err) // a test reads them all
	}
	c, err := New(years, hours)
	if err != nil {
		panic(err)
	}
	return c
}

// Load is c with the tables of all *.json files at the top of files in place of
// its own: a file is one [Year], or {"hours": [...]} with some [Hours].
func (c *Calendar) Load(files fs.FS) (*Calendar, error) {
	years, hours, err := read(files)
	if err != nil {
		return nil, err
	}
	return c.With(years, hours)
}

func read(files fs.FS) ([]Year, []Hours, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, nil, fmt.Errorf("list the calendar's tables: %w", err)
	}
	slices.Sort(names)
	var years []Year
	var hours []Hours
	for _, name := range names {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, nil, fmt.Errorf("read the calendar's table: %w", err)
		}
		y, h, err := Parse(body)
		if err != nil {
			return nil, nil, fmt.Errorf("calendar's table %s: %w", name, err)
		}
		years, hours = append(years, y...), append(hours, h...)
	}
	return years, hours, nil
}

// Parse reads one table; see [Calendar.Load] for its form. An unknown name in
// it is an error, so that a slip of the pen does not become a working day.
func Parse(body []byte) ([]Year, []Hours, error) {
	var raw struct {
		Year
		Hours []Hours `json:"hours"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&raw); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrBad, err)
	}
	if d.More() {
		return nil, nil, fmt.Errorf("%w: more than one value", ErrBad)
	}
	for _, h := range raw.Hours {
		if err := h.check(); err != nil {
			return nil, nil, err
		}
	}
	if raw.Year.Year == 0 {
		if raw.Hours == nil || raw.Holidays != nil || raw.Makeups != nil {
			return nil, nil, errors.Join(ErrBad, errors.New("neither a year nor hours"))
		}
		return nil, raw.Hours, nil
	}
	if err := raw.Year.check(); err != nil {
		return nil, nil, err
	}
	return []Year{raw.Year}, raw.Hours, nil
}

// Current is the calendar in force; it can be exchanged while it is used. The
// zero value is Default's.
type Current struct{ p atomic.Pointer[Calendar] }

// Get is the calendar in force.
func (c *Current) Get() *Calendar {
	if got := c.p.Load(); got != nil {
		return got
	}
	c.p.CompareAndSwap(nil, Default())
	return c.p.Load()
}

// Set puts another in force.
func (c *Current) Set(next *Calendar) { c.p.Store(next) }
