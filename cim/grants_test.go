package cim_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"onecity/cim"
	"onecity/geo"
)

// grantCodes are regions that lie in, around and beside one another.
var grantCodes = []geo.Code{"", "320583", "320583100", "320583101", "320583101001", "320583101002", "320583102", "320583103", "32058310", "9", "99"}

// someGrants is a random set of grants; the codes are those of the tests' city.
func someGrants(r *rand.Rand) []cim.Grant {
	list := make([]cim.Grant, []int{1, 2, 3, 5, 40, 0}[r.IntN(6)])
	for i := range list {
		list[i] = cim.Grant{
			Region: grantCodes[r.IntN(len(grantCodes))], Grade: cim.Grade(r.IntN(4)),
			Layers: cim.Layers(r.IntN(1 << cim.LayerCount)),
		}
		if r.IntN(2) == 0 {
			list[i].Layers = cim.AllLayers
		}
		if len(list) > 5 { // so that few of them say the same as what is around
			list[i].Grade = cim.Grade(len(list[i].Region) / 4)
		}
	}
	return list
}

// covers is what a set of grants means, word for word.
func covers(list []cim.Grant, l cim.Layer, c geo.Code, g cim.Grade) bool {
	return slices.ContainsFunc(list, func(v cim.Grant) bool {
		return v.Region.Contains(c) && v.Layers.Has(l) && g <= v.Grade
	})
}

func TestAThingIsVisibleExactlyWhenOneGrantCoversIt(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 11))
		list := someGrants(r)
		literal := cim.Scope{Grants: cim.NewGrants(list), Layers: cim.AllLayers, Grade: 255}
		within := grantCodes[r.IntN(len(grantCodes))]
		only := cim.Layers(r.IntN(1 << cim.LayerCount))
		narrow, some := literal.Grants.Scope().Within(within)
		narrow = narrow.Only(only)
		any := false
		for _, c := range append(slices.Clone(grantCodes), "320583101001007", "4", "320584") {
			for l := range cim.Layer(cim.LayerCount) {
				for g := range cim.Grade(5) {
					want := covers(list, l, c, g)
					if literal.Sees(l, c, g) != want || literal.Grants.Scope().Sees(l, c, g) != want {
						t.Fatalf("%+v: %s in %q graded %d: want %v; compiled %s, scope %s", list, l, c, g, want, literal.Grants, literal.Grants.Scope())
					}
					any = any || want && within.Contains(c)
					want = want && within.Contains(c) && only.Has(l)
					if narrow.Sees(l, c, g) != want {
						t.Fatalf("%+v in %q, layers %#x: %s in %q graded %d: want %v; %s", list, within, only, l, c, g, want, narrow)
					}
					if covers(narrow.Pieces(l), l, c, g) != want {
						t.Fatalf("%s: the pieces of %s %+v do not agree at %q graded %d", narrow, l, narrow.Pieces(l), c, g)
					}
					if level, ok := narrow.Level(l, c); (ok && g <= level) != want {
						t.Fatalf("%s: level of %s in %q is %d, %v", narrow, l, c, level, ok)
					}
				}
				in := slices.ContainsFunc(narrow.Regions(), func(o geo.Code) bool { return o.Contains(c) })
				if narrow.Sees(l, c, 0) && !in {
					t.Fatalf("%s: %q is in none of %q", narrow, c, narrow.Regions())
				}
			}
		}
		if any && !some {
			t.Fatalf("%+v: nothing within %q", list, within)
		}
		if some && !slices.ContainsFunc(list, func(v cim.Grant) bool {
			return v.Layers != 0 && (v.Region.Contains(within) || within.Contains(v.Region))
		}) {
			t.Fatalf("%+v: something within %q", list, within)
		}
	}
}

func TestGrantsThatShowTheSameHaveTheSameKey(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 12))
		list := someGrants(r)
		other := slices.Clone(list)
		r.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		if len(list) > 0 { // what is granted already, and nothing at all
			v := list[r.IntN(len(list))]
			v.Region += "777"
			other = append(other, v, cim.Grant{Region: "320583", Grade: 200})
		}
		a, b := cim.NewGrants(list), cim.NewGrants(other)
		if a.String() != b.String() || a.Scope().Key() != b.Scope().Key() {
			t.Fatalf("%+v and %+v:\n%s\n%s", list, other, a.Scope(), b.Scope())
		}
	}
}

func TestOneGrantMakesTheScopeOfThatGrant(t *testing.T) {
	want := cim.Scope{Region: "320583101", Layers: cim.LayersOf(cim.LayerUnits), Grade: 2}
	g := cim.NewGrants([]cim.Grant{{"320583101", want.Layers, 2}, {"320583101001", want.Layers, 1}})
	if got := g.Scope(); got != want {
		t.Errorf("got %s", got)
	}
	g = cim.NewGrants([]cim.Grant{{"320583101", cim.AllLayers, 0}, {"320583102", cim.AllLayers, 1}})
	if got, ok := g.Scope().Within("320583102001"); !ok || got != (cim.Scope{Region: "320583102001", Layers: cim.AllLayers, Grade: 1}) {
		t.Errorf("got %s, %v", got, ok)
	}
	if _, ok := g.Scope().Within("320583103"); ok {
		t.Error("nothing is granted there")
	}
	if got := cim.NewGrants(nil).Scope(); got != (cim.Scope{}) {
		t.Errorf("no grant is %s", got)
	}
}

func TestAskingAScopeAllocatesNothing(t *testing.T) {
	s := fiveGrants()
	if n := testing.AllocsPerRun(100, func() {
		s.Sees(cim.LayerDevices, "320583102003007", 1)
		_ = s.Key()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func fiveGrants() cim.Scope {
	return cim.NewGrants([]cim.Grant{
		{"320583100", cim.AllLayers, 0}, {"320583102", cim.AllLayers, 1}, {"320583102003", cim.AllLayers, 2},
		{"320583101001004", cim.LayersOf(cim.LayerDevices, cim.LayerCells), 1}, {"320583103", cim.AllLayers, 0},
	}).Scope()
}

func BenchmarkSees(b *testing.B) {
	for _, c := range []struct {
		name  string
		scope cim.Scope
	}{{"simple", cim.Scope{Region: "320583102", Layers: cim.AllLayers, Grade: 2}}, {"five grants", fiveGrants()}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			codes := []geo.Code{"320583102003007", "320583100002", "320583101001004", "320584001"}
			n := 0
			for i := 0; b.Loop(); i++ {
				if c.scope.Sees(cim.LayerDevices, codes[i&3], 1) {
					n++
				}
			}
		})
	}
}
