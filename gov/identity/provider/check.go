package provider

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"onecity/gov/identity"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

var (
	appID        = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)
	customScheme = regexp.MustCompile(`^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+$`) // a reversed domain, RFC 8252 §7.1
)

const (
	grantCode    = string(oidc.GrantTypeCode)
	grantRefresh = string(oidc.GrantTypeRefreshToken)
	grantService = string(oidc.GrantTypeClientCredentials)

	maxAddresses = 20
	maxAddress   = 500 // bytes
)

func wrong(field, value, code, message, want string) *identity.FieldError {
	return &identity.FieldError{Field: field, Value: value, Code: code, Message: message, Want: want}
}

// check completes an application as somebody wrote it, and says what is wrong
// with it.
func (a *App) check() error {
	a.ZH, a.EN, a.Contact = strings.TrimSpace(a.ZH), strings.TrimSpace(a.EN), strings.TrimSpace(a.Contact)
	switch {
	case !appID.MatchString(a.ID):
		return wrong("id", a.ID, "form", "应用标识为 2–40 位小写字母、数字或连字符，字母开头 / an id is 2–40 small letters, digits and hyphens", "water-portal")
	case badText(a.ZH, 100) || a.ZH == "":
		return wrong("zh", a.ZH, "missing", "请填写应用名称（100 字以内） / a name of at most 100 characters is needed", "防汛值班系统")
	case badText(a.EN, 100):
		return wrong("en", a.EN, "form", "英文名称不超过 100 字 / the English name has at most 100 characters", "")
	case badText(a.Contact, 200) || a.Contact == "":
		return wrong("contact", a.Contact, "missing", "请填写联系人（200 字以内） / who answers for it is needed, at most 200 characters", "王工 0512-57300000")
	}
	if a.Kind == Service {
		return a.checkService()
	}
	if !slices.Contains([]string{Web, SPA, Native}, a.Kind) {
		return wrong("kind", a.Kind, "unknown", "应用类型不存在 / there is no such kind", "web, spa, native, service")
	}
	if len(a.Redirects) == 0 {
		return wrong("redirects", "", "missing", "请填写回调地址 / a redirect address is needed", "https://app.example.cn/callback")
	}
	if err := a.checkAddresses(); err != nil {
		return err
	}
	a.Scopes = set(append([]string{ScopeOpenID}, a.Scopes...))
	for _, s := range a.Scopes {
		if !slices.Contains(Scopes, s) {
			return wrong("scopes", s, "unknown", "没有这个权限范围 / there is no such scope", strings.Join(Scopes, ", "))
		}
	}
	a.Grants = set(append([]string{grantCode}, a.Grants...))
	for _, g := range a.Grants {
		if g != grantCode && g != grantRefresh {
			return wrong("grants", g, "unknown", "该类型应用不支持此授权方式 / an application of this kind cannot have this grant", grantCode+", "+grantRefresh)
		}
	}
	return nil
}

// Scopes are all that an application may ask for.
var Scopes = []string{ScopeOpenID, ScopeProfile, ScopeOffline, ScopeAPI}

func (a *App) checkService() error {
	if len(a.Redirects)+len(a.Logouts) > 0 {
		return wrong("redirects", "", "service", "服务类应用没有回调地址 / a service has no redirect addresses", "")
	}
	a.Redirects, a.Logouts, a.Scopes = []string{}, []string{}, set(a.Scopes)
	for _, s := range a.Scopes {
		if s != ScopeAPI {
			return wrong("scopes", s, "unknown", "服务类应用只能申请 city / a service may only ask for city", ScopeAPI)
		}
	}
	for _, g := range a.Grants {
		if g != grantService {
			return wrong("grants", g, "unknown", "该类型应用不支持此授权方式 / an application of this kind cannot have this grant", grantService)
		}
	}
	a.Grants = []string{grantService}
	return nil
}

func (a *App) checkAddresses() error {
	a.Redirects, a.Logouts = set(a.Redirects), set(a.Logouts)
	for field, list := range map[string][]string{"redirects": a.Redirects, "post_logout_redirects": a.Logouts} {
		if len(list) > maxAddresses {
			return wrong(field, "", "many", "最多 20 个地址 / at most 20 addresses", "")
		}
		for _, s := range list {
			if !allowedAddress(s, a.Kind) {
				return wrong(field, s, "form", "地址必须为完整的 https 地址（本机回环可用 http），不含 # 和通配符 / an address is a whole https URL (http on loopback only) without fragment or wildcard", "https://app.example.cn/callback")
			}
		}
	}
	return nil
}

// allowedAddress reports whether a browser may be sent to s with a code.
func allowedAddress(s, kind string) bool {
	if len(s) > maxAddress || strings.ContainsAny(s, "*#\\") || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Opaque != "" || strings.Contains(u.Path, "/../") {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Hostname() != ""
	case "http":
		return loopback(u.Hostname())
	}
	return kind == Native && customScheme.MatchString(u.Scheme)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func badText(s string, most int) bool {
	return !utf8.ValidString(s) || utf8.RuneCountInString(s) > most || strings.ContainsFunc(s, unicode.IsControl)
}

// set is a list sorted, each once; never nil.
func set(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return slices.Compact(out)
}
