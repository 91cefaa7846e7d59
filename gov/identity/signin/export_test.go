package signin

// Hashed is how many passwords were hashed, and the most at once.
func (s *Service) Hashed() (all, atOnce int64) { return s.hasher.entered.Load(), s.hasher.peak.Load() }

// Following reports whether the service hears of changes.
func (s *Service) Following() bool {
	s.tokens.mu.RLock()
	defer s.tokens.mu.RUnlock()
	return s.tokens.on
}

// ParsePHC reads a hash and writes it again.
func ParsePHC(text string) (string, error) {
	p, err := parsePHC(text)
	return p.String(), err
}

// MakeHash hashes a password.
func MakeHash(h Hash, password string) string { return h.hash(password).String() }

var (
	ParseToken = parseToken
	Weak       = weak
	Place      = place
)
