package audit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Verify reads a whole log, computes every digest and the tree anew from the
// entries, and compares the roots with checkpoints. What is stored of the tree
// is not trusted: it is used to find which entry is wrong, and only as far as
// it leads to a checkpoint itself. An error means that the log could not be
// read; what is wrong with it is in the report.
//
// The order of proof: a checkpoint is believed for its signature; a list of
// leaves (a witness's, or the stored one) as far as its root is a believed
// checkpoint's; an entry when its recomputed digest is in that list.
func Verify(ctx context.Context, from Source, ev Evidence) (Report, error) {
	v := &verifier{ev: ev}
	if err := from.Read(ctx, v.head, v.claim); err != nil {
		return Report{}, fmt.Errorf("verify the audit log: %w", err)
	}
	if v.report.Origin == "" {
		return Report{}, fmt.Errorf("verify the audit log: %w: it is empty", ErrExport)
	}
	v.conclude()
	v.report.sort()
	return v.report, nil
}

// place is what was read of one entry.
type place struct {
	number  int64 // -1: not sealed
	leaf    Leaf  // recomputed; for one that is not there, as stored
	there   bool  // the entry is
	spoiled bool  // its private part does not give its Rest
}

type verifier struct {
	ev       Evidence
	buf      preimage
	report   Report
	believed []Checkpoint // signed, of this log, by size
	places   []place      // sealed ones, then the others
	stored   []Leaf       // as the source has them, with those of places' first part
	byRest   map[uuid.UUID]Digest
	erased   []place
	erasures map[string]bool
	since    int // index of the checkpoint that the entries read now come after, plus 1
}

func (v *verifier) head(h Head) error {
	v.report = Report{Origin: h.Origin, Hash: h.Hash, Signatures: len(v.ev.Keys) > 0, Findings: []Finding{}}
	if err := h.Hash.valid(); err != nil {
		return err
	}
	v.byRest, v.erasures = map[uuid.UUID]Digest{}, map[string]bool{}
	for _, signed := range v.ev.Checkpoints {
		v.believe(signed)
	}
	if h.Checkpoint != "" {
		v.believe(h.Checkpoint)
	}
	slices.SortStableFunc(v.believed, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	v.believed = slices.CompactFunc(v.believed, func(a, b Checkpoint) bool { return a.Size == b.Size && bytes.Equal(a.Root, b.Root) })
	v.report.Checkpoints = len(v.believed)
	return nil
}

func (v *verifier) believe(signed string) {
	c, err := OpenCheckpoint(signed, v.ev.Keys...)
	switch {
	case err != nil:
		v.find(Bad, -1, "", err.Error())
	case c.Origin != v.report.Origin || c.Hash != v.report.Hash:
		v.find(Bad, -1, "", fmt.Sprintf("it is of the log %s (%s) and of %s, this is %s (%s): the log was replaced, or the checkpoint is not its",
			c.Origin, c.Hash, c.Time.Format(time.RFC3339), v.report.Origin, v.report.Hash))
	default:
		v.believed = append(v.believed, c)
	}
}

func (v *verifier) find(k Kind, number int64, id, text string) {
	f := Finding{Kind: k, Number: number, ID: id, Text: text}
	if number >= 0 {
		for _, c := range v.believed {
			if c.Size > number {
				f.Checkpoint = c.Size
				break
			}
		}
	}
	v.report.Findings = append(v.report.Findings, f)
}

func (v *verifier) claim(c Claim) error {
	p := place{number: -1}
	if c.Stored != nil {
		if len(v.stored) < len(v.places) {
			return fmt.Errorf("%w: leaf %d comes after entries that are not sealed", ErrExport, c.Number)
		}
		p.number, p.leaf = c.Number, *c.Stored
		v.stored = append(v.stored, *c.Stored)
	}
	if c.Record != nil {
		if err := v.recompute(&p, c.Record); err != nil {
			return err
		}
	}
	v.places = append(v.places, p)
	return nil
}

// recompute computes a record's leaf from its fields and nothing else.
func (v *verifier) recompute(p *place, r *Record) error {
	h := v.report.Hash
	id, err := uuid.Parse(r.ID)
	if err != nil {
		return fmt.Errorf("entry %.40q: %w", r.ID, err)
	}
	rest := r.Rest
	if len(r.Salt) > 0 {
		d := h.rest(&v.buf, r.Salt, &r.Entry)
		rest = d[:]
	}
	p.there = true
	p.leaf = Leaf{id, h.digest(&v.buf, &r.Entry, id, rest)}
	if !bytes.Equal(rest, r.Rest) {
		p.spoiled = true
		v.byRest[id] = h.digest(&v.buf, &r.Entry, id, r.Rest)
	}
	if len(r.Salt) == 0 {
		v.erased = append(v.erased, *p)
		v.report.Erased = append(v.report.Erased, r.ID)
	}
	if r.Action == EraseAction {
		v.erasures[r.Object] = true
	}
	v.late(p.number, r)
	return nil
}

// lateness is how much older than the checkpoint before it an entry may be.
const lateness = time.Hour

func (v *verifier) late(number int64, r *Record) {
	for v.since < len(v.believed) && number >= v.believed[v.since].Size {
		v.since++
	}
	if number < 0 || v.since == 0 {
		return
	}
	if c := v.believed[v.since-1]; c.Time.Sub(r.At) > lateness {
		v.report.Late = append(v.report.Late, Late{number, r.ID, r.At, c.Time})
	}
}

// conclude compares what was read with the evidence.
func (v *verifier) conclude() {
	v.report.Leaves = int64(len(v.stored))
	v.report.Unsealed = int64(len(v.places) - len(v.stored))
	if n := len(v.believed); n > 0 {
		v.report.Covered = v.believed[n-1].Size
	}
	if len(v.believed) == 0 && len(v.stored) > 0 {
		v.find(Bad, -1, "", "there is none that can be believed: nothing is proved")
	}
	sealed := v.places[:len(v.stored)]
	computed := make([]Leaf, len(sealed))
	whole := true
	for i, p := range sealed {
		computed[i] = p.leaf
		whole = whole && p.there && p.number == int64(i)
	}
	led := v.leads(computed)
	if !whole || slices.Contains(led, false) {
		v.explain(computed)
	} else {
		v.compareStored(sealed, v.report.Covered)
	}
	for _, p := range v.erased {
		if !v.erasures[erasedObject+p.leaf.ID.String()] {
			v.find(Unrecorded, p.number, p.leaf.ID.String(), "its private part is gone, and no entry says who erased it and why")
		}
	}
}

// compareStored finds entries that are not as they are stored in the list of
// leaves: below covered the entries have been proved, and the list is wrong;
// above, there is nothing to decide by.
func (v *verifier) compareStored(sealed []place, covered int64) {
	for i, p := range sealed {
		if p.leaf == v.stored[i] || !p.there {
			continue
		}
		if p.number < covered {
			v.find(Tree, p.number, p.leaf.ID.String(), "the entry is as it was sealed, but its stored leaf is another: proofs from it fail")
		} else {
			v.find(Altered, p.number, p.leaf.ID.String(), "it is not as it was when it was sealed; no checkpoint covers it yet, its stored leaf says so"+v.part(p, v.stored[i]))
		}
	}
}

// part says which part of an entry was altered, where that can be known.
func (v *verifier) part(p place, sealed Leaf) string {
	switch {
	case p.spoiled && v.byRest[p.leaf.ID] == sealed.Digest:
		return "; altered is one of from, session, why, before, after, detail"
	case !p.spoiled:
		return "; altered is one of at, actor, action, object, region, org, outcome, or the entry was written anew"
	}
	return ""
}

// leads says for each believed checkpoint whether a list of leaves leads to it.
func (v *verifier) leads(leaves []Leaf) []bool {
	h := v.report.Hash
	tree := h.ranges().NewEmptyRange(0)
	led := make([]bool, len(v.believed))
	next := 0
	for size := int64(0); ; size++ {
		for ; next < len(v.believed) && v.believed[next].Size == size; next++ {
			root, err := h.root(tree)
			led[next] = err == nil && bytes.Equal(root, v.believed[next].Root)
		}
		if next == len(v.believed) || size == int64(len(leaves)) {
			return led
		}
		if err := tree.Append(h.leaf(leaves[size]), nil); err != nil {
			return led // cannot be: a leaf is put behind the last
		}
	}
}

// ErrAltered is what a command ends with when a log is not as it was sealed.
var ErrAltered = errors.New("the audit log is not as it was sealed 审计日志与封存时不符")
