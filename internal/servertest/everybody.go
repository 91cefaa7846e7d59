package servertest

import (
	"net/http"

	"onecity/cim"
	"onecity/gov/identity/access/accesstest"
	"onecity/web"
)

// Everybody lets every request do and see everything.
func Everybody(r *http.Request) (web.Caller, error) {
	const tester = "person:tester"
	return web.Caller{ID: tester, Name: "tester", From: r.RemoteAddr, Rights: accesstest.Everything(tester), Scope: cim.Whole()}, nil
}
