package tiles

import (
	"math"
	"math/rand/v2"
	"testing"

	"onecity/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/mvt/vectortile"
)

// drawn encodes one layer of one tile.
func drawn(t Tile, spec *Spec, draw func(e *encoder)) []byte {
	e := new(encoder)
	e.begin(t, spec)
	draw(e)
	return e.end(nil, "test")
}

// decoded reads a tile with a decoder that is not ours, down to the command
// integers.
func decoded(tb testing.TB, data []byte) *vectortile.Tile {
	tb.Helper()
	var tile vectortile.Tile
	if err := tile.Unmarshal(data); err != nil {
		tb.Fatalf("the tile is no protocol buffer: %v", err)
	}
	return &tile
}

func TestPropertiesComeBackAsTheyWerePut(t *testing.T) {
	tile := TileAt(orb.Point{120.98, 31.38}, 14)
	data := drawn(tile, &Spec{Buffer: 64}, func(e *encoder) {
		for range 3 {
			e.point(geo.Project(tile.Bound(0).Center()))
			e.text(keyName, "昆山")
			e.text(keyNameEn, "")
			e.number(keyValue, 12.5)
			e.number(keyHeight, 30)
			e.number(keyBase, -2)
			e.number(keyIndex, math.NaN())
			e.flag(keyLate, true)
			e.flag(keyMade, false)
			e.named("pm2_5", 1e300)
			e.named("so2", 12.5)
			e.named("value", 12.5) // also the schema's name
			e.feature(7, typePoint)
		}
	})
	layers, err := mvt.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(layers[0].Features); n != 3 {
		t.Fatalf("%d features, want 3", n)
	}
	got := layers[0].Features[2].Properties
	want := map[string]any{"name": "昆山", "value": 12.5, "height": 30.0, "base": -2.0, "late": true, "so2": 12.5}
	for k, v := range want {
		if f, ok := got[k].(float32); ok {
			got[k] = float64(f)
		}
		if got[k] != v {
			t.Errorf("%s is %v (%T), want %v", k, got[k], got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("properties %v, want only %v", got, want)
	}
	raw := decoded(t, data).Layers[0]
	if len(raw.Keys) != len(want) || len(raw.Values) != 5 {
		t.Errorf("%d keys and %d values, want %d and 5: equal ones are written once", len(raw.Keys), len(raw.Values), len(want))
	}
}

func TestTheValueTableStaysRightWhenItGrowsAndIsUsedAgain(t *testing.T) {
	var v values
	for range 3 {
		v.reset()
		for i := range 5000 {
			v.data = appendVarint(v.data, uint64(i%2500))
			if got := v.commit(); got != uint32(i%2500) {
				t.Fatalf("value %d has index %d, want %d", i, got, i%2500)
			}
		}
	}
}

func TestNeighbouringTilesShareNoPointWithoutBuffer(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	spec := &Spec{}
	for range 2000 {
		w := geo.WorldPoint{X: rng.Uint32(), Y: rng.Uint32()}
		z := uint8(rng.IntN(MaxZoom + 1))
		if rng.IntN(2) == 0 { // on a corner of the grid
			w.X = uint32(uint64(w.X) >> (32 - z) << (32 - z))
			w.Y = uint32(uint64(w.Y) >> (32 - z) << (32 - z))
		}
		home := Tile{z, uint32(uint64(w.X) >> (32 - z)), uint32(uint64(w.Y) >> (32 - z))}
		for dx := -1; dx <= 1; dx++ {
			for dy := -1; dy <= 1; dy++ {
				at := Tile{z, uint32(int(home.X) + dx), uint32(int(home.Y) + dy)}
				if at.Check() != nil {
					continue
				}
				data := drawn(at, spec, func(e *encoder) {
					e.point(w)
					if e.shown() {
						e.feature(1, typePoint)
					}
				})
				if (len(data) > 0) != (at == home) {
					t.Fatalf("point %v of tile %v: drawn in %v: %v", w, home, at, len(data) > 0)
				}
			}
		}
	}
}
