package identity_test

import (
	"slices"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/internal/database"

	"github.com/jackc/pgx/v5"
)

// nodes are where by may do a, as the second wall is told.
func nodes(by identity.By, a access.Action) database.Scope {
	s := database.Scope{Self: by.Subject}
	for _, n := range by.Rights.Nodes(a) {
		if n.Axis == access.ByRegion {
			s.Regions = append(s.Regions, n.Code)
		} else {
			s.Orgs = append(s.Orgs, n.Code)
		}
	}
	return s
}

func TestAListWithoutItsConditionReadsOnlyWhatTheRightsReach(t *testing.T) {
	d, pool, as := seeded(t)
	ctx := t.Context()
	system := identity.System("a test")
	wall, err := database.WallOf(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(s database.Scope, sql string) []string {
		t.Helper()
		list, err := database.Collect(ctx, wall, s, sql, nil, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		slices.Sort(list)
		return list
	}
	orgs, err := d.Orgs(ctx, system, identity.OrgFilter{})
	if err != nil {
		t.Fatal(err)
	}
	people, err := d.People(ctx, system, identity.PersonFilter{})
	if err != nil {
		t.Fatal(err)
	}
	bindings, err := d.Bindings(ctx, system, identity.BindingFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"city.admin", "town.admin", "city.operator", "grid.worker", "city.auditor"} {
		by := as(login)
		var wantOrgs, wantPeople, wantBindings []string
		region := map[string]string{}
		for _, o := range orgs {
			region[o.ID] = o.Region
			if by.Rights.Can(access.OrgView, access.Object{Region: o.Region, Org: o.Path}) {
				wantOrgs = append(wantOrgs, o.ID)
			}
		}
		for _, p := range people {
			if p.Subject() == by.Subject || by.Rights.Can(access.PersonView, access.Object{Region: region[p.Org], Org: p.Path}) {
				wantPeople = append(wantPeople, p.ID)
			}
		}
		for _, b := range bindings {
			if b.Subject == by.Subject || slices.ContainsFunc(by.Rights.Nodes(access.BindingView), func(n access.Node) bool { return n.Contains(b.On) }) {
				wantBindings = append(wantBindings, b.ID)
			}
		}
		for _, c := range []struct {
			action access.Action
			sql    string
			want   []string
		}{
			{access.OrgView, "select id::text from identity.org", wantOrgs},
			{access.PersonView, "select id::text from identity.person", wantPeople},
			{access.BindingView, "select id::text from identity.binding", wantBindings},
		} {
			slices.Sort(c.want)
			if got := ask(nodes(by, c.action), c.sql); !slices.Equal(got, c.want) {
				t.Errorf("%s: %s: %d rows, want %d", login, c.sql, len(got), len(c.want))
			}
			if got := ask(database.Scope{}, c.sql); len(got) != 0 {
				t.Errorf("nobody: %s: %d rows", c.sql, len(got))
			}
		}
	}
	// A list of bindings names their holders, also those who work elsewhere.
	elsewhere, err := d.ByLogin(ctx, "city.enforcer")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Grant(ctx, system, access.Binding{Subject: elsewhere.Subject(), Role: "viewer", On: access.Node{Code: "320583100"}, From: time.Now()}); err != nil {
		t.Fatal(err)
	}
	list, err := d.Bindings(ctx, as("town.admin"), identity.BindingFilter{Subject: elsewhere.Subject()})
	if err != nil || len(list) != 1 || list[0].Name != elsewhere.Name {
		t.Errorf("%+v, %v", list, err)
	}
}
