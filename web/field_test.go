package web

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestWhatOnePersonDidIsNotTakenFromAnothersSession(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	w.expect("GET", "/api/v1/city", "", 200, asHeader, "person:tester")
	r := w.expect("POST", "/api/v1/units", `{"units":[{"id":"car-2","name":"巡查二","kind":"grid"}]}`, 401, asHeader, "person:other")
	if r.json(t)["status"] != 401.0 {
		t.Errorf("%s", r.body)
	}
	w.expect("GET", "/api/v1/units/car-2", "", 404)
}

func TestTheServiceWorkerIsBoundByItsOwnPolicyAndIsAlwaysFresh(t *testing.T) {
	w := newTown(t, townOptions{app: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "sw.js": {Data: []byte("// worker")}}})
	r := w.expect("GET", serviceWorker, "", 200)
	if policy := r.header.Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self'") || strings.Contains(policy, "sandbox") {
		t.Errorf("policy %q", policy)
	}
	if cache := r.header.Get("Cache-Control"); cache != "no-cache" {
		t.Errorf("cache %q", cache)
	}
}
