package city

import (
	"context"
	"errors"
)

func loadAndorra(ctx context.Context, o Options, emit Emit) error {
	if o.OSM == "" {
		return errors.New("the path of an OpenStreetMap extract is needed")
	}
	return nil
}
