package signin_test

import (
	"strings"
	"testing"

	"onecity/gov/identity/signin"
)

func FuzzAHashInPHCFormIsReadAsItIsWritten(f *testing.F) {
	f.Add(signin.MakeHash(quick, good))
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWQ")
	f.Add("$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWQ")
	f.Add("$argon2id$v=19$m=065536,t=2,p=1$c29tZXNhbHQ$\n")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, text string) {
		again, err := signin.ParsePHC(text)
		if err == nil && again != text {
			t.Errorf("%q became %q", text, again)
		}
	})
}

func FuzzATokenIsTakenApartOrRefused(f *testing.F) {
	f.Add("oc_" + strings.Repeat("a", 16) + "_" + strings.Repeat("b", 52))
	f.Add("oc_" + strings.Repeat("a", 16) + "_" + strings.Repeat("1", 52))
	f.Add("oc__")
	f.Add("oc_é" + strings.Repeat("a", 14) + "_" + strings.Repeat("b", 52))
	f.Fuzz(func(t *testing.T, token string) {
		id, _, ok := signin.ParseToken(token)
		if ok && (len(id) != 16 || token[:3]+id+"_" != token[:20] || len(token) != 72) {
			t.Errorf("%q has the id %q", token, id)
		}
		if !ok && id != "" {
			t.Errorf("%q is refused and has the id %q", token, id)
		}
	})
}

func FuzzAnAddressIsOnePlace(f *testing.F) {
	for _, from := range []string{"10.1.2.3", "10.1.2.3:99", "[2001:db8::1%eth0]:8", "::ffff:10.1.2.3", "", "x"} {
		f.Add(from)
	}
	f.Fuzz(func(t *testing.T, from string) {
		if p := signin.Place(from); p == "" || len(p) > 50 {
			t.Errorf("%q is in %q", from, p)
		}
	})
}

func TestTheSameAddressIsTheSamePlaceHoweverItIsWritten(t *testing.T) {
	for from, want := range map[string]string{
		"10.1.2.3": "10.1.2.3", "10.1.2.3:99": "10.1.2.3", "::ffff:10.1.2.3": "10.1.2.3",
		"2001:db8::1": "2001:db8::/64", "[2001:db8::ff]:8": "2001:db8::/64", "fe80::1%eth0": "fe80::/64", "nonsense": "?",
	} {
		if got := signin.Place(from); got != want {
			t.Errorf("%s is in %s, want %s", from, got, want)
		}
	}
}
