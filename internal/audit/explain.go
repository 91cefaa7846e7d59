package audit

import (
	"fmt"
	"sort"

	"github.com/google/uuid"
)

// explain names what is wrong with a log that does not lead to its
// checkpoints.
func (v *verifier) explain(computed []Leaf) {
	reference, proved := v.reference(computed)
	v.contradictions(reference, proved)
	v.compare(reference[:proved])
	v.unproved(reference, proved)
}

// reference is the list of leaves that leads to the largest checkpoint, and
// how many of its leaves that proves.
func (v *verifier) reference(computed []Leaf) (list []Leaf, proved int64) {
	for _, candidate := range [][]Leaf{v.ev.Leaves, v.stored, computed} {
		if len(list) == 0 {
			list = candidate // proves nothing so far, and has names
		}
		for i, led := range v.leads(candidate) {
			if size := v.believed[i].Size; led && size > proved {
				list, proved = candidate, size
			}
		}
	}
	return list, proved
}

// contradictions finds checkpoints that the reference does not lead to. Below
// proved they contradict another checkpoint; above, it is not known which
// entry is wrong, only between which sizes.
func (v *verifier) contradictions(reference []Leaf, proved int64) {
	below := int64(0) // the largest size so far that the reference leads to
	for i, led := range v.leads(reference) {
		c := v.believed[i]
		switch {
		case led:
			below = c.Size
		case c.Size <= proved:
			v.report.Findings = append(v.report.Findings, Finding{Kind: Bad, Number: -1, Checkpoint: c.Size,
				Text: fmt.Sprintf("it is signed, and does not agree with another one about the first %d entries", c.Size)})
		default:
			v.report.Findings = append(v.report.Findings, Finding{Kind: Contradict, Number: -1, Checkpoint: c.Size,
				Text: fmt.Sprintf("of the entries %d to %d one or more are not as they were sealed; no list of leaves that leads to this checkpoint is at hand to say which", below, c.Size-1)})
			return // larger ones say the same
		}
	}
}

// compare names what differs from a list of leaves that is proved.
func (v *verifier) compare(proved []Leaf) {
	at := make(map[uuid.UUID]int, len(v.places)) // id → index in places
	for i, p := range v.places {
		if !p.there {
			continue
		}
		if _, twice := at[p.leaf.ID]; twice {
			v.find(Inserted, p.number, p.leaf.ID.String(), "the same entry stands at another place too")
			continue
		}
		at[p.leaf.ID] = i
	}
	sealed := make(map[uuid.UUID]bool, len(proved))
	var found []placed
	for n, want := range proved {
		sealed[want.ID] = true
		i, ok := at[want.ID]
		switch {
		case !ok:
			v.find(Removed, int64(n), want.ID.String(), "it was sealed and is not there")
			continue
		case v.places[i].leaf.Digest != want.Digest:
			v.find(Altered, int64(n), want.ID.String(), "it is not as it was sealed"+v.part(v.places[i], want))
		case v.places[i].number < 0:
			v.find(Tree, int64(n), want.ID.String(), "the entry is there, its leaf was removed")
			continue
		case v.stored[i] != want:
			v.find(Tree, int64(n), want.ID.String(), "the entry is as it was sealed, but its stored leaf is another: proofs from it fail")
		}
		if v.places[i].number >= 0 {
			found = append(found, placed{int64(n), v.places[i].number})
		}
	}
	for _, p := range v.places[:len(v.stored)] {
		if p.there && !sealed[p.leaf.ID] && p.number < int64(len(proved)) {
			v.find(Inserted, p.number, p.leaf.ID.String(), "it stands among entries that were sealed without it")
		}
	}
	for _, m := range moved(found) {
		v.find(Reordered, m.was, proved[m.was].ID.String(), fmt.Sprintf("it was sealed as #%d and stands at #%d", m.was, m.is))
	}
}

// placed is an entry's number as it was sealed and as it is.
type placed struct{ was, is int64 }

// moved are the entries that are out of order; list is by was. It is the
// fewest whose removal leaves the rest in order (what is not in a longest
// increasing subsequence).
func moved(list []placed) []placed {
	var piles []int // index in list of the top of each pile
	before := make([]int, len(list))
	for i, p := range list {
		k := sort.Search(len(piles), func(k int) bool { return list[piles[k]].is >= p.is })
		before[i] = -1
		if k > 0 {
			before[i] = piles[k-1]
		}
		if k == len(piles) {
			piles = append(piles, i)
		} else {
			piles[k] = i
		}
	}
	if len(piles) == len(list) {
		return nil
	}
	inOrder := make([]bool, len(list))
	for i := piles[len(piles)-1]; i >= 0; i = before[i] {
		inOrder[i] = true
	}
	var out []placed
	for i, p := range list {
		if !inOrder[i] {
			out = append(out, p)
		}
	}
	return out
}

// unproved looks at the part of the log that no proved list covers, and tells
// what can be told without proof.
func (v *verifier) unproved(reference []Leaf, proved int64) {
	next := proved
	name := func(n int64) string {
		if n < int64(len(v.ev.Leaves)) { // in another list, what follows a gap has moved up
			return v.ev.Leaves[n].ID.String()
		}
		return ""
	}
	gap := func(to int64) {
		// One by one as far as somebody has said that there were entries;
		// beyond, numbers are free to be anything.
		known := min(to, max(int64(len(v.ev.Leaves)), v.report.Covered))
		for ; next < known; next++ {
			v.find(Removed, next, name(next), "its number is missing")
		}
		if next < to {
			v.find(Removed, next, "", fmt.Sprintf("the numbers up to #%d are missing", to-1))
		}
	}
	elsewhere := make(map[uuid.UUID]bool, proved) // named by compare
	for _, l := range reference[:proved] {
		elsewhere[l.ID] = true
	}
	for i, p := range v.places[:len(v.stored)] {
		if p.number < proved || elsewhere[p.leaf.ID] {
			continue
		}
		gap(p.number)
		next = max(next, p.number+1)
		switch {
		case !p.there:
			v.find(Removed, p.number, p.leaf.ID.String(), "it was sealed and is not there; no checkpoint proves it, its stored leaf says so")
		case p.leaf != v.stored[i]:
			v.find(Altered, p.number, p.leaf.ID.String(), "it is not as it was when it was sealed; no checkpoint proves it, its stored leaf says so"+v.part(p, v.stored[i]))
		}
	}
	if v.report.Covered > next {
		gap(v.report.Covered)
	}
}
