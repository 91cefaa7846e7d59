package incident

import (
	"slices"
	"strings"
	"time"

	"onecity/internal/flow"
)

// change is a transition of a case under way: the record as it was, and as it
// will be.
type change struct {
	before *Case
	next   Case
	// units are those that the actor is on duty with.
	units []string
	entry Entry
}

// effect is what an event does to the record and to what the kernel keeps of
// it; clock and state are the kernel's.
func (ch *change) effect(c flow.Change) error {
	n, w := &ch.next, workOf(*c.Next)
	switch c.Event {
	case Assign:
		n.Unit, n.Handler, n.Offered = text(c.Input, "unit"), text(c.Input, "handler"), nil
		n.Org = orElse(text(c.Input, "org"), n.Org)
		ch.entry.Unit = n.Unit
	case Offer:
		n.Unit, n.Handler, n.Offered = "", "", list(text(c.Input, "units"))
		n.Org = orElse(text(c.Input, "org"), n.Org)
		ch.entry.Unit = strings.Join(n.Offered, ",")
	case Accept:
		n.Unit, n.Handler, n.Offered = ch.acceptedWith(text(c.Input, "unit")), c.Actor.Subject, nil
		ch.entry.Unit = n.Unit
	case Decline, GiveBack:
		ch.entry.Unit = n.Unit
		n.Unit, n.Handler, n.Org = "", "", ""
	case Suspend, HandOver, Reject, Merge:
		n.Unit, n.Handler, n.Offered = "", "", nil
		n.Partner = orElse(text(c.Input, "partner"), n.Partner)
		ch.entry.Ref = text(c.Input, "partner")
	case Resume:
		// The clock of the whole stood still.
		if n.Final != nil {
			later := n.Final.Add(c.Now.Sub(ch.before.Since))
			n.Final = &later
		}
	case TakeBack:
		n.Partner = ""
	case GrantDelay:
		if n.Final != nil && w.Until != nil && w.Until.After(*n.Final) {
			n.Final = w.Until
		}
	case Rework:
		n.Reworks++
		ch.entry.Unit = n.Unit
	}
	n.Closed = nil
	if c.To == Closed || c.To == Rejected || c.To == Merged {
		n.Closed = at(c.Now)
	}
	c.Next.Org, c.Next.Subject = n.Org, ""
	switch c.To {
	case Assigned, Accepted, Handling:
		c.Next.Subject = n.Handler
	}
	return nil
}

// acceptedWith is the unit that a case is accepted with: the one that was
// named, the one that was sent, or the actor's among those offered.
func (ch *change) acceptedWith(named string) string {
	if named != "" {
		return named
	}
	if ch.before.Unit != "" {
		return ch.before.Unit
	}
	for _, u := range ch.units {
		if slices.Contains(ch.before.Offered, u) {
			return u
		}
	}
	if len(ch.units) > 0 && ch.before.State == Assigned {
		return ch.units[0]
	}
	return ""
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func at(t time.Time) *time.Time { return &t }

// list are the words between commas.
func list(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' || r == ' ' }) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
