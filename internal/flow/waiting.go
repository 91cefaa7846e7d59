package flow

// Axis is the tree that a Subtree's prefix is in.
type Axis uint8

// The two trees, as access has them.
const (
	ByRegion Axis = iota // Item.Region
	ByOrg                // Item.Org
)

// Subtree is every item whose code on the axis begins with Prefix; "" is all.
type Subtree struct {
	Axis   Axis
	Prefix string
}

// Seer is a person as the list of what waits sees them: who they are, and in
// which subtrees they may do an action.
type Seer struct {
	Subject string
	Reach   func(action string) []Subtree
}

// Filter narrows the list; the zero value is all of it.
type Filter struct {
	Machines []string // nil: all
	States   []State  // nil: all
	Region   string   // prefix of Item.Region
	Org      string   // prefix of Item.Org
	Text     string   // part of the title or the id
	Overdue  bool     // only what is overdue
	MinLevel int      // only what was escalated so often
}

// Page is a part of a list. Limit 0: 50; at most 500.
type Page struct {
	Offset int
	Limit  int
}

// Counts are of the whole list, whatever page is shown.
type Counts struct {
	Total    int `json:"total"`
	Overdue  int `json:"overdue"`
	DueToday int `json:"dueToday"` // still to come, until midnight in the calendar's zone
	// Machines has how many of Total are of each machine, those of which none wait left out.
	Machines map[string]int `json:"machines"`
}

// Waiting is a page of what waits for a person.
type Waiting struct {
	Items  []Item `json:"items"`
	Counts Counts `json:"counts"`
}
