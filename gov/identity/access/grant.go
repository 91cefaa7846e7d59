package access

import (
	"slices"
	"time"
)

// CanGrant reports whether the subject may give that binding, and take it
// back: it holds one whose role may grant that role, on a subtree and for a
// time that contain the new one's. Nobody may give to themselves.
func (s *Subject) CanGrant(b Binding) bool {
	return s != nil && b.Subject != s.id && s.mayGive(b.Role, b.On, b.From, b.Until)
}

// CanMaster reports whether the subject may take another's credentials into
// its hands (a new password, a reset second factor): only if it could have
// given all that the other holds now. Who could reset the password of somebody
// mightier would be as mighty.
func (s *Subject) CanMaster(other *Subject) bool {
	if s == nil {
		return false
	}
	if other == nil {
		return true
	}
	return !slices.ContainsFunc(other.holds, func(h held) bool { return !s.outweighs(h.b) })
}

// CanMasterAll is CanMaster of whoever holds these bindings, from now or from
// later on; those that are over at that moment do not count.
func (s *Subject) CanMasterAll(holds []Binding, at time.Time) bool {
	return s != nil && !slices.ContainsFunc(holds, func(b Binding) bool {
		return (b.Until.IsZero() || b.Until.After(at)) && !s.outweighs(b)
	})
}

// outweighs reports whether s could give b, whenever b began: only how long it
// lasts matters.
func (s *Subject) outweighs(b Binding) bool { return s.mayGive(b.Role, b.On, endOfTime, b.Until) }

// endOfTime is not before the beginning of any binding.
var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

func (s *Subject) mayGive(role string, on Node, from, until time.Time) bool {
	return slices.ContainsFunc(s.holds, func(h held) bool {
		return slices.Contains(h.role.Grants, role) && h.on.Contains(on) &&
			!from.Before(h.b.From) && (h.b.Until.IsZero() || !until.IsZero() && !until.After(h.b.Until))
	})
}

// Gives are the roles that the subject may grant somewhere, sorted.
func (s *Subject) Gives() []string {
	if s == nil {
		return nil
	}
	var out []string
	for _, h := range s.holds {
		out = append(out, h.role.Grants...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
