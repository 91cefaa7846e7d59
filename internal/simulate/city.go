package simulate

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"onecity/geo"
	"onecity/internal/cityapi"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
)

// town is the map a simulation plays on, as the server tells it.
type town struct {
	info    cityapi.City
	zone    *time.Location
	bound   orb.Bound
	area    *geo.Regions // the city's own, to ask what lies in it
	graph   *graph
	places  []cityapi.Place // the deepest named level below the city, for addresses
	parents map[string]string
	shores  []orb.Point // places at the water
	classes []cityapi.Class
}

func readTown(ctx context.Context, a *cityapi.Client) (*town, error) {
	t := &town{parents: map[string]string{}}
	var err error
	if t.info, err = a.City(ctx); err != nil {
		return nil, err
	}
	if t.info.Code == "" { // the profile comes when the rest is there
		return nil, errLoading
	}
	if t.zone, err = time.LoadLocation(t.info.TimeZone); err != nil {
		t.zone = time.UTC
	}
	b := t.info.BBox
	t.bound = orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}
	area, err := a.Area(ctx, t.info.Code)
	if err != nil {
		return nil, err
	}
	if t.area, err = geo.NewRegions([]geo.Region{{Code: "city", Geometry: area}}); err != nil {
		return nil, err
	}
	roads, err := readRoads(ctx, a)
	if err != nil {
		return nil, err
	}
	roads = t.within(roads)
	if t.graph = newGraph(roads); len(t.graph.at) == 0 {
		return nil, errNoRoads
	}
	all, err := a.Places(ctx)
	if err != nil {
		return nil, err
	}
	t.name(all)
	if t.shores, err = readShores(ctx, a, t.bound); err != nil {
		return nil, err
	}
	t.shores = slices.DeleteFunc(t.shores, func(p orb.Point) bool { return !t.holds(p) })
	t.classes, err = a.Classes(ctx)
	return t, err
}

// holds reports whether p lies in the city; a city without an area is all.
func (t *town) holds(p orb.Point) bool {
	if t.area.Bound().IsEmpty() {
		return true
	}
	_, in := t.area.At(p)
	return in
}

// within cuts roads off at the border.
func (t *town) within(roads []road) (cut []road) {
	for _, r := range roads {
		var line orb.LineString
		for _, p := range r.line {
			if t.holds(p) {
				line = append(line, p)
				continue
			}
			if len(line) > 1 {
				cut = append(cut, road{r.kind, r.name, line})
			}
			line = nil
		}
		if len(line) > 1 {
			cut = append(cut, road{r.kind, r.name, line})
		}
	}
	return cut
}

var errNoRoads = fmt.Errorf("the city has no roads yet")

// name picks the level that addresses name: villages where there are any.
func (t *town) name(all []cityapi.Place) {
	for _, level := range []string{"village", "district", "city"} {
		for _, p := range all {
			if p.Level == level {
				t.places = append(t.places, p)
			}
		}
		if len(t.places) > 0 {
			break
		}
	}
	for _, p := range all {
		t.parents[string(p.Code)] = p.Name
	}
}

// around is the name of the place around p, with its town before it.
func (t *town) around(p orb.Point) string {
	best, least := -1, math.Inf(1)
	for i, q := range t.places {
		if d := flatSquare(q.Centre, p); d < least {
			best, least = i, d
		}
	}
	if best < 0 {
		return t.info.Name
	}
	q := t.places[best]
	if up := t.parents[string(q.Parent)]; q.Level == "village" && up != "" {
		return up + q.Name
	}
	return q.Name
}

// readRoads reads GET /api/v1/roads as it comes.
func readRoads(ctx context.Context, a *cityapi.Client) (roads []road, err error) {
	body, err := a.Open(ctx, http.MethodGet, "/api/v1/roads", nil, nil)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return parseRoads(body)
}

// parseRoads takes a GeoJSON FeatureCollection of LineStrings and
// MultiLineStrings; what else is in it is left out.
func parseRoads(r io.Reader) (roads []road, err error) {
	d := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	for {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("roads: %w", err)
		}
		if t == "features" {
			break
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("roads: %w", err)
	}
	for d.More() {
		var f struct {
			Properties struct {
				Kind string `json:"kind"`
				Name string `json:"name"`
			} `json:"properties"`
			Geometry struct {
				Type        string          `json:"type"`
				Coordinates json.RawMessage `json:"coordinates"`
			} `json:"geometry"`
		}
		if err := d.Decode(&f); err != nil {
			return nil, fmt.Errorf("roads: %w", err)
		}
		var lines []orb.LineString
		switch f.Geometry.Type {
		case "LineString":
			lines = make([]orb.LineString, 1)
			err = json.Unmarshal(f.Geometry.Coordinates, &lines[0])
		case "MultiLineString":
			err = json.Unmarshal(f.Geometry.Coordinates, &lines)
		}
		if err != nil {
			return nil, fmt.Errorf("roads: %w", err)
		}
		for _, l := range lines {
			roads = append(roads, road{f.Properties.Kind, f.Properties.Name, l})
		}
	}
	return roads, nil
}

// readShores finds places at the water from the map's own tiles: points of the
// outlines of lakes and rivers, evenly thinned.
func readShores(ctx context.Context, a *cityapi.Client, b orb.Bound) (points []orb.Point, err error) {
	const zoom = 12
	if b.IsEmpty() || b.Max[0]-b.Min[0] > 3 || b.Max[1]-b.Min[1] > 3 {
		return nil, nil
	}
	from, to := maptile.At(orb.Point{b.Min[0], b.Max[1]}, zoom), maptile.At(orb.Point{b.Max[0], b.Min[1]}, zoom)
	for y := from.Y; y <= to.Y; y++ {
		for x := from.X; x <= to.X; x++ {
			some, err := tileShores(ctx, a, maptile.New(x, y, zoom))
			if err != nil {
				return nil, err
			}
			points = append(points, some...)
		}
	}
	return points, nil
}

func tileShores(ctx context.Context, a *cityapi.Client, t maptile.Tile) (points []orb.Point, err error) {
	path := fmt.Sprintf("/tiles/water/%d/%d/%d.mvt", t.Z, t.X, t.Y)
	answer, err := a.Open(ctx, http.MethodGet, path, nil, nil)
	if cityapi.IsRefused(err, http.StatusNotFound) {
		return nil, nil // no tile is no water
	}
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	body, err := io.ReadAll(io.LimitReader(answer, 16<<20))
	if err != nil || len(body) == 0 {
		return nil, err
	}
	layers, err := mvt.Unmarshal(body)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", path, err)
	}
	layers.ProjectToWGS84(t)
	inside := t.Bound()
	for _, l := range layers {
		for _, f := range l.Features {
			for i, p := range outline(f.Geometry) {
				// A tile's edge is no shore.
				if i%9 == 0 && inside.Contains(p) {
					points = append(points, orb.Point{round6(p[0]), round6(p[1])})
				}
			}
		}
	}
	return points, nil
}

func outline(g orb.Geometry) []orb.Point {
	switch g := g.(type) {
	case orb.LineString:
		return g
	case orb.Polygon:
		return slices.Concat(g...)
	case orb.MultiLineString:
		return slices.Concat(g...)
	case orb.MultiPolygon:
		var all []orb.Point
		for _, p := range g {
			all = append(all, outline(p)...)
		}
		return all
	}
	return nil
}

func round6(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// address is where p is, as a person would say it.
func (t *town) address(n int32) string {
	street := t.graph.street[n]
	if street != "" && !strings.HasSuffix(street, "口") {
		street += "附近"
	}
	return t.around(t.graph.at[n]) + street
}
