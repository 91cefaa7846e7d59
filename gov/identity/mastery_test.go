package identity_test

import (
	"errors"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
)

// A password that is reset today is good tomorrow: what a person will hold, or
// held before being locked, counts as what they hold now.
func TestWhoWillBeMightierOrIsLockedIsNotMastered(t *testing.T) {
	d, pool, as := seeded(t)
	ctx, town := t.Context(), as("town.admin")
	orgs, err := d.Orgs(ctx, town, identity.OrgFilter{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.AddPerson(ctx, town, identity.Person{Login: "coming", Name: "甲", Org: orgs[0].ID}, false)
	if err != nil {
		t.Fatal(err)
	}
	masters := func() bool {
		t.Helper()
		_, may, err := d.Masters(ctx, town, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		return may
	}
	if !masters() {
		t.Fatal("the town's administrator does not master who holds nothing")
	}
	future := access.Binding{Subject: p.Subject(), Role: "admin", On: region("320583"), From: time.Now().Add(time.Hour)}
	given, err := d.Grant(ctx, as("city.security"), future)
	if err != nil {
		t.Fatal(err)
	}
	if masters() {
		t.Error("masters who will be the city's administrator")
	}
	if err := d.Revoke(ctx, as("city.security"), given.ID); err != nil {
		t.Fatal(err)
	}
	if !masters() {
		t.Error("does not master who will be nothing more")
	}
	future.From = time.Now()
	if _, err := d.Grant(ctx, as("city.security"), future); err != nil {
		t.Fatal(err)
	}
	p.State = "locked"
	if p, err = d.EditPerson(ctx, identity.System("a test"), p); err != nil {
		t.Fatal(err)
	}
	d = open(t, pool) // the table of rights follows
	if masters() {
		t.Error("masters the city's administrator because they are locked")
	}
	p.State = "active"
	if _, err := d.EditPerson(ctx, town, p); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("a town's administrator unlocks the city's: %v", err)
	}
}
