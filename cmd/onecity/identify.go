package main

import (
	"net/http"

	"onecity/cim"
	"onecity/gov/identity/access/accesstest"
	"onecity/web"
)

// anybody lets all who reach this machine's loopback address do everything,
// until there are people who can sign in.
func anybody(r *http.Request) (web.Caller, error) {
	const id = "app:local"
	return web.Caller{ID: id, Name: id, From: r.RemoteAddr, Rights: accesstest.Everything(id), Scope: cim.Whole()}, nil
}
