package citymodel

import (
	"context"

	"github.com/paulmach/orb"
)

// Feature is one thing as a file holds it, before it is mapped and checked.
type Feature struct {
	// ID is the file's own stable name of the thing; empty when it has none.
	ID string
	// Place says where in the file it stands, for a person who must mend it
	// ("feature 12", "line 3", "way 123").
	Place string
	// Geometry in the file's coordinate reference system.
	Geometry orb.Geometry
	// Tags are its attributes as text.
	Tags map[string]string
	// Class is the CityJSON type where the format knows it.
	Class string
	// Height and Base are metres above ground where the format measures them
	// in its geometry; 0 leaves them to the mapping.
	Height, Base float64
}

// reader is a format: it calls each for every feature of the file.
type reader interface {
	// crs is the name of the coordinate reference system that the file
	// declares, or "" for none. It may be asked once read has begun.
	crs() string
	read(ctx context.Context, to features) error
}

// features is where a reader puts what it finds.
type features interface {
	// feature takes one in; an error ends the reading.
	feature(Feature) error
	// reject takes one that could not even be read.
	reject(id, place string, why *Reason) error
	// skip counts one that is left out on purpose.
	skip(reason string)
	// boundariesDone says that no more regions come, where a format can tell.
	boundariesDone() error
	// at says how much of the file has been read.
	at(read int64)
}
