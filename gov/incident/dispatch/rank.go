package dispatch

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Case is what somebody is looked for.
type Case struct {
	Class  string
	Region string // deepest region of its place
	// At is the present, in the city's time zone: times are told in it.
	At time.Time
}

// Unit 力量 is one that might go, with where it stands to the case.
type Unit struct {
	ID, Name, Kind string
	Org            string
	// Status is the unit's own word: "idle", "moving", "handling", "off" or "".
	Status string
	Seen   time.Time // when it last said where it is
	// Busy are the open incidents that it has been sent to.
	Busy []string
	// Metres and Seconds are to the case; over the streets where Routed, else
	// estimated as the crow flies.
	Metres, Seconds float64
	Routed          bool
	// SignedOn says that it has begun its shift, whatever the roster says.
	SignedOn bool
}

// Candidate is a unit with how it suits, and why.
type Candidate struct {
	Unit
	Free, Quiet, Duty, Responsible bool
	Reasons                        []Because
}

// QuietAfter is how long a unit may say nothing and still count as being where
// it was: the city model drops it then.
const QuietAfter = 15 * time.Minute

// dutyLead is by how much longer somebody on duty for the place may drive than
// somebody who is not, and still go first.
const dutyLead = 5 * time.Minute

// Rank puts the units that could go in order: first those that are free, then
// the busy ones, then those not heard of for QuietAfter; among them those that
// answer for the class, those with a way over the streets, the shorter travel
// time (dutyLead), the fewer incidents in hand. Units that are
// off are no candidates. The order is total, so that equal questions have equal
// answers. m is who answers, nil when nobody was named; turns are all at c.At.
// The best most are told, each with its reasons.
func Rank(c Case, m *Mandate, turns []Turn, units []Unit, most int) []Candidate {
	on := map[string]Turn{}
	elsewhere := map[string]Turn{}
	for _, t := range turns {
		switch {
		case t.Unit == "":
		case strings.HasPrefix(c.Region, t.Region):
			on[t.Unit] = t
		default:
			elsewhere[t.Unit] = t
		}
	}
	var list []Candidate
	for _, u := range units {
		if u.Status == "off" {
			continue
		}
		_, duty := on[u.ID]
		k := Candidate{Unit: u, Duty: duty || u.SignedOn, Responsible: m.answers(u)}
		k.Quiet = c.At.Sub(u.Seen) >= QuietAfter
		k.Free = len(u.Busy) == 0 && u.Status != "handling" && !k.Quiet
		list = append(list, k)
	}
	slices.SortFunc(list, compare)
	list = list[:min(len(list), most)]
	for i := range list {
		k := &list[i]
		k.Reasons = reasons(c, m, *k, on[k.ID], elsewhere[k.ID])
	}
	return list
}

// answers reports whether u is of a kind, or of the organisation, that answers.
func (m *Mandate) answers(u Unit) bool {
	if m == nil {
		return false
	}
	return slices.Contains(m.Kinds, u.Kind) || m.owns(u)
}

func (m *Mandate) owns(u Unit) bool {
	return u.Org != "" && m.Org != "" && (strings.HasPrefix(u.Org, m.Org) || u.Org == m.OrgName)
}

func compare(a, b Candidate) int {
	return cmp.Or(
		cmp.Compare(a.state(), b.state()),
		first(a.Responsible, b.Responsible),
		first(a.Routed, b.Routed),
		cmp.Compare(a.away(), b.away()),
		first(a.Duty, b.Duty),
		cmp.Compare(a.Seconds, b.Seconds),
		cmp.Compare(len(a.Busy), len(b.Busy)),
		cmp.Compare(a.ID, b.ID),
	)
}

// away is the travel time that counts, in seconds.
func (k *Candidate) away() float64 {
	if k.Duty {
		return k.Seconds - dutyLead.Seconds()
	}
	return k.Seconds
}

func (k *Candidate) state() int {
	switch {
	case k.Quiet:
		return 2
	case k.Free:
		return 0
	}
	return 1
}

// first puts those with a before those without.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
