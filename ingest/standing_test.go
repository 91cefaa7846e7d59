package ingest_test

import (
	"testing"

	"onecity/cim"
	"onecity/ingest/ingesttest"
)

func TestACitySetsHowFewHiddenThingsACellMayTellOf(t *testing.T) {
	c := ingesttest.Start(t)
	a, err := c.Gate.Standing(t.Context(), "/test", "", cim.PrivacyPut{Privacy: cim.Privacy{Least: 7}})
	taken(t, 1, a, err)
	c.Until(t, "the model knows", func(r cim.Reader) bool { return r.Privacy().Least == 7 })
}
