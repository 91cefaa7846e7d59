//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"onecity/tiles"

	"github.com/paulmach/orb"
)

// spot is a place with a device, a unit and an incident.
type spot struct {
	region   string // as the program found it
	device   string
	unit     string
	incident string
	name     string // of the device
	at       orb.Point
}

// settle puts a device, a unit and an incident into a grid of the first town,
// another grid of the same village, another village of the same town, and
// another town: one spot more for each level that somebody sees.
func settle(t *testing.T, p *program) (spots []spot, passwords map[string]string) {
	t.Helper()
	type region struct {
		Code, Parent, Level string
		Centre              orb.Point
	}
	var all struct{ Regions []region }
	if _, err := p.get("/api/v1/regions?limit=5000", &all); err != nil {
		t.Fatal(err)
	}
	inside := func(parent string) (list []region) {
		for _, r := range all.Regions {
			if r.Parent == parent {
				list = append(list, r)
			}
		}
		return list
	}
	towns := inside("320583")
	villages := inside(towns[0].Code)
	grids := inside(villages[0].Code)
	places := []region{grids[0], grids[1], inside(villages[1].Code)[0], inside(inside(towns[1].Code)[0].Code)[0]}

	services, err := firstService(p)
	if err != nil {
		t.Fatal(err)
	}
	passwords = map[string]string{}
	for i, r := range places {
		s := spot{device: fmt.Sprintf("spot-device-%d", i), unit: fmt.Sprintf("spot-unit-%d", i), name: fmt.Sprintf("测点甲乙%d", i), at: r.Centre}
		status, answer, err := p.post("/api/v1/devices", map[string]any{"devices": []map[string]any{{
			"id": s.device, "name": s.name, "kind": "weather", "lon": s.at[0], "lat": s.at[1],
			"datastreams": []map[string]string{{"property": "temperature", "unit": "Cel"}}}}})
		if err != nil || status != http.StatusOK {
			t.Fatalf("register a device: %d %v %s", status, err, answer)
		}
		var got struct{ Credentials []credential }
		reply{body: answer}.into(t, &got)
		passwords[s.device] = got.Credentials[0].Password
		status, answer, err = p.post("/api/v1/units", map[string]any{"units": []map[string]any{{"id": s.unit, "name": s.unit, "kind": "grid"}}})
		if err != nil || status != http.StatusOK {
			t.Fatalf("register a unit: %d %v %s", status, err, answer)
		}
		status, answer, err = p.post("/api/v1/positions", map[string]any{"positions": []map[string]any{{
			"unit": s.unit, "lon": s.at[0], "lat": s.at[1], "status": "idle", "time": time.Now().Format(time.RFC3339)}}})
		if err != nil || status != http.StatusOK {
			t.Fatalf("move a unit: %d %v %s", status, err, answer)
		}
		form := url.Values{"service_code": {services}, "lat": {fmt.Sprint(s.at[1])}, "long": {fmt.Sprint(s.at[0])}, "description": {"路灯不亮"}}
		if s.incident, err = report(p, form, s.device); err != nil {
			t.Fatal(err)
		}
		eventually(t, 20*time.Second, "the place is in the model", func() error {
			var d, u, c struct{ Region string }
			for path, v := range map[string]any{"/devices/" + s.device: &d, "/units/" + s.unit: &u, "/incidents/" + s.incident: &c} {
				if status, err := p.get("/api/v1"+path, v); err != nil || status != http.StatusOK {
					return fmt.Errorf("%s: %d %w", path, status, err)
				}
			}
			if s.region = d.Region; d.Region == "" || u.Region != d.Region || c.Region != d.Region {
				return errors.New("the device, the unit and the incident of a place are not in the same region")
			}
			return nil
		})
		spots = append(spots, s)
	}
	for i, s := range spots {
		if s.region != places[i].Code {
			t.Fatalf("what stands in the middle of %s is in %s", places[i].Code, s.region)
		}
	}
	return spots, passwords
}

// sees checks, by every way that shows the city, that somebody sees the spots
// under a region and no others; "-" is none of them.
func (x *person) sees(t *testing.T, spots []spot, under string) {
	t.Helper()
	lists := ""
	for _, list := range []string{"devices", "units", "incidents"} {
		lists += string(x.expect(t, http.MethodGet, "/api/v1/"+list+"?limit=1000", nil, http.StatusOK).body)
	}
	_, frame := x.live(t)
	for _, s := range spots {
		want := strings.HasPrefix(s.region, under)
		tile := tiles.TileAt(s.at, 15).String()
		drawn := ""
		switch r := x.ask(t, http.MethodGet, "/tiles/devices/"+tile+".mvt", nil); r.status {
		case http.StatusOK:
			drawn = string(r.body)
		case http.StatusNoContent: // nothing to draw
		default:
			t.Errorf("%s: a tile is answered %d", x.login, r.status)
		}
		for how, shown := range map[string]bool{
			"a list of devices": strings.Contains(lists, `"`+s.device+`"`), "a list of units": strings.Contains(lists, `"`+s.unit+`"`),
			"a list of incidents": strings.Contains(lists, `"`+s.incident+`"`), "a frame's devices": strings.Contains(string(frame), `"`+s.device+`"`),
			"a frame's units": strings.Contains(string(frame), `"`+s.unit+`"`), "a frame's incidents": strings.Contains(string(frame), `"`+s.incident+`"`),
			"a tile": strings.Contains(drawn, s.device) || strings.Contains(drawn, s.name),
		} {
			if shown != want {
				t.Errorf("%s, who sees %q: %s shows what is in %s: %v", x.login, under, how, s.region, shown)
			}
		}
		for _, path := range []string{"/devices/" + s.device, "/units/" + s.unit, "/incidents/" + s.incident} {
			if r := x.ask(t, http.MethodGet, "/api/v1"+path, nil); (r.status == http.StatusOK) != want || !want && r.status != http.StatusNotFound {
				t.Errorf("%s, who sees %q: %s in %s is answered %d", x.login, under, path, s.region, r.status)
			}
		}
	}
}
