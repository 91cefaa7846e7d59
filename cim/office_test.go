package cim_test

import (
	"reflect"
	"testing"
	"time"

	"onecity/cim"
)

func TestTheOfficesWorkMovesThePositionAndNothingElse(t *testing.T) {
	fact, err := cim.Decode(cim.OfficePrefix+"flow.transition.v1", []byte(`{"object":"app:portal"}`))
	if fact != nil || err != nil {
		t.Fatalf("%v, %v", fact, err)
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	with, without := cim.NewModel(), cim.NewModel()
	profile := cim.Profile{City: "320583", Name: "昆山市"}
	for _, m := range []*cim.Model{with, without} {
		m.Fold(cim.Event{Seq: 1, At: at, Fact: profile})
	}
	with.Fold(cim.Event{Seq: 2, At: at, Fact: fact})
	if s := with.Snapshot(); s.Seq() != 2 {
		t.Errorf("at %d", s.Seq())
	}
	if !reflect.DeepEqual(with.Snapshot().In(cim.Whole()).Profile(), without.Snapshot().In(cim.Whole()).Profile()) {
		t.Error("the model has changed")
	}
}
