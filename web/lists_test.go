package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Whatever the size of a page and the filter, the pages together are the list,
// each thing once and in the order of ids.
func TestPagesOfAListTogetherAreTheList(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	var devices, units, positions []string
	for i := range 9 {
		kind := []string{"air", "noise"}[i%2]
		devices = append(devices, fmt.Sprintf(`{"id":"d%d","name":"站","kind":%q,"lon":120.9,"lat":31.38,"datastreams":[{"property":"pm2_5","unit":"ug/m3"}]}`, i, kind))
		units = append(units, fmt.Sprintf(`{"id":"u%d","name":"车","kind":"grid"}`, i))
		if i%3 != 0 {
			positions = append(positions, fmt.Sprintf(`{"unit":"u%d","lon":120.9,"lat":31.38}`, i))
		}
	}
	w.expect("POST", "/api/v1/devices", `{"devices":[`+strings.Join(devices, ",")+`]}`, 200)
	w.expect("POST", "/api/v1/units", `{"units":[`+strings.Join(units, ",")+`]}`, 200)
	w.awaitEnd()
	w.expect("POST", "/api/v1/positions", `{"positions":[`+strings.Join(positions, ",")+`]}`, 200)
	w.awaitEnd()
	for path, want := range map[string][]string{
		"devices?":                          {"d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "east", "west"},
		"devices?kind=noise":                {"d1", "d3", "d5", "d7"},
		"devices?region=320583101":          {"east"},
		"units?":                            {"u1", "u2", "u4", "u5", "u7", "u8"}, // the others never said where they are
		"units?kind=fire":                   {},
		"units?region=320583101":            {},
		"incidents?status=open&late=true":   {},
		"devices?kind=air&region=320583100": {"d0", "d2", "d4", "d6", "d8", "west"},
	} {
		plural, _, _ := strings.Cut(path, "?")
		for _, limit := range []int{1, 2, 3, max(1, len(want)), 1000} {
			got := []string{}
			for ask, next := fmt.Sprintf("/api/v1/%s&limit=%d", path, limit), ""; ask != ""; {
				v := w.expect("GET", ask, "", 200).json(t)
				things := v[plural].([]any)
				if len(things) > limit || len(things) == 0 && next != "" {
					t.Fatalf("%s has %d things", ask, len(things))
				}
				for _, one := range things {
					got = append(got, one.(map[string]any)["id"].(string))
				}
				ask = ""
				if next, _ = v["next"].(string); next != "" {
					ask = fmt.Sprintf("/api/v1/%s&limit=%d&after=%s", path, limit, next)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s by %d: %v, want %v", path, limit, got, want)
			}
		}
	}
}
