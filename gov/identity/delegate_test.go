package identity_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
)

// TestNoSequenceOfChangesByATownsAdministratorReachesOutsideTheTown lets the
// town's administrator, and whoever gets rights from them, do what they can
// think of for some two hundred steps, with the real directory. What any of
// them may do afterwards stays within the town and within what its
// administrator could.
func TestNoSequenceOfChangesByATownsAdministratorReachesOutsideTheTown(t *testing.T) {
	d, pool, as := seeded(t)
	ctx := t.Context()
	r := rand.New(rand.NewPCG(24, 11))
	system := identity.System("a test")
	town := as("town.admin")
	roots := town.Rights.Nodes(access.PersonEdit)
	inside := func(n access.Node) bool {
		for _, root := range roots {
			if root.Contains(n) {
				return true
			}
		}
		return false
	}
	all, err := d.Orgs(ctx, system, identity.OrgFilter{})
	if err != nil {
		t.Fatal(err)
	}
	people, err := d.People(ctx, system, identity.PersonFilter{})
	if err != nil {
		t.Fatal(err)
	}
	before := fingerprint(t, d)
	beforeOrgs := map[string]identity.Org{}
	for _, o := range all {
		beforeOrgs[o.ID] = o
	}
	table := d.Table()

	// Those who act: the administrator, and the people of the town's subtree.
	band := []string{town.Subject}
	for _, p := range people {
		if inside(access.Node{Axis: access.ByOrg, Code: p.Path}) && p.Subject() != town.Subject {
			band = append(band, p.Subject())
		}
	}
	var orgs []identity.Org
	orgs = append(orgs, all...)
	roles := access.Standard()
	codes := []string{"", "320583", "320583100", "320583100001", "320583101", "3205831", "32058310", "320583100001001"}
	anOrg := func() identity.Org {
		o := orgs[r.IntN(len(orgs))]
		for r.IntN(3) > 0 && !inside(access.Node{Axis: access.ByOrg, Code: o.Path}) {
			o = orgs[r.IntN(len(orgs))]
		}
		return o
	}
	node := func() access.Node {
		if r.IntN(2) == 0 {
			return access.Node{Code: codes[r.IntN(len(codes))]}
		}
		path := anOrg().Path
		return access.Node{Axis: access.ByOrg, Code: path[:4*r.IntN(len(path)/4+1)]}
	}
	var given []string
	done, refused := map[string]int{}, map[string]int{}
	for step := range 220 {
		subject := band[r.IntN(len(band))]
		if r.IntN(2) == 0 {
			subject = town.Subject
		}
		by := identity.By{Subject: subject, Rights: d.Table().Subject(subject), Why: "a try"}
		what := ""
		var err error
		switch r.IntN(8) {
		case 0, 1, 2:
			what = "grant"
			b := access.Binding{Subject: band[r.IntN(len(band))], Role: roles[r.IntN(len(roles))].Code, On: node(), From: time.Now()}
			if r.IntN(4) == 0 {
				b.Subject = fmt.Sprint("app:try-", r.IntN(4))
			}
			if b, err = d.Grant(ctx, by, b); err == nil {
				given = append(given, b.ID)
			}
		case 3:
			what = "revoke"
			if len(given) > 0 && r.IntN(2) == 0 {
				err = d.Revoke(ctx, by, given[r.IntN(len(given))])
			} else {
				list, e := d.Bindings(ctx, system, identity.BindingFilter{})
				if e != nil {
					t.Fatal(e)
				}
				// Never the administrator's own: the test would end there.
				if b := list[r.IntN(len(list))]; b.Subject != town.Subject {
					err = d.Revoke(ctx, by, b.ID)
				}
			}
		case 4:
			what = "add a person"
			var p identity.Person
			if p, err = d.AddPerson(ctx, by, identity.Person{Login: fmt.Sprint("try-", step), Name: "试", Org: anOrg().ID}, false); err == nil {
				band = append(band, p.Subject())
			}
		case 5:
			what = "edit a person"
			p := people[r.IntN(len(people))]
			if p, err = d.Person(ctx, system, p.ID); err != nil {
				t.Fatal(err)
			}
			p.Org, p.Post = anOrg().ID, "x"
			_, err = d.EditPerson(ctx, by, p)
		case 6:
			what = "add an organisation"
			parent := anOrg().ID
			if r.IntN(8) == 0 {
				parent = ""
			}
			var o identity.Org
			if o, err = d.AddOrg(ctx, by, identity.Org{Name: fmt.Sprint("试", step), Kind: "grid", Parent: parent, Region: codes[r.IntN(len(codes))]}, false); err == nil {
				orgs = append(orgs, o)
			}
		case 7:
			what = "edit an organisation"
			var o identity.Org
			if o, err = d.Org(ctx, system, anOrg().ID); err != nil {
				t.Fatal(err)
			}
			o.Region = codes[r.IntN(len(codes))]
			_, err = d.EditOrg(ctx, by, o)
		}
		switch {
		case err == nil:
			done[what]++
		case errors.Is(err, identity.ErrRefused):
			refused[what]++
		case asField(err, new(*identity.FieldError)), errors.Is(err, identity.ErrNotFound):
		default:
			t.Fatalf("step %d, %s: %v", step, what, err)
		}
		d = open(t, pool) // the rights as they are now
	}
	after := d.Table()
	for _, subject := range after.Subjects() {
		for _, b := range after.Subject(subject).Holds() {
			known := false
			for _, had := range table.Subject(subject).Holds() {
				known = known || had.ID == b.ID
			}
			if !known && (!inside(b.On) || !canGive(town.Rights, b.Role)) {
				t.Errorf("%s got the role %s on %+v", subject, b.Role, b.On)
			}
		}
	}
	// What lies outside the town is what it was.
	now, err := d.Orgs(ctx, system, identity.OrgFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range now {
		was, old := beforeOrgs[o.ID]
		outside := !inside(access.Node{Axis: access.ByOrg, Code: o.Path}) && !inside(access.Node{Code: was.Region})
		if outside && (!old || was.Version != o.Version || was.Region != o.Region) {
			t.Errorf("outside the town, %s was changed: %+v", o.Name, o)
		}
	}
	still := fingerprint(t, d)
	for line := range before {
		if !still[line] {
			t.Errorf("a person outside the town is no longer %s", line)
		}
	}
	for _, what := range []string{"grant", "add a person", "add an organisation"} {
		if done[what] < 3 || refused[what] < 3 {
			t.Errorf("%s: %d done, %d refused: the test tries too little", what, done[what], refused[what])
		}
	}
	t.Logf("done %v, refused %v", done, refused)
}

func canGive(s *access.Subject, role string) bool {
	for _, g := range s.Gives() {
		if g == role {
			return true
		}
	}
	return false
}

// fingerprint has a line for each person outside the town 玉山镇.
func fingerprint(t *testing.T, d *identity.Directory) map[string]bool {
	t.Helper()
	people, err := d.People(t.Context(), identity.System("a test"), identity.PersonFilter{})
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for _, p := range people {
		if strings.HasPrefix(p.Login, "city.") {
			lines[strings.Join([]string{p.Login, p.Org, p.Post, p.State, fmt.Sprint(p.Version)}, " ")] = true
		}
	}
	return lines
}
