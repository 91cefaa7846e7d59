package city

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"onecity/cim"
)

// Emit takes one fact; an error ends the loading.
type Emit func(cim.Fact) error

// Options say where a profile finds what is not built in.
type Options struct {
	// OSM is the path of the OpenStreetMap extract for "andorra".
	OSM string
}

// profiles are the cities that can be loaded.
var profiles = map[string]func(context.Context, Options, Emit) error{
	"kunshan": loadKunshan,
	"andorra": loadAndorra,
}

// Names are the profiles, sorted.
func Names() []string {
	var names []string
	for n := range profiles {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Load emits the facts of a profile: cim.RegionsPut, cim.FormulaPut,
// cim.ObjectsPut in batches below 2 MB encoded, and cim.Profile last: a city that
// has its Profile has all of it, and a loading that was cut short can be begun
// again. Ids and content are the same each time.
func Load(ctx context.Context, name string, o Options, emit Emit) error {
	load, ok := profiles[name]
	if !ok {
		return fmt.Errorf("no city profile %q; there are %s", name, strings.Join(Names(), ", "))
	}
	if err := load(ctx, o, emit); err != nil {
		return fmt.Errorf("load city %s: %w", name, err)
	}
	return nil
}

// batchBytes and batchObjects bound one ObjectsPut.
const (
	batchBytes   = 1 << 20
	batchObjects = 2000
)

// emitObjects emits objects in batches; the size of each is measured.
func emitObjects(ctx context.Context, objects []cim.Object, emit Emit) error {
	var batch []cim.Object
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		put := cim.ObjectsPut{Objects: batch}
		batch, size = nil, 0
		return emit(put)
	}
	for _, o := range objects {
		b, err := cim.Encode(cim.ObjectsPut{Objects: []cim.Object{o}})
		if err != nil {
			return fmt.Errorf("object %s: %w", o.ID, err)
		}
		if size += len(b); len(batch) == batchObjects || size > batchBytes && len(batch) > 0 {
			if err := flush(); err != nil {
				return err
			}
			size = len(b)
		}
		batch = append(batch, o)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return flush()
}
