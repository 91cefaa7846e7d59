package dispatch

// By is who asks or changes something, and where they may: each command takes
// one. Sees and Edits are subtrees of regions, by their codes; "" is the whole
// city, none is nothing.
type By struct {
	Subject string // "person:…", "app:…", "system"
	From    string // address that it comes from
	Session string
	Why     string
	Sees    []string
	Edits   []string
}

// System is the program itself, which may do everything.
func System(why string) By {
	return By{Subject: "system", Why: why, Sees: []string{""}, Edits: []string{""}}
}
