package limit

// Kind is what a request costs the server.
type Kind uint8

// Kinds of requests.
const (
	Read   Kind = iota // a page, a file, an answer of the API
	Write              // whatever changes something
	Tile               // a piece of the map: many at once when it is moved
	Socket             // the beginning of a live line
	SignIn             // a step of signing in; the address pays
	Wrong              // credentials that are not good; the address pays
	kinds
)

var kindNames = [kinds]string{"read", "write", "tile", "socket", "sign-in", "wrong"}

func (k Kind) String() string { return kindNames[k] }

// Class is who asks.
type Class uint8

// Classes of callers.
const (
	Nobody  Class = iota // one address, which may be a whole office's
	Person               // one person on all their screens
	Program              // a department's system, our own tools
	Device               // one sensor or unit, which speaks for itself
	classes
)

// Budget is how many requests a caller may send: PerSecond all the time, Burst
// after a while of silence. The zero Budget is the default's; one below zero
// does not bound.
type Budget struct {
	PerSecond float64
	Burst     int
}

// Budgets are one for each class and kind.
type Budgets [classes][kinds]Budget

// None bounds nothing.
func None() Budgets {
	var b Budgets
	for c := range b {
		for k := range b[c] {
			b[c][k] = Budget{PerSecond: -1}
		}
	}
	return b
}

// Defaults are those of a server for a city of two million.
//
// A screen of 3840 × 2160 asks for some 200 tiles when the map is moved to
// another place, and an office of 500 people behind one address opens the
// sign-in page, 40 files each, in the same quarter of an hour. A department's
// program refreshes the tokens of its 5,000 people each five minutes, all from its
// own address. A wall of 5,000
// displays that all connect again as one program after a restart does it within
// a few seconds. A meter sends once a second at most.
func Defaults() Budgets {
	return Budgets{
		Nobody: {
			Read: {200, 4000}, Write: {100, 1000}, Tile: {1, 20}, Socket: {5, 50},
			SignIn: {10, 200}, Wrong: {20, 1000},
		},
		Person: {
			Read: {100, 2000}, Write: {50, 500}, Tile: {1000, 10_000}, Socket: {20, 200},
			SignIn: {10, 200}, Wrong: {20, 1000},
		},
		Program: {
			Read: {1000, 10_000}, Write: {5000, 20_000}, Tile: {2000, 20_000}, Socket: {2000, 20_000},
			SignIn: {10, 200}, Wrong: {20, 1000},
		},
		Device: {
			Read: {50, 500}, Write: {50, 500}, Tile: {1, 20}, Socket: {5, 50},
			SignIn: {10, 200}, Wrong: {20, 1000},
		},
	}
}

// or is b, with the defaults where b says nothing.
func (b Budgets) or(d Budgets) Budgets {
	for c := range b {
		for k := range b[c] {
			if b[c][k] == (Budget{}) {
				b[c][k] = d[c][k]
			}
		}
	}
	return b
}
