package bench

import (
	"context"
	"fmt"
)

const (
	micro = 1e-3 // ns → µs
	milli = 1e-6 // ns → ms
)

// Fold measures the fold of one observation and what snapshots cost it.
func Fold(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./cim", "^BenchmarkFoldObservation/(no_snapshots|40_snapshots_a_second)$", "2s", 3)
	if err != nil {
		return nil, err
	}
	alone := rs["FoldObservation/no_snapshots"]["cpu-ns/op"] * micro
	return take(rs, []wanted{
		{"FoldObservation/no_snapshots", "ns/op", micro, Figure{What: "fold of one observation", Unit: "µs", Target: 2,
			Note: fmt.Sprintf("100,000 devices with 4 datastreams, 4 observations in an event; processor time %s µs", number(alone))}},
		{"FoldObservation/no_snapshots", "allocs/op", 1, Figure{What: "— allocations", Unit: "allocations", Target: 2}},
		{"FoldObservation/40_snapshots_a_second", "ns/op", micro, Figure{What: "— with 40 snapshots a second", Unit: "µs", Note: "what the running server does: each snapshot makes the next change copy what it touches"}},
		{"FoldObservation/40_snapshots_a_second", "allocs/op", 1, Figure{What: "— — allocations", Unit: "allocations per observation", Target: 0}},
	})
}

// PointInRegion measures point → region.
func PointInRegion(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./geo", "^BenchmarkRegionsAt$", "1s", 3)
	if err != nil {
		return nil, err
	}
	return take(rs, []wanted{
		{"RegionsAt", "ns/op", micro, Figure{What: "point → region over 365 regions", Unit: "µs", Target: 2, Note: "a border of 1,200 corners around 9 towns and 355 villages"}},
		{"RegionsAt", "allocs/op", 1, Figure{What: "— allocations", Unit: "allocations", Target: 0}},
	})
}

// Access measures a check of rights among 10,000 bindings.
func Access(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./gov/identity/access", "^Benchmark(Can|SubjectCan)$", "500ms", 5)
	if err != nil {
		return nil, err
	}
	return take(rs, []wanted{
		{"Can", "ns/op", 1, Figure{What: "may this subject do this to that? 10,000 bindings", Unit: "ns", Target: 50, Note: "the subject looked up too; casbin 2.135 with six rules took 6,300 ns, OPA 1.22 31,700 ns on such a question (measured apart)"}},
		{"Can", "allocs/op", 1, Figure{What: "— allocations", Unit: "allocations", Target: 0}},
		{"SubjectCan", "ns/op", 1, Figure{What: "— of a subject at hand", Unit: "ns", Target: 50}},
	})
}

// Streets measures who is near, and the way, over the real streets of Andorra.
func Streets(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./geo/streets", "^Benchmark(NearestOf500|Route)$", "1s", 3)
	if err != nil {
		return nil, err
	}
	return take(rs, []wanted{
		{"NearestOf500/eight", "ns/op", milli, Figure{What: "the 8 nearest of 500 units by travel time, Andorra's streets", Unit: "ms", Target: 20, Note: "with their ways; OpenStreetMap's roads as driven, one-ways kept"}},
		{"Route", "ns/op", milli, Figure{What: "— a way across the country", Unit: "ms"}},
	})
}

// Tiles measures encoding, and orb/encoding/mvt on the same features.
func Tiles(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./tiles", "^Benchmark(Tile|PeerTile|Fresh)$", "300ms", 12)
	if err != nil {
		return nil, err
	}
	targets := map[int][2]float64{14: {1, 100}, 10: {15, 0}}
	var ws []wanted
	for _, z := range []int{10, 12, 14, 16} {
		ours, peer := fmt.Sprintf("Tile/z%d", z), fmt.Sprintf("PeerTile/z%d", z)
		note := ""
		if r, p := rs[ours], rs[peer]; r != nil && p != nil {
			note = fmt.Sprintf("%s features, %s bytes; orb/encoding/mvt on the same features: %s ms, %s allocations",
				number(r["features"]), number(r["bytes"]), number(p["ns/op"]*milli), number(p["allocs/op"]))
		}
		ws = append(ws,
			wanted{ours, "ns/op", milli, Figure{What: fmt.Sprintf("live tile z%d, 600,000 features in the model, uncompressed", z), Unit: "ms", Target: targets[z][0], Note: note}},
			wanted{ours, "allocs/op", 1, Figure{What: "— allocations", Unit: "allocations per tile", Target: targets[z][1]}})
	}
	ws = append(ws, wanted{"Fresh/z14", "ns/op", 1, Figure{What: "is a kept tile z14 still true?", Unit: "ns", Note: "the answer behind an ETag"}})
	return take(rs, ws)
}

// Hub measures fan-out inside one process, with the clock of the facts at hand.
func Hub(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./web/hub", "^BenchmarkFanout$/^clients=5000$", "1x", 1)
	if err != nil {
		return nil, err
	}
	const name = "Fanout/clients=5000"
	return take(rs, []wanted{
		{name, "p99-ms", 1, Figure{What: "5,000 clients, hub alone: p99 from fact to frame read", Unit: "ms", Note: "load generator in the same process"}},
		{name, "KiB/client", 1, Figure{What: "— memory per client", Unit: "KiB", Note: "both ends counted, the generator's 4 KiB too"}},
	})
}

// Streams measures the broker alone.
func Streams(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./streams", "^BenchmarkPublish(Written|Synced)$", "1s", 2)
	if err != nil {
		return nil, err
	}
	return take(rs, []wanted{
		{"PublishWritten", "ns/op", micro, Figure{What: "publish a small fact, many senders, safe against kill -9", Unit: "µs"}},
		{"PublishSynced", "ns/op", micro, Figure{What: "publish an incident, many senders, safe against power loss", Unit: "µs"}},
	})
}

// Record measures the history's writer alone.
func Record(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./cim/history", "^BenchmarkRecord$", "400000x", 1)
	if err != nil {
		return nil, err
	}
	return take(rs, []wanted{
		{"Record", "observations/s", 1, Figure{What: "stream → PostgreSQL, the recorder alone", Unit: "observations/s", AtLeast: true, Note: "every commit waits for the disk"}},
	})
}
