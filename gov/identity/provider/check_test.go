package provider

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"onecity/gov/identity"
)

func TestAddressesWithWhichCodesCouldBeCaughtAreRefused(t *testing.T) {
	for address, want := range map[string]bool{
		"https://app.example.cn/cb":          true,
		"https://app.example.cn:8443/cb?a=b": true,
		"http://127.0.0.1:3000/cb":           true,
		"http://[::1]/cb":                    true,
		"http://localhost/cb":                true,
		"cn.example.app:/cb":                 false, // for a native application only, see below
		"http://app.example.cn/cb":           false,
		"https://*.example.cn/cb":            false,
		"https://app.example.cn/cb#x":        false,
		"https://user@app.example.cn/cb":     false,
		"https://app.example.cn\\@evil.cn/":  false,
		"https://app.example.cn/a/../b":      false,
		"https://昆山.cn/":                     false, // as punycode
		"https:///cb":                        false,
		"javascript:alert(1)":                false,
		"data:text/html,x":                   false,
		"/cb":                                false,
		"":                                   false,
	} {
		if got := allowedAddress(address, Web); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
	if !allowedAddress("cn.example.app:/cb", Native) || allowedAddress("javascript:alert(1)", Native) || allowedAddress("myapp://cb", Native) {
		t.Error("a native application's own scheme is a reversed domain")
	}
}

func TestAnApplicationIsCheckedFieldByField(t *testing.T) {
	good := App{ID: "a-b", ZH: "应用", Contact: "x", Kind: Web, Redirects: []string{"https://a.cn/"}}
	if err := good.check(); err != nil || len(good.Scopes) != 1 || len(good.Grants) != 1 {
		t.Fatalf("%+v, %v", good, err)
	}
	for field, spoil := range map[string]func(*App){
		"id":                    func(a *App) { a.ID = "-A" },
		"zh":                    func(a *App) { a.ZH = " " },
		"en":                    func(a *App) { a.EN = strings.Repeat("x", 101) },
		"contact":               func(a *App) { a.Contact = "a\x00" },
		"kind":                  func(a *App) { a.Kind = "robot" },
		"redirects":             func(a *App) { a.Redirects = nil },
		"post_logout_redirects": func(a *App) { a.Logouts = []string{"ftp://x/"} },
		"scopes":                func(a *App) { a.Scopes = []string{"root"} },
		"grants":                func(a *App) { a.Grants = []string{"client_credentials"} },
	} {
		a := good
		spoil(&a)
		var problem *identity.FieldError
		if err := a.check(); !errors.As(err, &problem) || problem.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Whatever is registered: a browser that is sent there reaches the host that
// we have read in it, over TLS, on this machine, or in the application itself.
func FuzzAllowedAddress(f *testing.F) {
	for _, s := range []string{"https://app.example.cn/cb", "http://127.0.0.1:1/", "http://localhost.evil.cn/", "https://a@b/", "https:\\\\x", "cn.app:/x", "https://a/%2e%2e/"} {
		f.Add(s, Web)
		f.Add(s, Native)
	}
	f.Fuzz(func(t *testing.T, s, kind string) {
		if !allowedAddress(s, kind) {
			return
		}
		to, err := backTo(&authRequest{redirect: s, state: "s"}, url.Values{"code": {"c"}})
		if err != nil {
			t.Fatal(err)
		}
		was, err1 := url.Parse(s)
		u, err2 := url.Parse(to)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if u.Scheme != was.Scheme || u.Host != was.Host || u.Path != was.Path || u.Fragment != "" || u.Query().Get("state") == "" {
			t.Errorf("%q leads to %q", s, to)
		}
		if u.Scheme == "http" && !loopback(u.Hostname()) || u.Scheme != "http" && u.Scheme != "https" && kind != Native {
			t.Errorf("%q is taken of a %q", s, kind)
		}
	})
}
