package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
)

func TestTheSeedHasOnePersonOfEachRoleAndTheLogTellsOfEachChange(t *testing.T) {
	d, pool, as := seeded(t)
	for _, login := range []string{"city.operator", "town.leader", "village.worker", "grid.worker", "city.auditor"} {
		if len(as(login).Rights.Holds()) == 0 {
			t.Errorf("%s holds nothing", login)
		}
	}
	people, err := d.People(t.Context(), as("city.admin"), identity.PersonFilter{})
	if err != nil || len(people) != 14 {
		t.Fatalf("%d people, %v", len(people), err)
	}
	ones, err := d.ThreeOnes(t.Context(), as("city.leader"), "")
	if err != nil || ones.Filled != 5 || ones.Orgs != 10 || ones.Gaps[identity.Officer] != 8 {
		t.Errorf("%+v, %v", ones, err)
	}
	var entries, changes int
	err = pool.QueryRow(t.Context(), `select (select count(*) from audit.entry where outcome = 'done'),
		(select count(*) from identity.org) + (select count(*) from identity.person) + (select count(*) from identity.binding) + (select count(*) from identity.responsibility)`).Scan(&entries, &changes)
	if err != nil || entries != changes || changes == 0 {
		t.Errorf("%d entries of %d changes, %v", entries, changes, err)
	}
}

// A district's administrator runs their own level alone; the city sees all.
func TestAnAdministratorsPowerEndsAtTheirSubtree(t *testing.T) {
	d, pool, as := seeded(t)
	ctx, town := t.Context(), as("town.admin")
	orgs, err := d.Orgs(ctx, town, identity.OrgFilter{})
	if err != nil || len(orgs) != 3 || orgs[0].Name != "玉山镇管理委员会" {
		t.Fatalf("the town's administrator sees %d organisations, %v", len(orgs), err)
	}
	all, err := d.Orgs(ctx, as("city.admin"), identity.OrgFilter{})
	if err != nil || len(all) != 12 {
		t.Fatalf("the city's sees %d, %v", len(all), err)
	}
	other := all[slices.IndexFunc(all, func(o identity.Org) bool { return o.Name == "巴城镇管理委员会" })]
	if _, err := d.Org(ctx, town, other.ID); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("another town is seen: %v", err)
	}
	if _, err := d.AddPerson(ctx, town, identity.Person{Login: "intruder", Name: "甲", Org: other.ID}, false); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("a person is put into another town: %v", err)
	}
	mine, err := d.AddPerson(ctx, town, identity.Person{Login: "newcomer", Name: "乙", Org: orgs[0].ID}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Grant(ctx, town, access.Binding{Subject: mine.Subject(), Role: "operator", On: region("320583"), From: time.Now()}); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("a right above the giver's is given: %v", err)
	}
	if _, err := d.Grant(ctx, town, access.Binding{Subject: mine.Subject(), Role: "operator", On: region("320583100001"), From: time.Now()}); err != nil {
		t.Errorf("a right within the giver's is not given: %v", err)
	}
	root := all[0]
	root.Region = "320583100" // a town's administrator must not pull the city down to itself
	if _, err := d.EditOrg(ctx, town, root); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("the city's own organisation is changed: %v", err)
	}
	var refused int
	if err := pool.QueryRow(ctx, `select count(*) from audit.entry where outcome = 'refused'`).Scan(&refused); err != nil || refused != 3 {
		t.Errorf("the log tells of %d refusals, %v", refused, err)
	}
}

func TestNobodyTakesTheMightierIntoTheirHands(t *testing.T) {
	d, _, as := seeded(t)
	admin := as("city.admin")
	security, err := d.ByLogin(t.Context(), "city.security")
	if err != nil {
		t.Fatal(err)
	}
	if _, may, err := d.Masters(t.Context(), admin, security.ID); err != nil || may {
		t.Errorf("the system administrator may reset the security administrator: %v", err)
	}
	operator, err := d.ByLogin(t.Context(), "City.Operator ")
	if err != nil {
		t.Fatal(err)
	}
	if _, may, err := d.Masters(t.Context(), admin, operator.ID); err != nil || !may {
		t.Errorf("the system administrator may not reset an operator: %v", err)
	}
	security.State = "locked"
	if _, err := d.EditPerson(t.Context(), admin, security); !errors.Is(err, identity.ErrRefused) {
		t.Errorf("locked the mightier: %v", err)
	}
}

func TestExactlyOneFillsAPostAtAnyTime(t *testing.T) {
	d, pool, as := seeded(t)
	ctx, admin := t.Context(), as("city.admin")
	orgs, err := d.Orgs(ctx, admin, identity.OrgFilter{Query: "水务局"})
	if err != nil || len(orgs) != 1 || len(orgs[0].Gaps) != 3 {
		t.Fatalf("%+v, %v", orgs, err)
	}
	water := orgs[0].ID
	first, _ := d.ByLogin(ctx, "city.leader")
	second, _ := d.ByLogin(ctx, "town.leader")
	begin := time.Now().Add(-time.Hour)
	for i, p := range []identity.Person{first, second} {
		if _, err := d.Appoint(ctx, admin, identity.Responsibility{Org: water, Kind: identity.Leader, Person: p.ID, From: begin.Add(time.Duration(i) * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := d.Responsibilities(ctx, admin, water)
	if err != nil || len(list) != 2 || list[0].Person != second.ID || list[1].Until == nil || !list[1].Until.Equal(list[0].From) {
		t.Fatalf("%+v, %v", list, err)
	}
	// Whatever goes round the program, the database holds.
	_, err = pool.Exec(ctx, `insert into identity.responsibility (org, kind, person, valid) values ($1::uuid, 'leader', $2::uuid, tstzrange(now(), null))`, water, first.ID)
	if err == nil || !strings.Contains(err.Error(), "exclusion") {
		t.Errorf("two leaders at once: %v", err)
	}
	if err := d.Dismiss(ctx, admin, water, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if o, err := d.Org(ctx, admin, water); err != nil || !slices.Contains(o.Gaps, identity.Leader) {
		t.Errorf("the gap does not show: %+v, %v", o.Gaps, err)
	}
	var field *identity.FieldError
	if _, err := d.Appoint(ctx, admin, identity.Responsibility{Org: water, Kind: "king", Person: first.ID}); !errors.As(err, &field) || field.Field != "kind" {
		t.Errorf("%v", err)
	}
}

func TestWhatIsWrongWithAFieldIsSaid(t *testing.T) {
	d, _, as := seeded(t)
	ctx, admin := t.Context(), as("city.admin")
	root, _ := d.Orgs(ctx, admin, identity.OrgFilter{Limit: 1})
	for _, c := range []struct {
		field string
		try   func() error
	}{
		{"uscc", func() error {
			_, err := d.AddOrg(ctx, admin, identity.Org{Name: "甲", Kind: "gov", Parent: root[0].ID, USCC: "91330100799655058A", Region: "320583"}, false)
			return err
		}},
		{"name", func() error {
			_, err := d.AddOrg(ctx, admin, identity.Org{Name: "昆山市水务局", Kind: "gov", Parent: root[0].ID, Region: "320583"}, false)
			return err
		}},
		{"login", func() error {
			_, err := d.AddPerson(ctx, admin, identity.Person{Login: "city.leader", Name: "甲", Org: root[0].ID}, false)
			return err
		}},
		{"login", func() error {
			_, err := d.AddPerson(ctx, admin, identity.Person{Login: "王 敏", Name: "甲", Org: root[0].ID}, false)
			return err
		}},
		{"why", func() error {
			silent := admin
			silent.Why = " "
			_, err := d.Grant(ctx, silent, access.Binding{Subject: "person:x", Role: "viewer"})
			return err
		}},
	} {
		var field *identity.FieldError
		if err := c.try(); !errors.As(err, &field) || field.Field != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	leader, _ := d.ByLogin(ctx, "city.leader")
	leader.Version--
	if _, err := d.EditPerson(ctx, admin, leader); !errors.Is(err, identity.ErrConflict) {
		t.Errorf("an old version is written: %v", err)
	}
}

// A change of rights, made on another node or with SQL, counts within a second.
func TestRightsFollowEveryChangeOfTheDatabase(t *testing.T) {
	d, pool, as := seeded(t)
	other := open(t, pool)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = other.Run(ctx) }()
	defer func() { cancel(); <-done }()
	told := make(chan struct{}, 100)
	defer other.Watch(func() { told <- struct{}{} })()

	town := access.Object{Region: "320583100", NoOrg: true}
	until := func(what string, want bool, subject string) {
		t.Helper()
		for other.Table().Can(subject, access.CityView, town) != want {
			select {
			case <-told:
			case <-time.After(20 * time.Second):
				t.Fatal(what + " is not followed")
			}
		}
	}
	leader, _ := d.ByLogin(ctx, "town.leader")
	until("the seed", true, leader.Subject())
	bs, err := d.Bindings(ctx, as("city.admin"), identity.BindingFilter{Subject: leader.Subject()})
	if err != nil || len(bs) != 1 {
		t.Fatalf("%+v, %v", bs, err)
	}
	if err := d.Revoke(ctx, as("city.admin"), bs[0].ID); err != nil {
		t.Fatal(err)
	}
	until("a revocation", false, leader.Subject())
	operator, _ := d.ByLogin(ctx, "town.operator")
	operator.State = "locked"
	if _, err := d.EditPerson(ctx, as("city.admin"), operator); err != nil {
		t.Fatal(err)
	}
	until("a lock", false, operator.Subject())
	if _, err := pool.Exec(ctx, `insert into identity.binding (subject, role, axis, code, until, granted_by)
		values ($1, 'viewer', 'region', '320583100', now() + interval '1 second', 'sql')`, leader.Subject()); err != nil {
		t.Fatal(err)
	}
	until("a row put in with SQL", true, leader.Subject())
	until("the end of a binding", false, leader.Subject())
}

func TestARealCityBeginsWithItsThreeAdministrators(t *testing.T) {
	d, _ := directory(t)
	people, err := d.SeedAdministrators(t.Context(), identity.Place{Name: "昆山市"})
	if err != nil || len(people) != 3 {
		t.Fatalf("%+v, %v", people, err)
	}
	admin := identity.By{Rights: d.Table().Subject(people[0].Subject()), Subject: people[0].Subject(), Why: "a test"}
	org, err := d.AddOrg(t.Context(), admin, identity.Org{Name: "玉山镇", Kind: "town", Parent: people[0].Org, Region: "320583100"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.AddPerson(t.Context(), admin, identity.Person{Login: "first", Name: "甲", Org: org.ID}, false); err != nil {
		t.Error(err)
	}
	if again, err := d.Empty(t.Context()); err != nil || again {
		t.Errorf("still empty: %v", err)
	}
}
