package web

import (
	"testing"

	"onecity/gov/identity"
)

func TestWhoMayDoWhatElsewhereIsNotTold(t *testing.T) {
	d, _ := aDirectory(t)
	seed, err := d.Seed(t.Context(), identity.Place{Code: "320583", Name: "昆山市", Inner: []identity.Place{{Code: "320583100", Name: "玉山镇"}}})
	if err != nil {
		t.Fatal(err)
	}
	i := &Identity{Directory: d}
	w := newTown(t, townOptions{identity: i, who: asSubject(i)})
	for _, p := range seed {
		if p.Login != "town.admin" {
			continue
		}
		as := []string{"X-As", p.Subject()}
		for region, status := range map[string]int{"320583100": 200, "320583100001": 200, "320583101": 422, "320583": 422, "": 422} {
			w.expect("GET", "/api/v1/access/who?action=city.view&object=region:"+region, "", status, as...)
			w.expect("GET", "/api/v1/access/why?subject=app:tools&action=city.view&object=region:"+region, "", status, as...)
		}
		return
	}
	t.Fatal("the town has no administrator")
}
