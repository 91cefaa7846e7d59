package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"onecity/gov/identity/access"
)

var at = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func compile(t testing.TB, bindings ...access.Binding) *access.Table {
	t.Helper()
	table, err := access.Compile(access.Standard(), bindings, at)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func region(code string) access.Node { return access.Node{Axis: access.ByRegion, Code: code} }
func org(path string) access.Node    { return access.Node{Axis: access.ByOrg, Code: path} }

func TestARightReachesItsSubtreeAndNothingElse(t *testing.T) {
	table := compile(t, access.Binding{ID: "1", Subject: "person:wang", Role: "operator", On: region("320583100")})
	for code, want := range map[string]bool{
		"320583100": true, "320583100001": true, "320583": false, "320583101": false, "": false,
	} {
		if got := table.Can("person:wang", access.CityView, access.Object{Region: code, NoOrg: true}); got != want {
			t.Errorf("in %q: %v", code, got)
		}
	}
	if table.Can("person:wang", access.CityView, access.Object{Region: "320583100", Grade: access.GradeImportant}) {
		t.Error("a grade above the role's is read")
	}
	if table.Can("person:wang", access.OrgEdit, access.Object{Region: "320583100"}) {
		t.Error("an action that the role lacks")
	}
	if table.Can("person:li", access.CityView, access.Object{Region: "320583100"}) {
		t.Error("a stranger")
	}
	var none *access.Table
	if none.Can("person:wang", access.CityView, access.Object{}) {
		t.Error("no table lets somebody in")
	}
}

func TestABindingCountsInItsTimeOnlyAndTheTableSaysWhenThatChanges(t *testing.T) {
	b := access.Binding{ID: "1", Subject: "s", Role: "viewer", On: region(""), From: at.Add(-time.Hour), Until: at.Add(time.Hour)}
	later := access.Binding{ID: "2", Subject: "s", Role: "viewer", On: region("32"), From: at.Add(30 * time.Minute)}
	table := compile(t, b, later)
	if !table.Can("s", access.CityView, access.Object{}) || len(table.Subject("s").Holds()) != 1 {
		t.Error("what is valid now is not held")
	}
	if !table.Until().Equal(later.From) {
		t.Errorf("the table is true until %v", table.Until())
	}
	after, err := access.Compile(access.Standard(), []access.Binding{b}, b.Until)
	if err != nil || after.Can("s", access.CityView, access.Object{}) {
		t.Errorf("held after its end (%v)", err)
	}
}

func TestABindingToARoleThatIsNotThereIsRefused(t *testing.T) {
	_, err := access.Compile(access.Standard(), []access.Binding{{ID: "9", Subject: "s", Role: "king"}}, at)
	if err == nil || !strings.Contains(err.Error(), "king") {
		t.Errorf("%v", err)
	}
}

// Can and Scope are two faces of one table: for random bindings and objects
// they agree.
func TestCanAgreesWithScope(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		table := compile(t, randomBindings(r, 6)...)
		o := access.Object{Region: randomCode(r), Org: randomCode(r), Grade: uint8(r.IntN(4)), NoOrg: r.IntN(3) == 0, NoRegion: r.IntN(3) == 0}
		for _, s := range subjects {
			for _, a := range []access.Action{access.CityView, access.PersonEdit, access.AuditView, "nothing"} {
				want := slices.ContainsFunc(table.Subject(s).Scope(a), func(x access.Reach) bool {
					in := !o.NoRegion && strings.HasPrefix(o.Region, x.On.Code)
					if x.On.Axis == access.ByOrg {
						in = !o.NoOrg && strings.HasPrefix(o.Org, x.On.Code)
					}
					return in && o.Grade <= x.Grade
				})
				if got := table.Can(s, a, o); got != want {
					t.Fatalf("%s %s on %+v: can %v, in scope %v", s, a, o, got, want)
				}
			}
		}
	}
}

// No sequence of grants by a delegated administrator reaches an object outside
// the administrator's subtree.
func TestNoSequenceOfGrantsLeavesTheSubtree(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 300 {
		home := region("320583" + fmt.Sprintf("%03d", r.IntN(3)))
		bindings := []access.Binding{
			{ID: "root", Subject: subjects[0], Role: "admin", On: home, Until: at.Add(48 * time.Hour)},
			{ID: "sec", Subject: subjects[1], Role: "security", On: home},
		}
		for step := range 60 {
			table := compile(t, bindings...)
			b := randomBindings(r, 1)[0]
			b.ID = fmt.Sprint(round, "-", step)
			if table.Subject(subjects[r.IntN(len(subjects))]).CanGrant(b) {
				bindings = append(bindings, b)
			}
		}
		for _, when := range []time.Time{at, at.Add(24 * time.Hour), at.Add(1000 * time.Hour)} {
			table, err := access.Compile(access.Standard(), bindings, when)
			if err != nil {
				t.Fatal(err)
			}
			for range 50 {
				o := access.Object{Region: randomCode(r), Org: randomCode(r)}
				if strings.HasPrefix(o.Region, home.Code) {
					continue
				}
				for _, s := range subjects {
					for _, a := range table.Subject(s).Actions() {
						if table.Can(s, a, o) {
							t.Fatalf("%s got %s on %+v outside %v by %+v", s, a, o, home, table.Subject(s).Holds())
						}
					}
				}
			}
		}
	}
}

func TestNobodyGivesToThemselvesOrMastersTheMightier(t *testing.T) {
	table := compile(t,
		access.Binding{ID: "1", Subject: "town", Role: "admin", On: org("00010002")},
		access.Binding{ID: "2", Subject: "boss", Role: "security", On: org("")},
		access.Binding{ID: "3", Subject: "clerk", Role: "viewer", On: org("000100020003")},
	)
	town := table.Subject("town")
	if town.CanGrant(access.Binding{Subject: "town", Role: "leader", On: org("00010002")}) {
		t.Error("gives to itself")
	}
	if town.CanGrant(access.Binding{Subject: "clerk", Role: "admin", On: org("000100020003")}) {
		t.Error("gives a role that it may not give")
	}
	if town.CanMaster(table.Subject("boss")) || town.CanMaster(table.Subject("town")) {
		t.Error("masters the mightier")
	}
	if !town.CanMaster(table.Subject("clerk")) || !town.CanMaster(table.Subject("nobody")) {
		t.Error("does not master its own people")
	}
}

func TestACheckMakesNoGarbage(t *testing.T) {
	table := compile(t, randomBindings(rand.New(rand.NewPCG(5, 6)), 40)...)
	o := access.Object{Region: "320583100001", Org: "00010002"}
	if n := testing.AllocsPerRun(100, func() { table.Can(subjects[2], access.CityView, o) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCan(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	var bindings []access.Binding
	for i := range 10_000 {
		bindings = append(bindings, access.Binding{ID: fmt.Sprint(i), Subject: fmt.Sprint("person:", i/2), Role: "grid", On: region(randomCode(r))})
	}
	table := compile(b, bindings...)
	o := access.Object{Region: "320583100001", NoOrg: true}
	b.ReportAllocs()
	for b.Loop() {
		table.Can("person:2500", access.CityView, o)
	}
}

var subjects = []string{"person:a", "person:b", "person:c", "person:d"}

func randomCode(r *rand.Rand) string {
	full := "320583" + fmt.Sprintf("%03d%03d", r.IntN(3), r.IntN(2))
	return full[:[]int{0, 6, 9, 12}[r.IntN(4)]]
}

func randomBindings(r *rand.Rand, n int) []access.Binding {
	roles := access.Standard()
	out := make([]access.Binding, n)
	for i := range out {
		out[i] = access.Binding{
			ID: fmt.Sprint(i), Subject: subjects[r.IntN(len(subjects))], Role: roles[r.IntN(len(roles))].Code,
			On: access.Node{Axis: access.Axis(r.IntN(2)), Code: randomCode(r)},
		}
		if r.IntN(3) == 0 {
			out[i].From = at.Add(time.Duration(r.IntN(100)-50) * time.Hour)
		}
		if r.IntN(3) == 0 {
			out[i].Until = at.Add(time.Duration(r.IntN(100)-50) * time.Hour)
		}
	}
	return out
}

func BenchmarkSubjectCan(b *testing.B) {
	table := compile(b, randomBindings(rand.New(rand.NewPCG(9, 10)), 12)...)
	s := table.Subject(subjects[0])
	o := access.Object{Region: "320583100001", NoOrg: true}
	b.ReportAllocs()
	for b.Loop() {
		s.Can(access.CityView, o)
	}
}
