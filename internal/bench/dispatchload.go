package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"onecity/cim"
)

// benchUnits are n units in the middle of Kunshan, the same each time.
func benchUnits(n int) []cim.Unit {
	list := make([]cim.Unit, n)
	for i := range list {
		list[i] = cim.Unit{ID: fmt.Sprintf("bench-unit-%03d", i), Name: fmt.Sprintf("执法车 %d", i), Kind: "enforcement", Simulated: true}
	}
	return list
}

func (s *server) putUnits(ctx context.Context, list []cim.Unit) error {
	body, err := json.Marshal(map[string]any{"source": "/bench", "units": list})
	if err != nil {
		return err
	}
	var answer struct{ Accepted int }
	if err := s.post(ctx, "/api/v1/units", body, &answer); err != nil {
		return fmt.Errorf("register units: %w", err)
	}
	if answer.Accepted != len(list) {
		return fmt.Errorf("register units: %d of %d were accepted", answer.Accepted, len(list))
	}
	return s.caughtUp(ctx)
}

// moveUnits lets every unit say where it is, a tenth of them at a time, until
// ctx ends.
func (s *server) moveUnits(ctx context.Context, list []cim.Unit) error {
	const parts = 10
	tick := time.NewTicker(saysEvery / parts)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			var some []cim.Position
			for i := n % parts; i < len(list); i += parts {
				x, y := float64(i%25), float64(i/25)
				some = append(some, cim.Position{Unit: list[i].ID, Time: now.UTC(), Speed: 8, Status: "moving",
					Lon: 120.93 + x*0.0024 + float64(n%40)*0.00002, Lat: 31.36 + y*0.0025})
			}
			body, err := json.Marshal(map[string]any{"source": "/bench", "positions": some})
			if err != nil {
				return err
			}
			if err := s.post(ctx, "/api/v1/positions", body, nil); err != nil {
				return fmt.Errorf("say where units are: %w", err)
			}
		}
	}
}

// openCase is what a dispatch names.
type openCase struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
}

// openCases reports n incidents and returns them when all of them are cases.
func (s *server) openCases(ctx context.Context, n int) ([]openCase, error) {
	for i := range n {
		body, err := json.Marshal(map[string]any{
			"id": fmt.Sprintf("bench-case-%04d", i), "class": "E0502", "lon": 120.93 + float64(i%25)*0.0024, "lat": 31.36 + float64(i/25)*0.0025,
			"description": "店铺把货摆到路上", "channel": "operator", "simulated": true,
		})
		if err != nil {
			return nil, err
		}
		if err := s.post(ctx, "/api/v1/cases", body, nil); err != nil {
			return nil, fmt.Errorf("report an incident: %w", err)
		}
	}
	var all []openCase
	err := until(ctx, time.Minute, "every report became a case", func() (bool, error) {
		all = all[:0]
		for after := ""; ; {
			var page struct {
				Items []openCase `json:"items"`
				Next  string     `json:"next"`
			}
			if err := s.get(ctx, "/api/v1/cases?open=true&order=newest&limit=100&after="+url.QueryEscape(after), &page); err != nil {
				return false, err
			}
			all = append(all, page.Items...)
			if after = page.Next; after == "" {
				return len(all) >= n, nil
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%w; %d of %d are", err, len(all), n)
	}
	return all, nil
}
