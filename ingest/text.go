package ingest

import (
	"unicode"
	"unicode/utf8"
)

// nameable tells whether every character of id may be in an id.
func nameable(id string) bool {
	for _, r := range id {
		switch {
		case r == utf8.RuneError:
			return false
		case r == '-' || r == '_' || r == '.' || r == ':':
		case unicode.IsLetter(r) || unicode.IsDigit(r):
		default:
			return false
		}
	}
	return true
}

// plain tells whether s is printable on one line.
func plain(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// hasControl tells whether s has control characters other than the ones that
// people type: tab and line ends.
func hasControl(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return true
		}
	}
	return false
}
