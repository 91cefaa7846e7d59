package cim

// Privacy says what a cell tells of things that its reader may not see in
// detail. It is data: a city sets its own by a PrivacyPut.
type Privacy struct {
	// Least is k, how many such things a cell must hold to tell of them: they
	// are counted where at least Least are counted together. With 0 or 1 they
	// always are.
	Least uint16 `json:"least"`
}

// DefaultPrivacy is a city's that has set none.
func DefaultPrivacy() Privacy { return Privacy{Least: 3} }

// Privacy is what the city says about cells; it is public.
func (r Reader) Privacy() Privacy { return r.s.privacy }

func (m *Model) putPrivacy(p Privacy) {
	if p == m.privacy {
		return
	}
	m.privacy = p
	m.touchCells()
}

// Enough reports whether n things are enough to tell of them.
func (p Privacy) Enough(n int) bool { return p.Least <= 1 || n >= int(p.Least) }
