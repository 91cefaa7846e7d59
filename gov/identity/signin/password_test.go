package signin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/signin"
	"onecity/internal/audit"
)

func TestAFirstPasswordServesForNothingButItsChange(t *testing.T) {
	c := fresh(t)
	_, before := c.begin("city.operator", good)
	first, err := c.ResetPassword(t.Context(), c.as("city.admin"), c.person("city.operator"))
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 19 || strings.ContainsAny(first, "01loi") {
		t.Errorf("the first password is %q", first)
	}
	_, err = c.Lookup(t.Context(), before)
	wants(t, "a session from before the reset", err, signin.ErrEnded)
	_, _, err = c.Begin(t.Context(), "city.operator", good, desk, "")
	wants(t, "the old password", err, signin.ErrRefused)

	s, token := c.begin("city.operator", first)
	if s.Pending != signin.PendingPassword {
		t.Fatalf("the session is %+v", s)
	}
	_, err = c.BeginTOTP(t.Context(), s)
	wants(t, "something else", err, signin.ErrPending)
	_, _, err = c.Second(t.Context(), s, "123456")
	wants(t, "a code that nobody asked for", err, signin.ErrPending)
	after, fresh, err := c.ChangePassword(t.Context(), s, "", "a-heron-on-the-lake")
	if err != nil {
		t.Fatal(err)
	}
	if after.Pending != "" || after.ID != s.ID || fresh == token {
		t.Errorf("after the change: %+v", after)
	}
	_, err = c.Lookup(t.Context(), token)
	wants(t, "the token from before the change", err, signin.ErrEnded)
	if got, err := c.Lookup(t.Context(), fresh); err != nil || got.Pending != "" {
		t.Errorf("the new token: %+v, %v", got, err)
	}
	_, _, err = c.ChangePassword(t.Context(), s, "", "another-heron-now")
	wants(t, "the step a second time", err, signin.ErrEnded)
	if s, _ = c.begin("city.operator", "a-heron-on-the-lake"); s.Pending != "" {
		t.Errorf("the next session is %+v", s)
	}
}

func TestAFirstPasswordThatNobodyUsedIsVoidAfterAWeek(t *testing.T) {
	c := fresh(t)
	first, err := c.ResetPassword(t.Context(), system, c.person("city.operator"))
	if err != nil {
		t.Fatal(err)
	}
	c.clock.move(7*24*time.Hour + time.Minute)
	_, _, err = c.Begin(t.Context(), "city.operator", first, desk, "")
	wants(t, "an old first password", err, signin.ErrRefused)
}

func TestOnlyWhoMastersAPersonSetsTheirPassword(t *testing.T) {
	c := fresh(t)
	for _, who := range []string{"town.operator", "town.admin", "city.auditor"} {
		_, err := c.ResetPassword(t.Context(), c.as(who), c.person("city.leader"))
		wants(t, who, err, identity.ErrRefused)
	}
	if n := c.logged("signin.password.reset", audit.Refused); n != 3 {
		t.Errorf("%d refusals are in the log", n)
	}
	_, err := c.ResetPassword(t.Context(), c.as("city.admin"), "00000000-0000-0000-0000-000000000000")
	wants(t, "nobody", err, identity.ErrNotFound)
	wants(t, "a given password", c.SetPassword(t.Context(), c.as("city.admin"), c.person("city.leader"), good, false), identity.ErrRefused)
}

func TestOnesOwnPasswordIsChangedWithTheOldOneAndEndsTheOtherSessions(t *testing.T) {
	c := fresh(t)
	_, elsewhere := c.begin("city.operator", good)
	s, _ := c.begin("city.operator", good)
	_, _, err := c.ChangePassword(t.Context(), s, "wrong-wrong-wrong", "a-heron-on-the-lake")
	wants(t, "a wrong old password", err, signin.ErrRefused)
	s, token, err := c.ChangePassword(t.Context(), s, good, "a-heron-on-the-lake")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Lookup(t.Context(), token); err != nil {
		t.Error(err)
	}
	_, err = c.Lookup(t.Context(), elsewhere)
	wants(t, "another session", err, signin.ErrEnded)
	for range c.Policy().Tries {
		_, _, err := c.ChangePassword(t.Context(), s, "wrong-wrong-wrong", "a-crane-on-the-lake")
		wants(t, "a wrong old password", err, signin.ErrRefused)
	}
	_, _, err = c.ChangePassword(t.Context(), s, "a-heron-on-the-lake", "a-crane-on-the-lake")
	limited(t, "a right one after five wrong ones", err)
}

func TestTheLastFivePasswordsAreNotTakenAgain(t *testing.T) {
	c := fresh(t)
	s, _ := c.begin("city.operator", good)
	name := func(i int) string { return fmt.Sprintf("%c-heron-on-the-lake", 'a'+i) }
	last := good
	var err error
	for i := range 5 {
		if s, _, err = c.ChangePassword(t.Context(), s, last, name(i)); err != nil {
			t.Fatal(err)
		}
		last = name(i)
	}
	for i := range 5 {
		_, _, err := c.ChangePassword(t.Context(), s, last, name(i))
		var w *signin.WeakError
		if !errors.As(err, &w) || w.Code != "reused" {
			t.Errorf("password %d of the last five: %v", i, err)
		}
	}
	if _, _, err := c.ChangePassword(t.Context(), s, last, good); err != nil {
		t.Errorf("the sixth back: %v", err)
	}
}

func TestAPasswordMustBeChangedWhenThePolicySaysItIsOld(t *testing.T) {
	c := fresh(t)
	c.policy(func(p *signin.Policy) { p.PasswordAge = 90 * 24 * time.Hour })
	if s, _ := c.begin("city.operator", good); s.Pending != "" {
		t.Errorf("a new password: %+v", s)
	}
	c.clock.move(91 * 24 * time.Hour)
	if s, _ := c.begin("city.operator", good); s.Pending != signin.PendingPassword {
		t.Errorf("an old password: %+v", s)
	}
}

func TestWeakPasswordsAreToldWhy(t *testing.T) {
	for password, want := range map[string]string{
		"short-one":                        "short",
		"九个字符的密码啊啊":                        "short",
		strings.Repeat("long enough ", 30): "long",
		"my-wang.operator-1":               "login",
		"WANG.OPERATOR":                    "login",
		"aaaaaaaaaaaa":                     "simple",
		"abababababab":                     "simple",
		"1234567890":                       "simple",
		"abcdefghijkl":                     "simple",
		"Password2026!":                    "common",
		"1qaz2wsx3edc":                     "common",
		"Admin@123456":                     "common",
		"woaini1314520":                    "common",
		"ｐａｓｓｗｏｒｄ１２３４":                     "common", // as wide characters
		"bad\xff\xfe bytes here":           "long",
		"five-otters-swim-home":            "",
		"昆曲评弹与阳澄湖大闸蟹":                      "",
		"Xk7#pQ2vLm9z":                     "",
	} {
		got := ""
		if err := signin.Weak(password, "wang.operator", 10); err != nil {
			got = err.Code
			if !strings.Contains(err.Message, " / ") {
				t.Errorf("%q is not told in two languages", err.Message)
			}
		}
		if got != want {
			t.Errorf("%q is %q, want %q", password, got, want)
		}
	}
}

func TestTheSameCharactersTypedOnAnotherKeyboardAreTheSamePassword(t *testing.T) {
	c := fresh(t)
	if err := c.SetPassword(t.Context(), system, c.person("city.operator"), "café-on-the-lake", false); err != nil {
		t.Fatal(err)
	}
	c.begin("city.operator", "cafe\u0301-on-the-lake")
}
