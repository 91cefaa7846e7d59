package replay

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"onecity/cim"
)

// Recording is what a file holds, in the order of time, and who said it.
type Recording struct {
	// Rows were read; Rejected of them could not be used, for the first of the
	// reasons in Reasons (with their rows).
	Rows, Rejected int
	Reasons        []string

	items   []item
	devices map[string]*cim.Device
	units   map[string]*cim.Unit
}

const (
	// maxItems bounds the memory of a recording, at about 200 bytes each.
	maxItems = 5_000_000
	// maxReasons is how many reasons are kept.
	maxReasons = 20
)

// Load reads the recording at path. Rows that cannot be used are counted and
// left out; a file without any that can is an error.
func Load(path string, ms []Mapping) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	defer f.Close()
	rec, err := Read(f, ms)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", path, err)
	}
	return rec, nil
}

// Read is Load from a reader. ms nil means [Native].
func Read(r io.Reader, ms []Mapping) (*Recording, error) {
	if len(ms) == 0 {
		ms = Native()
	}
	ms = slices.Clone(ms)
	if err := check(ms); err != nil {
		return nil, err
	}
	rec := &Recording{devices: map[string]*cim.Device{}, units: map[string]*cim.Unit{}}
	full := false
	err := eachRow(r, ms[0].Encoding, func(r row) {
		if full = len(rec.items) >= maxItems; !full {
			rec.take(ms, r)
		}
	}, rec.reject)
	switch {
	case err != nil:
		return nil, err
	case full:
		return nil, fmt.Errorf("it has more than %d items; split it", maxItems)
	case len(rec.items) == 0:
		return nil, errors.Join(errors.New("no row can be used"), errors.New(strings.Join(rec.Reasons, "\n")))
	}
	slices.SortStableFunc(rec.items, func(a, b item) int { return a.at.Compare(b.at) })
	return rec, nil
}

func (rec *Recording) take(ms []Mapping, r row) {
	for i := range ms {
		if !ms[i].fits(r) {
			continue
		}
		items, err := rec.convert(&ms[i], r)
		if err != nil {
			rec.reject(r.number, err)
			return
		}
		rec.Rows++
		rec.items = append(rec.items, items...)
		return
	}
	rec.reject(r.number, errors.New("no mapping fits it"))
}

func (rec *Recording) reject(number int, err error) {
	rec.Rows++
	rec.Rejected++
	if len(rec.Reasons) < maxReasons {
		rec.Reasons = append(rec.Reasons, fmt.Sprintf("row %d: %v", number, err))
	}
}

// Len is how many things happen in it, and Lasts from the first to the last.
func (rec *Recording) Len() int { return len(rec.items) }

// Lasts is the time from the first thing to the last.
func (rec *Recording) Lasts() time.Duration {
	return rec.items[len(rec.items)-1].at.Sub(rec.items[0].at)
}

// sees notes that a device observes a property.
func (rec *Recording) sees(id string, m *Mapping, r row, p cim.Property) {
	d, ok := rec.devices[id]
	if !ok {
		d = &cim.Device{ID: id, Name: cmp.Or(r.cells[m.Name], id), Kind: cmp.Or(m.DeviceKind, "recorded"), Simulated: true}
		rec.devices[id] = d
	}
	if slices.ContainsFunc(d.Datastreams, func(s cim.Datastream) bool { return s.Property == p }) {
		return
	}
	info, _ := cim.PropertyOf(p)
	d.Datastreams = append(d.Datastreams, cim.Datastream{Property: p, Unit: info.Unit})
}

// meets notes a unit.
func (rec *Recording) meets(id string, m *Mapping) {
	if _, ok := rec.units[id]; !ok {
		rec.units[id] = &cim.Unit{ID: id, Name: id, Kind: cmp.Or(m.UnitKind, "recorded"), Simulated: true}
	}
}

// placed are the devices whose place the recording knows; the others must be
// registered already.
func (rec *Recording) placed() (list []cim.Device) {
	for _, id := range sortedKeys(rec.devices) {
		if d := rec.devices[id]; d.Lon != 0 || d.Lat != 0 {
			list = append(list, *d)
		}
	}
	return list
}

func (rec *Recording) unitList() (list []cim.Unit) {
	for _, id := range sortedKeys(rec.units) {
		list = append(list, *rec.units[id])
	}
	return list
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
