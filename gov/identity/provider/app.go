package provider

import "time"

// Kinds of applications.
const (
	Web     = "web"     // a server with a secret
	SPA     = "spa"     // a page without one
	Native  = "native"  // a program on a person's device
	Service = "service" // a program that acts for itself (client_credentials)
)

// States of an application, those of the machine "identity.app".
const (
	Draft     = "draft"     // 草拟
	Tested    = "tested"    // 已测试，待审核
	Approved  = "approved"  // 已审核，待上线
	Live      = "live"      // 使用中
	Suspended = "suspended" // 已停用
	Rejected  = "rejected"  // 已驳回
	Closed    = "closed"    // 已注销
)

// Scopes that an application may ask for; openid is always among them.
const (
	ScopeOpenID  = "openid"
	ScopeProfile = "profile"        // name, preferred_username, org, org_path, region
	ScopeOffline = "offline_access" // refresh tokens
	// ScopeAPI lets the access token be shown to our own API, where it does
	// what the person (or the service) may do.
	ScopeAPI = "city"
)

// App 应用 is one application.
type App struct {
	// ID is the client_id, 2–40 small letters, digits and hyphens. As a holder
	// of bindings it is the subject "app:" + ID.
	ID      string `json:"id"`
	ZH      string `json:"zh"`
	EN      string `json:"en"`
	Org     string `json:"org"`      // ID of the organisation that owns it
	OrgName string `json:"org_name"` // its name
	OrgPath string `json:"org_path"`
	Region  string `json:"region"`
	Contact string `json:"contact"` // who answers for it, for people
	Kind    string `json:"kind"`    // Web, SPA, Native, Service
	// Redirects are matched letter by letter (a native application's loopback
	// address: any port, RFC 8252 §7.3).
	Redirects []string `json:"redirects"`
	Logouts   []string `json:"post_logout_redirects"`
	Scopes    []string `json:"scopes"`
	Grants    []string `json:"grants"` // authorization_code, refresh_token, client_credentials
	State     string   `json:"state"`
	// Secrets are those that are accepted now: during a change, two.
	Secrets []Secret `json:"secrets"`
	// Test is the last sign-in that went through with the application as it is
	// now; nil: none yet.
	Test    *Test     `json:"test,omitempty"`
	Version int64     `json:"version"`
	Made    time.Time `json:"made"`
	Updated time.Time `json:"updated"`
}

// Subject is the application as a holder of bindings and as an actor.
func (a App) Subject() string { return "app:" + a.ID }

// Item is the id of the application's item in the machine "identity.app".
func (a App) Item() string { return "app:" + a.ID }

// Secret is what an application shows; its text is given once, when it is made.
type Secret struct {
	Made  time.Time  `json:"made"`
	Until *time.Time `json:"until,omitempty"` // nil: without end
}

// Test is a completed test sign-in, recorded by the provider itself.
type Test struct {
	At time.Time `json:"at"`
	By string    `json:"by"` // subject that signed in
}

// AppFilter narrows a list of applications; the zero filter takes all.
type AppFilter struct {
	Under string // path of an organisation
	Query string // part of the id or a name
	State string
	After string // id after which the page begins
	Limit int    // ≤ 1000; 0 means 200
}
