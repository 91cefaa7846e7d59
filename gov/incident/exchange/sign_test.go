package exchange

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

// The vector that the Standard Webhooks project publishes and its libraries are
// tested with.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

var vectorAt = time.Unix(1614265330, 0)

func TestASignatureIsThatOfThePublishedVector(t *testing.T) {
	got, err := Signature(vectorSecret, vectorID, vectorAt, []byte(vectorBody))
	if err != nil || got != vectorSignature {
		t.Fatalf("%q, %v", got, err)
	}
}

func signedHeader(change func(http.Header)) http.Header {
	h := http.Header{}
	h.Set(headerID, vectorID)
	h.Set(headerTimestamp, "1614265330")
	h.Set(headerSignature, "v1,AAAA v1a,"+vectorSignature[3:]+" "+vectorSignature)
	if change != nil {
		change(h)
	}
	return h
}

func TestASignatureHoldsForItsMessageAndItsTimeOnly(t *testing.T) {
	secrets := []string{newSecret(), vectorSecret}
	for name, c := range map[string]struct {
		change func(http.Header)
		body   string
		now    time.Time
		good   bool
	}{
		"as it was signed":           {nil, vectorBody, vectorAt, true},
		"five minutes later":         {nil, vectorBody, vectorAt.Add(5 * time.Minute), true},
		"by a clock that is ahead":   {nil, vectorBody, vectorAt.Add(-5 * time.Minute), true},
		"later than that":            {nil, vectorBody, vectorAt.Add(5*time.Minute + time.Second), false},
		"from the future":            {nil, vectorBody, vectorAt.Add(-5*time.Minute - time.Second), false},
		"another body":               {nil, `{"test": 2432232315}`, vectorAt, false},
		"another id":                 {func(h http.Header) { h.Set(headerID, "msg_2") }, vectorBody, vectorAt, false},
		"another time":               {func(h http.Header) { h.Set(headerTimestamp, "1614265331") }, vectorBody, vectorAt, false},
		"no time":                    {func(h http.Header) { h.Set(headerTimestamp, "now") }, vectorBody, vectorAt, false},
		"no signature":               {func(h http.Header) { h.Del(headerSignature) }, vectorBody, vectorAt, false},
		"no id":                      {func(h http.Header) { h.Del(headerID) }, vectorBody, vectorAt, false},
		"the signature of a version": {func(h http.Header) { h.Set(headerSignature, "v2"+vectorSignature[2:]) }, vectorBody, vectorAt, false},
	} {
		id, err := Verify(signedHeader(c.change), secrets, c.now, []byte(c.body))
		if c.good != (err == nil) || !c.good && !errors.Is(err, ErrSignature) || c.good && id != vectorID {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
	if _, err := Verify(signedHeader(nil), nil, vectorAt, []byte(vectorBody)); !errors.Is(err, ErrSignature) {
		t.Errorf("without a secret: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(vectorID, "1614265330", vectorSignature, []byte(vectorBody))
	f.Add("", "x", "v1,", []byte(nil))
	f.Add("a", "-9223372036854775808", "v1,%% v1", []byte("\x00"))
	f.Fuzz(func(t *testing.T, id, at, signature string, body []byte) {
		h := http.Header{}
		h.Set(headerID, id)
		h.Set(headerTimestamp, at)
		h.Set(headerSignature, signature)
		got, err := Verify(h, []string{vectorSecret}, vectorAt, body)
		if err == nil && (got != vectorID || string(body) != vectorBody) {
			t.Errorf("taken: %q %q %q", id, at, body)
		}
	})
}
