package tiles

import (
	"fmt"
	"testing"

	"onecity/cim"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/simplify"
)

var benchZooms = []uint8{10, 12, 14, 16}

// live are the layers of the benchmark's tiles: all that the big city has,
// cells apart, which have a benchmark of their own.
var live = []cim.Layer{cim.LayerBuildings, cim.LayerComponents, cim.LayerDevices}

// BenchmarkTile encodes the tile in the middle of a city of 600,000 features.
func BenchmarkTile(b *testing.B) {
	r := bigCity().read(live...)
	p := NewPainter()
	for _, z := range benchZooms {
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			t := TileAt(centre, z)
			out := p.Append(nil, r, t)
			n := features(b, out)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				out = p.Append(out[:0], r, t)
			}
			b.ReportMetric(float64(n), "features")
			b.ReportMetric(float64(len(out)), "bytes")
		})
	}
}

// BenchmarkTileCells encodes the hexagons of the same tiles.
func BenchmarkTileCells(b *testing.B) {
	r := bigCity().read(cim.LayerCells)
	p := NewPainter()
	for _, z := range benchZooms {
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			t := TileAt(centre, z)
			out := p.Append(nil, r, t)
			n := features(b, out)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				out = p.Append(out[:0], r, t)
			}
			b.ReportMetric(float64(n), "features")
			b.ReportMetric(float64(len(out)), "bytes")
		})
	}
}

// BenchmarkFresh asks whether a kept tile is still true.
func BenchmarkFresh(b *testing.B) {
	r := bigCity().read(live...)
	p := NewPainter()
	for _, z := range benchZooms {
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			t := TileAt(centre, z)
			b.ReportAllocs()
			for b.Loop() {
				p.Fresh(r, t)
			}
		})
	}
}

// BenchmarkPeerTile makes the same tiles from the same model with
// github.com/paulmach/orb/encoding/mvt: the same features (bounds, budgets),
// properties, clipping and tolerance.
func BenchmarkPeerTile(b *testing.B) {
	r := bigCity().read(live...)
	for _, z := range benchZooms {
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			t := TileAt(centre, z)
			out := peerTile(b, r, t)
			n := features(b, out)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				out = peerTile(b, r, t)
			}
			b.ReportMetric(float64(n), "features")
			b.ReportMetric(float64(len(out)), "bytes")
		})
	}
}

func peerTile(tb testing.TB, r cim.Reader, t Tile) []byte {
	var layers mvt.Layers
	at := maptile.New(t.X, t.Y, maptile.Zoom(t.Z))
	for _, l := range live {
		spec := &Layers[l]
		if t.Z < spec.MinZoom {
			continue
		}
		fc := geojson.NewFeatureCollection()
		if l == cim.LayerDevices {
			r.Devices(reach(l, t), stepAt(spec.Budget, t.Z), func(d *cim.DeviceState) bool {
				f := geojson.NewFeature(orb.Point{d.Lon, d.Lat})
				f.ID = featureNumber(d.ID)
				f.Properties = geojson.Properties{"id": d.ID, "name": d.Name, "kind": d.Kind, "property": string(d.Datastreams[0].Property), "value": d.Streams[0].Value}
				fc.Append(f)
				return true
			})
		} else {
			r.Objects(l, reach(l, t), stepAt(spec.Budget, t.Z), func(o *cim.Object) bool {
				f := geojson.NewFeature(orb.Clone(o.Geometry)) // projecting writes into it
				f.ID = featureNumber(o.ID)
				f.Properties = geojson.Properties{"class": o.Class, "kind": o.Kind}
				if t.Z >= idZoom {
					f.Properties["id"] = o.ID
				}
				if o.Height > 0 {
					f.Properties["height"] = float64(o.Height)
				}
				fc.Append(f)
				return true
			})
		}
		layer := mvt.NewLayer(l.String(), fc)
		layer.Version = 2
		layer.ProjectToTile(at)
		layer.Clip(orb.Bound{Min: orb.Point{-float64(spec.Buffer), -float64(spec.Buffer)}, Max: orb.Point{Extent + float64(spec.Buffer), Extent + float64(spec.Buffer)}})
		if tolerance := stepAt(spec.Tolerance, t.Z); tolerance > 0 && l != cim.LayerComponents {
			layer.Simplify(simplify.DouglasPeucker(float64(tolerance)))
		}
		layer.RemoveEmpty(1, float64(max(1, stepAt(spec.MinArea, t.Z))))
		layers = append(layers, layer)
	}
	out, err := mvt.Marshal(layers)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}
