package provider

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// random is a text that nobody guesses: 256 bits.
func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, by its contract
	return base64.RawURLEncoding.EncodeToString(b)
}

// digest is how a secret of 256 bits is kept: it cannot be guessed, so one
// round will do.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
