package web

import (
	"net/http"
	"testing"

	"onecity/cim"
	"onecity/gov/identity/access/accesstest"
)

// everybody lets every request do and see everything.
func everybody(r *http.Request) (Caller, error) {
	const tester = "person:tester"
	return Caller{ID: tester, Name: "tester", From: r.RemoteAddr, Rights: accesstest.Everything(tester), Scope: cim.Whole()}, nil
}

func TestNobodyIsToldOnlyWhetherTheServerIsReady(t *testing.T) {
	w := newTown(t, townOptions{who: func(r *http.Request) (Caller, error) {
		if r.URL.Path == "/readyz" {
			return Caller{}, nil
		}
		return everybody(r)
	}})
	w.settle()
	if r := w.expect("GET", "/readyz", "", 200).json(t); len(r) != 1 || r["ready"] != true {
		t.Errorf("%v", r)
	}
}
