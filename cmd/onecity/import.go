package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"onecity/cim"
	"onecity/geo"
	"onecity/ingest/citymodel"
	"onecity/internal/cityapi"

	"github.com/spf13/cobra"
)

// imports reads files of city models and sends what they hold to a running
// server, which checks it like anything else.
func imports() *cobra.Command {
	var (
		url, layer, only, mapping, token string
		o                                citymodel.Options
		dry                              bool
	)
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "import GeoJSON, OSM, Shapefile, GeoPackage or CityJSON into a running server",
		Long: "import reads city models (GeoJSON, GeoJSONSeq, OpenStreetMap PBF/XML/.bz2, Shapefile, GeoPackage,\n" +
			"CityJSON 2.0 and CityJSONSeq) and sends their regions and objects to a running server.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			if layer != "" {
				l, ok := cim.ParseLayer(layer)
				if !ok {
					return &cim.UnknownLayerError{Name: layer}
				}
				o.Layer = &l
			}
			for _, name := range strings.FieldsFunc(only, func(r rune) bool { return r == ',' }) {
				l, ok := cim.ParseLayer(name)
				if !ok {
					return &cim.UnknownLayerError{Name: name}
				}
				o.Layers |= cim.LayersOf(l)
			}
			if o.CRS != "" {
				// A file of which nothing is wanted would never ask what it means.
				if _, err := geo.ParseCRS(o.CRS); err != nil {
					return fmt.Errorf("--crs: %w", err)
				}
			}
			if mapping != "" {
				m, err := citymodel.LoadMapping(mapping)
				if err != nil {
					return err
				}
				o.Mapping = m
			}
			shown, err := readToken(token)
			if err != nil {
				return err
			}
			for _, file := range files {
				if err := importFile(cmd.Context(), cmd.OutOrStdout(), url, shown, file, o, dry); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&url, "url", "http://127.0.0.1:8080", "address of the server")
	f.StringVar(&layer, "layer", "", "layer of what no rule of the mapping takes")
	f.StringVar(&only, "only", "", "import these layers only, such as roads,buildings")
	f.StringVar(&mapping, "mapping", "", "mapping file (tags or columns → layer, class, name, height)")
	f.StringVar(&o.CRS, "crs", "", `coordinate reference system, whatever the file says, such as "EPSG:4549" or "GCJ-02"`)
	f.StringVar(&o.Table, "table", "", "table of a GeoPackage (default: all)")
	f.StringVar(&o.LOD, "lod", "", "level of detail of CityJSON (default: the finest)")
	f.StringVar(&o.Encoding, "encoding", "", `encoding of a Shapefile's table, such as "GBK"`)
	f.StringVar(&o.Source, "source", "", "where the data came from, with its licence")
	f.BoolVar(&dry, "dry-run", false, "check the file and send nothing")
	tokenFlag(cmd, &token)
	return cmd
}

func importFile(ctx context.Context, out io.Writer, url, token, file string, o citymodel.Options, dry bool) error {
	name := filepath.Base(file)
	send := func(f cim.Fact) error {
		if dry {
			return nil
		}
		return sendFact(ctx, url, token, "/import/"+name, f)
	}
	report, err := citymodel.Import(ctx, file, o, send, citymodel.Bar(os.Stderr, name))
	if report.Format != "" { // otherwise it was not read at all, and err says why
		report.Print(out, 20)
	}
	return err
}

// sendFact posts one fact as a CloudEvent.
func sendFact(ctx context.Context, url, token, source string, f cim.Fact) error {
	data, err := cim.Encode(f)
	if err != nil {
		return err
	}
	body, err := json.Marshal([]map[string]any{{
		"specversion": "1.0", "source": source, "type": cim.TypeOf(f), "data": json.RawMessage(data),
	}})
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/events", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send to %s: %w", url, err)
	}
	req.Header = cityapi.Bearer(token)
	req.Header.Set("Content-Type", "application/cloudevents-batch+json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("send to %s: %w", url, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	var sum struct {
		Rejected int             `json:"rejected"`
		Problems json.RawMessage `json:"problems"`
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s: %s", url, res.Status, answer)
	}
	if err := json.Unmarshal(answer, &sum); err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	if sum.Rejected > 0 {
		fmt.Fprintf(os.Stderr, "the server refused %d: %s\n", sum.Rejected, sum.Problems)
	}
	return nil
}
