package audit

import (
	"time"
)

// Within says whose entries a reader may see: those whose Region or whose Org
// begins with one of the reader's. The zero value sees nothing.
type Within struct {
	All     bool
	Regions []string // codes of subtrees of regions; "" is every region
	Orgs    []string // paths of subtrees of organisations; "" is every organisation
}

// Filter says what is looked for; an empty field does not narrow.
type Filter struct {
	Since, Until time.Time // Since ≤ At < Until
	Actor        string
	Action       string // "identity.binding" finds all that begin with it
	Object       string
	Region       string // a subtree
	Org          string // a subtree
	Outcome      string
	Text         string // anywhere in Action, Object, Why, From or Detail, letters of either case
}

// Page is a part of a result, newest first.
type Page struct {
	Limit int    // default 50, at most 1000
	After string // Next of the page before; empty: the first
}

// Found is one entry of a result.
type Found struct {
	Entry
	Number int64 // its leaf; -1: not sealed yet
	Erased bool
}

// Result is a page of what was found.
type Result struct {
	Entries []Found
	Next    string // for Page.After; empty: there is no more
}
