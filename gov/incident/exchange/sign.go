package exchange

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of the Standard Webhooks specification 1.0.
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp" // seconds since 1970
	headerSignature = "webhook-signature" // "v1,<base64>", several with blanks between
)

// Tolerance is how far a sender's clock may be from ours.
const Tolerance = 5 * time.Minute

// secretPrefix marks a secret; the base64 of its bytes follows.
const secretPrefix = "whsec_"

// newSecret has 32 random bytes; the specification wants 24 to 64.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, by its contract
	return secretPrefix + base64.StdEncoding.EncodeToString(b)
}

// Signature signs a message after the Standard Webhooks specification, section
// "Signature scheme": HMAC-SHA256 over "id.timestamp.body". secret is as it was
// shown, "whsec_…".
func Signature(secret, id string, at time.Time, body []byte) (string, error) {
	mac, err := mac(secret, id, strconv.FormatInt(at.Unix(), 10), body)
	if err != nil {
		return "", err
	}
	return "v1," + base64.StdEncoding.EncodeToString(mac), nil
}

func mac(secret, id, timestamp string, body []byte) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		return nil, fmt.Errorf("a secret is not base64: %w", err)
	}
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s.%s.", id, timestamp)
	h.Write(body)
	return h.Sum(nil), nil
}

// sign puts the three headers on a request, with a signature of each secret: the
// receiver may know the old one still or the new one already.
func sign(h http.Header, secrets []string, id string, at time.Time, body []byte) error {
	var all []string
	for _, s := range secrets {
		one, err := Signature(s, id, at, body)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	h.Set(headerID, id)
	h.Set(headerTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(headerSignature, strings.Join(all, " "))
	return nil
}

// Verify checks the signature of what came in at now, by any of the secrets. It
// answers with the webhook-id, or with an ErrSignature that says what is wrong.
func Verify(h http.Header, secrets []string, now time.Time, body []byte) (id string, err error) {
	id, stamp, signatures := h.Get(headerID), h.Get(headerTimestamp), h.Get(headerSignature)
	if id == "" || len(id) > 256 || stamp == "" || signatures == "" {
		return "", fmt.Errorf("%w: %s, %s and %s are needed", ErrSignature, headerID, headerTimestamp, headerSignature)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return "", fmt.Errorf("%w: %s is not a number of seconds", ErrSignature, headerTimestamp)
	}
	if d := now.Sub(time.Unix(seconds, 0)); d > Tolerance || d < -Tolerance {
		return "", fmt.Errorf("%w: %s is %s from this server's clock, at most %s", ErrSignature, headerTimestamp, d.Round(time.Second), Tolerance)
	}
	for _, secret := range secrets {
		want, err := mac(secret, id, stamp, body)
		if err != nil {
			return "", err
		}
		for s := range strings.FieldsSeq(signatures) {
			text, v1 := strings.CutPrefix(s, "v1,")
			if got, err := base64.StdEncoding.DecodeString(text); v1 && err == nil && hmac.Equal(got, want) {
				return id, nil
			}
		}
	}
	return "", fmt.Errorf("%w: no v1 signature of %s is by a secret of this partner", ErrSignature, headerSignature)
}
