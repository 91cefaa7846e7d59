package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"onecity/cim"

	"github.com/paulmach/orb"
)

// Restart measures how long the program takes from its start until it is
// ready, with 1,000,000 objects in it: 500,000 points and 500,000 buildings of
// seven corners. PostgreSQL's own start is included; so is its recovery after
// kill -9.
func Restart(ctx context.Context, e *Env) ([]Figure, error) {
	s, err := newServer(e, "kunshan")
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	objects := e.scale(1_000_000)
	e.Log("restart: %d objects go in", objects)
	began := time.Now()
	if err := s.putObjects(ctx, objects); err != nil {
		return nil, err
	}
	loading := time.Since(began)
	// What came after the last checkpoint, one a minute, is replayed from the
	// stream at the next start: as a rule a minute's facts, not a whole import.
	if err := s.historyCaughtUp(ctx); err != nil {
		return nil, err
	}
	recording := time.Since(began)
	if err := pause(ctx, e.lasting(time.Until(time.Now().Truncate(time.Minute).Add(2*time.Minute+5*time.Second)))); err != nil {
		return nil, err
	}
	if err := s.stop(); err != nil {
		return nil, err
	}
	graceful, err := s.startWhole(ctx, objects)
	if err != nil {
		return nil, err
	}
	spent := s.used()
	memory, err := s.resident()
	if err != nil {
		return nil, err
	}
	if err := s.kill(); err != nil {
		return nil, err
	}
	killed, err := s.startWhole(ctx, objects)
	if err != nil {
		return nil, err
	}
	return []Figure{
		{What: fmt.Sprintf("restart to ready with %s objects", number(float64(objects))), Unit: "s", Target: 10, Reached: graceful.Seconds(),
			Note: fmt.Sprintf("half points, half buildings; PostgreSQL's start included; processor time: program %.1f s, PostgreSQL %.1f s; %s MiB resident afterwards",
				spent.program.Seconds(), spent.children.Seconds(), number(float64(memory>>20)))},
		{What: "— after kill -9", Unit: "s", Target: 10, Reached: killed.Seconds()},
		{What: "— objects taken in over HTTP", Unit: "objects/s", Reached: float64(objects) / loading.Seconds(), AtLeast: true,
			Note: fmt.Sprintf("checked, durable and folded; %s objects/s until they were in PostgreSQL too", number(float64(objects)/recording.Seconds()))},
	}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// startWhole starts the program again and makes sure that all is there.
func (s *server) startWhole(ctx context.Context, objects int) (time.Duration, error) {
	took, err := s.start(ctx, 3*time.Minute)
	if err != nil {
		return 0, err
	}
	for _, id := range []string{objectID(0), objectID(objects / 2), objectID(objects - 1)} {
		if err := s.get(ctx, "/api/v1/objects/"+id, nil); err != nil {
			return 0, fmt.Errorf("after the restart: %w", err)
		}
	}
	return took, nil
}

func objectID(i int) string { return fmt.Sprintf("made-%07d", i) }

// putObjects sends n objects and waits until they are folded.
func (s *server) putObjects(ctx context.Context, n int) error {
	r := rand.New(rand.NewPCG(3, 3))
	const each = 5000
	for from := 0; from < n; from += each {
		put := cim.ObjectsPut{}
		for i := from; i < min(from+each, n); i++ {
			put.Objects = append(put.Objects, object(r, i))
		}
		data, err := cim.Encode(put)
		if err != nil {
			return err
		}
		body, err := json.Marshal(map[string]any{"specversion": "1.0", "id": fmt.Sprintf("bench-%d", from), "source": "/bench", "type": cim.TypeOf(put), "data": json.RawMessage(data)})
		if err != nil {
			return err
		}
		var answer struct {
			Accepted int
			Problems []json.RawMessage
		}
		if err := s.post(ctx, "/api/v1/events", body, &answer); err != nil {
			return fmt.Errorf("send objects: %w", err)
		}
		if answer.Accepted != len(put.Objects) {
			return fmt.Errorf("send objects: %d of %d were accepted: %s", answer.Accepted, len(put.Objects), answer.Problems)
		}
	}
	return s.caughtUp(ctx)
}

// object is a lamp, or a building shaped like an L of 10 to 60 m, turned.
func object(r *rand.Rand, i int) cim.Object {
	at := orb.Point{120.93 + r.Float64()*0.06, 31.36 + r.Float64()*0.05}
	if i%2 == 0 {
		return cim.Object{ID: objectID(i), Layer: cim.LayerComponents, Class: "CityFurniture", Kind: "lamp", Geometry: round7(at), Made: true}
	}
	size := (10 + 50*r.Float64()*r.Float64()) / 111_000
	sin, cos := math.Sincos(r.Float64() * math.Pi)
	ring := orb.Ring{{0, 0}, {1, 0}, {1, .5}, {.5, .5}, {.5, 1}, {0, 1}, {0, 0}}
	for k, p := range ring {
		ring[k] = round7(orb.Point{at[0] + size*(p[0]*cos-p[1]*sin)/0.855, at[1] + size*(p[0]*sin+p[1]*cos)})
	}
	return cim.Object{ID: objectID(i), Layer: cim.LayerBuildings, Class: "Building", Kind: "residential", Geometry: orb.Polygon{ring}, Height: float32(3 + r.IntN(90)), Made: true}
}

func round7(p orb.Point) orb.Point {
	return orb.Point{math.Round(p[0]*1e7) / 1e7, math.Round(p[1]*1e7) / 1e7}
}
