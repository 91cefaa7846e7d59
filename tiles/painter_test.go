package tiles

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s (write it anew with -update if that is meant)", path)
	}
}

// geojsonOf is the tile as GeoJSON, read by orb.
func geojsonOf(t *testing.T, data []byte, tile Tile) []byte {
	t.Helper()
	layers, err := mvt.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	layers.ProjectToWGS84(maptile.New(tile.X, tile.Y, maptile.Zoom(tile.Z)))
	out, err := json.MarshalIndent(layers.ToFeatureCollections(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

func TestTheTilesOfASmallCityAreAsRecorded(t *testing.T) {
	r := smallCity().read()
	for _, z := range []uint8{9, 14, 16} {
		tile := TileAt(centre, z)
		golden(t, "small-"+string(rune('0'+z/10))+string(rune('0'+z%10))+".geojson",
			geojsonOf(t, NewPainter().Append(nil, r, tile), tile))
	}
}

func TestOrbReadsAnothersTileRight(t *testing.T) {
	// The decoder that the other tests trust, on a tile that neither it nor we
	// have made: OpenStreetMap data, Mapzen's vector tile service, as orb has it.
	data := orbTestdata(t, "16-17896-24449.mvt")
	layers, err := mvt.UnmarshalGzipped(data)
	if err != nil {
		t.Fatal(err)
	}
	layers.ProjectToWGS84(maptile.New(17896, 24449, 16))
	var want map[string]struct {
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(orbTestdata(t, "16-17896-24449.json"), &want); err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 {
		t.Fatal("the fixture has no layers")
	}
	got := layers.ToFeatureCollections()
	for name, fc := range want {
		if got[name] == nil || len(got[name].Features) != len(fc.Features) {
			t.Errorf("layer %s: want %d features, got %v", name, len(fc.Features), got[name])
		}
	}
}

func TestEachLayerShowsWhatItsTableSays(t *testing.T) {
	r := smallCity().read()
	tile := TileAt(centre, 15)
	layers, err := mvt.Unmarshal(NewPainter().Append(nil, r, tile))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*mvt.Layer{}
	for _, l := range layers {
		byName[l.Name] = l
	}
	for i, spec := range Layers {
		name := cim.Layer(i).String()
		l := byName[name]
		if l == nil {
			t.Errorf("no layer %s", name)
			continue
		}
		known := map[string]bool{}
		for _, f := range spec.Fields {
			known[f.Key] = true
		}
		for _, f := range l.Features {
			for k := range f.Properties {
				if !known[k] && name != "cells" {
					t.Errorf("layer %s has property %q, which its table does not name", name, k)
				}
			}
		}
	}
	check := func(layer, key string, want any) {
		t.Helper()
		if byName[layer] == nil {
			return
		}
		var got []any
		for _, f := range byName[layer].Features {
			v := f.Properties[key]
			if f, ok := v.(float32); ok {
				v = float64(f)
			}
			if v == want {
				return
			}
			got = append(got, v)
		}
		t.Errorf("%s.%s is %v, want %v among them", layer, key, got, want)
	}
	check("buildings", "height", 120.5)
	check("roads", "nameEn", "Qianjin Road")
	check("devices", "value", 35.5)
	check("devices", "simulated", true)
	check("units", "status", "moving")
	check("units", "heading", 90.0)
	check("incidents", "severity", 3.0)
	check("cells", "devices", 1.0)
	check("cells", "pm2_5", 35.5)
	check("regions", "made", true)
}

func TestAReaderGetsNothingThatItsScopeDoesNotReach(t *testing.T) {
	c := smallCity()
	tile := TileAt(centre, 15)
	scope := cim.Whole()
	scope.Region = "320584" // the neighbour
	if got := features(t, NewPainter().Append(nil, c.Snapshot().In(scope.Only(cim.AllLayers&^cim.LayersOf(cim.LayerRegions))), tile)); got != 0 {
		t.Errorf("a reader of the neighbour town sees %d features", got)
	}
	only := cim.Whole().Only(cim.LayersOf(cim.LayerUnits))
	layers := decoded(t, NewPainter().Append(nil, c.Snapshot().In(only), tile)).Layers
	if len(layers) != 1 || layers[0].GetName() != "units" {
		t.Errorf("a reader of units alone gets %d layers", len(layers))
	}
}

func TestAKeptTileIsStaleExactlyWhenItsContentMayHaveChanged(t *testing.T) {
	c := smallCity()
	p := NewPainter()
	tile := TileAt(centre, 15)
	far := TileAt(orb.Point{121.12, 31.5}, 15)
	changes := map[string]cim.Fact{
		"a value":     cim.Observations{Observations: []cim.Observation{{Device: "air-1", Property: "pm2_5", Time: noon.Add(time.Minute), Value: 40}}},
		"a unit":      cim.Positions{Positions: []cim.Position{{Unit: "u1", Time: noon.Add(time.Minute), Lon: centre[0], Lat: centre[1]}}},
		"an incident": cim.IncidentPut{Incident: cim.Incident{ID: "i1", Version: 2, Class: "0101", Status: cim.StatusClosed, Lon: centre[0], Lat: centre[1] + 0.001, Reported: noon, Closed: noon}},
		"a building":  cim.ObjectsRemoved{IDs: []string{"tower"}},
	}
	for name, fact := range changes {
		before := c.seq
		c.take(fact)
		r := c.read()
		if p.Fresh(r, tile) <= before {
			t.Errorf("%s changed and the tile was thought true", name)
		}
		if p.Fresh(r, far) > before {
			t.Errorf("%s changed and a tile far away was thought stale", name)
		}
	}
}

// TestNoTileChangesWithoutFreshSayingSo lets the small city live and holds
// every tile's bytes against what Fresh said.
func TestNoTileChangesWithoutFreshSayingSo(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	c := smallCity()
	place := func() (lon, lat float64) {
		return centre[0] + 0.2*(rng.Float64()-0.5), centre[1] + 0.2*(rng.Float64()-0.5)
	}
	var devices cim.DevicesPut
	var units cim.UnitsPut
	for i := range 60 {
		lon, lat := place()
		devices.Devices = append(devices.Devices, cim.Device{ID: fmt.Sprint("d", i), Kind: "air", Lon: lon, Lat: lat, Datastreams: []cim.Datastream{{Property: "pm2_5", Unit: "ug/m3"}}})
		units.Units = append(units.Units, cim.Unit{ID: fmt.Sprint("u", i), Kind: "grid"})
	}
	c.take(devices, units)
	p := NewPainter()
	type kept struct {
		bytes []byte
		seq   uint64
	}
	tiles := map[Tile]*kept{}
	for z := uint8(8); z <= 15; z++ {
		for range 6 {
			lon, lat := place()
			tile := TileAt(orb.Point{lon, lat}, z)
			tiles[tile] = &kept{p.Append(nil, c.read(), tile), c.seq}
		}
	}
	changed, stale := 0, 0
	for i := range 400 {
		if rng.IntN(3) == 0 {
			c.now = c.now.Add(time.Duration(rng.IntN(300)) * time.Second)
		}
		id, lon, lat := fmt.Sprint("d", rng.IntN(60)), 0.0, 0.0
		switch lon, lat = place(); rng.IntN(4) {
		case 0:
			c.take(cim.Tick{})
		case 1:
			c.take(cim.Positions{Positions: []cim.Position{{Unit: "u" + id[1:], Time: c.now, Lon: lon, Lat: lat}}})
		case 2:
			c.take(cim.IncidentPut{Incident: cim.Incident{ID: id, Version: uint32(i + 1), Class: "0101", Lon: lon, Lat: lat, Reported: c.now,
				Due: c.now.Add(10 * time.Minute), Status: []cim.Status{cim.StatusReported, cim.StatusClosed}[rng.IntN(2)]}})
		default:
			c.take(cim.Observations{Observations: []cim.Observation{{Device: id, Property: "pm2_5", Time: c.now, Value: float64(rng.IntN(100))}}})
		}
		r := c.read()
		for tile, k := range tiles {
			fresh := p.Fresh(r, tile)
			now := p.Append(nil, r, tile)
			if !bytes.Equal(now, k.bytes) {
				changed++
				if fresh <= k.seq {
					t.Fatalf("step %d: tile %v changed, and Fresh says %d, which is not after %d", i, tile, fresh, k.seq)
				}
			}
			if fresh > k.seq {
				stale++
			}
			*k = kept{now, c.seq}
		}
	}
	if changed < 500 || stale > 12*changed {
		t.Errorf("%d changes, %d times thought stale: the test or Fresh says too little", changed, stale)
	}
	t.Logf("%d changes, %d times thought stale, of %d", changed, stale, 400*len(tiles))
}

func TestTheSameViewGivesTheSameBytes(t *testing.T) {
	tile := TileAt(centre, 14)
	a := NewPainter().Append(nil, smallCity().read(), tile)
	b := NewPainter().Append(nil, smallCity().read(), tile)
	if !bytes.Equal(a, b) {
		t.Error("two folds of the same facts give different tiles")
	}
}
