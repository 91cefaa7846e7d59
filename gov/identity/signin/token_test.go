package signin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/gov/identity/signin"
	"onecity/internal/audit"
)

func (c *city) issue(t *testing.T, subject string) (signin.Token, string) {
	t.Helper()
	out, secret, err := c.Issue(t.Context(), system, signin.Token{Subject: subject, Name: "导出程序"})
	if err != nil {
		t.Fatal(err)
	}
	return out, secret
}

func TestATokenSaysWhichApplicationAProgramIsUntilItIsRevokedOnAnyNode(t *testing.T) {
	c := fresh(t).follows()
	other := c.other().follows()
	out, secret := c.issue(t, "app:exporter")
	for _, n := range []*city{c, other} {
		if subject, err := n.Check(t.Context(), secret); err != nil || subject != "app:exporter" {
			t.Fatalf("%q, %v", subject, err)
		}
	}
	last := "a"
	if strings.HasSuffix(secret, last) {
		last = "b"
	}
	for _, bad := range []string{"", "oc_", secret + "a", secret[:len(secret)-1], secret[:len(secret)-1] + last, strings.ToUpper(secret)} {
		_, err := c.Check(t.Context(), bad)
		wants(t, bad, err, signin.ErrEnded)
	}
	if err := c.Revoke(t.Context(), system, out.ID); err != nil {
		t.Fatal(err)
	}
	_, err := c.Check(t.Context(), secret)
	wants(t, "the node that revoked it", err, signin.ErrEnded)
	c.until("the other node refuses it", func() bool { _, err := other.Check(t.Context(), secret); return err != nil })
	list, err := c.Tokens(t.Context(), system, "app:exporter")
	if err != nil || len(list) != 1 || list[0].Revoked == nil || list[0].Used == nil || list[0].By != "system" {
		t.Errorf("the list is %+v, %v", list, err)
	}
	if n := c.count(`select count(*) from signin.token t where strpos(t::text, $1) > 0`, secret[len(secret)-20:]); n != 0 {
		t.Error("the secret is in the database")
	}
	for _, action := range []string{"signin.token.issue", "signin.token.revoke"} {
		if n := c.logged(action, audit.Done); n != 1 {
			t.Errorf("%s is %d times in the log", action, n)
		}
	}
}

func TestATokenEndsWhenItsTimeIsOver(t *testing.T) {
	c := fresh(t).follows()
	until := c.clock.now().Add(time.Hour)
	_, secret, err := c.Issue(t.Context(), system, signin.Token{Subject: "app:exporter", Expires: &until})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Check(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	c.clock.move(time.Hour)
	_, err = c.Check(t.Context(), secret)
	wants(t, "an hour later", err, signin.ErrEnded)
}

func TestNobodyIssuesATokenOfAnApplicationMightierThanTheyCouldMake(t *testing.T) {
	c := fresh(t)
	for subject, role := range map[string]string{"app:mighty": "steward", "app:town": "viewer"} {
		b := access.Binding{Subject: subject, Role: role, On: access.Node{Axis: access.ByRegion, Code: "320583100"}}
		if role == "steward" {
			b.On.Code = ""
		}
		if _, err := c.dir.Grant(t.Context(), system, b); err != nil {
			t.Fatal(err)
		}
	}
	dir, _, err := directory(t.Context(), c.pool) // with the new bindings
	if err != nil {
		t.Fatal(err)
	}
	o := c.options
	c.Service, err = signin.Open(t.Context(), c.pool, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	c.dir = dir
	for _, who := range []string{"city.admin", "city.operator"} {
		_, _, err := c.Issue(t.Context(), c.as(who), signin.Token{Subject: "app:mighty"})
		wants(t, who, err, identity.ErrRefused)
	}
	own, _, err := c.Issue(t.Context(), c.as("city.admin"), signin.Token{Subject: "app:town"})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "an operator", c.Revoke(t.Context(), c.as("city.operator"), own.ID), identity.ErrRefused)
	c.issue(t, "app:mighty")
	list, err := c.Tokens(t.Context(), c.as("city.admin"), "")
	if err != nil || len(list) != 1 || list[0].Subject != "app:town" {
		t.Errorf("an administrator sees %+v, %v", list, err)
	}
	_, _, err = c.Issue(t.Context(), system, signin.Token{Subject: "person:x"})
	wants(t, "a person", err, identity.ErrNotFound)
}

func TestTheFileOfTheToolsAlwaysHasAGoodTokenOfItsOwn(t *testing.T) {
	c := fresh(t)
	file := filepath.Join(t.TempDir(), "tools.token")
	keep := func() string {
		t.Helper()
		if err := c.Keep(t.Context(), "app:tools", file); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("the file: %v, %v", info, err)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		token := strings.TrimSpace(string(content))
		if subject, err := c.Check(t.Context(), token); err != nil || subject != "app:tools" {
			t.Fatalf("the token is of %q, %v", subject, err)
		}
		if n := c.count(`select count(*) from signin.token where revoked is null`); n != 1 {
			t.Fatalf("%d tokens are good", n)
		}
		return token
	}
	last := keep()
	if again := keep(); again != last {
		t.Error("a good token was replaced")
	}
	for what, spoil := range map[string]func() error{
		"a file that is gone":         func() error { return os.Remove(file) },
		"a file that others can read": func() error { return os.Chmod(file, 0o644) },
		"a file with something else":  func() error { return os.WriteFile(file, []byte("hello"), 0o600) },
		"a token of thirty days":      func() error { c.clock.move(31 * 24 * time.Hour); return nil },
		"a token that was revoked":    func() error { return c.Revoke(t.Context(), system, last[3:19]) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		anew := keep()
		if anew == last {
			t.Errorf("%s: the token is still the same", what)
		}
		_, err := c.Check(t.Context(), last)
		wants(t, what+": the token before", err, signin.ErrEnded)
		last = anew
	}
}

func BenchmarkCheck(b *testing.B) {
	c := fresh(b).follows()
	_, secret, err := c.Issue(b.Context(), system, signin.Token{Subject: "app:exporter"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Check(b.Context(), secret); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	h := signin.DefaultPolicy().Hash
	for b.Loop() {
		signin.MakeHash(h, good)
	}
}
