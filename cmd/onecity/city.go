package main

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"

	"onecity/cim"
	"onecity/ingest"
	"onecity/ingest/city"
)

// loadCity puts a profile's facts through the gate, as any other sender's.
func loadCity(ctx context.Context, name string, gate *ingest.Gate) error {
	var options city.Options
	if name == "andorra" {
		extract, err := osmExtract(ctx)
		if err != nil {
			return err
		}
		options.OSM = extract
	}
	slog.Info("loading the city's first content", "city", name)
	n := 0
	err := city.Load(ctx, name, options, func(f cim.Fact) error {
		n++
		a, err := gate.Standing(ctx, "/city/"+name, "", f)
		if err != nil {
			return err
		}
		if a.Rejected > 0 {
			return fmt.Errorf("%s of profile %s: %w", cim.TypeOf(f), name, ingest.Problems(a.Problems))
		}
		return nil
	})
	if err != nil {
		return err
	}
	slog.Info("loaded the city's first content", "city", name, "facts", n)
	return nil
}

// osmExtract is the OpenStreetMap extract of Andorra, which comes with the
// module that reads it.
func osmExtract(ctx context.Context) (string, error) {
	if path := env("ONECITY_OSM", ""); path != "" {
		return path, nil
	}
	out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", "github.com/paulmach/osm@v0.8.0").Output()
	if err != nil {
		return "", fmt.Errorf("find the extract of Andorra (set ONECITY_OSM to a file, or have Go on the PATH): %w", err)
	}
	_, rest, ok := strings.Cut(string(out), `"Dir": "`)
	dir, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		return "", fmt.Errorf("find the extract of Andorra: unexpected answer %q", out)
	}
	return filepath.Join(dir, "testdata", "andorra-latest.osm.bz2"), nil
}
