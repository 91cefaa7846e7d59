package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/gov/identity/signin"
)

// me is what the front end knows of who sits before it.
type me struct {
	Subject string          `json:"subject"`
	Login   string          `json:"login,omitempty"`
	Name    string          `json:"name"`
	Org     *identity.Org   `json:"org,omitempty"`
	Post    string          `json:"post,omitempty"`
	Roles   []meRole        `json:"roles"`
	Actions []access.Action `json:"actions"`
	Gives   []string        `json:"gives" doc:"可授予的角色 Roles that one may give"`
	Scope   []meReach       `json:"scope" doc:"可见的城市范围 What one sees of the city"`
	Next    string          `json:"next" enum:"done,totp,password,enrol"`
	Factors *signin.Factors `json:"factors,omitempty"`
	Session *meSession      `json:"session,omitempty"`
	// City and Zone are public: every page shows times in the city's zone.
	City string `json:"city" doc:"城市名称"`
	Zone string `json:"zone" doc:"城市时区 IANA name of the city's time zone"`
}

type meRole struct {
	Code  string     `json:"code"`
	ZH    string     `json:"zh"`
	EN    string     `json:"en"`
	On    nodeBody   `json:"on"`
	Until *time.Time `json:"until,omitempty"`
}

type meReach struct {
	nodeBody
	Layers []string `json:"layers"`
	Grade  uint8    `json:"grade"`
}

type meSession struct {
	ID    string    `json:"id"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

func (s *Server) meRoutes() {
	get(s, public, "/api/v1/me", "getMe", "identity", "我是谁、能做什么 Who the caller is and what they may do",
		func(ctx context.Context, _ *struct{}) (*answered[me], error) {
			c := callerIn(ctx)
			if c.ID == "" {
				return nil, challenged(denied(c, signedIn))
			}
			m, err := s.me(ctx, c)
			if err != nil {
				return nil, s.failed(ctx, "say who the caller is", err)
			}
			return &answered[me]{m}, nil
		})
	type enrolment struct{ Body signin.Enrolment }
	do(s, public, http.MethodPost, "/api/v1/me/totp", "beginTOTP", "identity", "绑定动态口令 Set up an authenticator app",
		func(ctx context.Context, _ *struct{}) (*enrolment, error) {
			at, err := s.session(ctx)
			if err != nil {
				return nil, err
			}
			e, err := s.Identity.SignIn.BeginTOTP(ctx, at)
			if err != nil {
				return nil, s.unsigned(ctx, "set up an authenticator app", err)
			}
			return &enrolment{e}, nil
		})
	type appCode struct {
		Body struct {
			Code string `json:"code" maxLength:"16"`
		}
	}
	do(s, public, http.MethodPut, "/api/v1/me/totp", "confirmTOTP", "identity", "确认动态口令 Confirm it with a code",
		func(ctx context.Context, in *appCode) (*signedAnswer, error) {
			at, err := s.session(ctx)
			if err != nil {
				return nil, err
			}
			e, err := s.Identity.SignIn.ConfirmTOTP(ctx, at, in.Body.Code)
			return s.enrolled(ctx, e, err)
		})
	do(s, signedIn, http.MethodDelete, "/api/v1/me/totp", "removeTOTP", "identity", "解绑动态口令 Remove it",
		func(ctx context.Context, _ *struct{}) (*struct{}, error) {
			at, err := s.session(ctx)
			if err == nil {
				err = s.orFailed(ctx, "remove a factor", s.Identity.SignIn.RemoveTOTP(ctx, at))
			}
			return nil, err
		})
	type recovery struct {
		Body struct {
			Codes []string `json:"codes" doc:"恢复码，仅此一次 Told once"`
		}
	}
	do(s, signedIn, http.MethodPost, "/api/v1/me/recovery", "recoveryCodes", "identity", "重发恢复码 New recovery codes",
		func(ctx context.Context, _ *struct{}) (*recovery, error) {
			at, err := s.session(ctx)
			if err != nil {
				return nil, err
			}
			a := &recovery{}
			if a.Body.Codes, err = s.Identity.SignIn.RecoveryCodes(ctx, at); err != nil {
				return nil, s.unsigned(ctx, "make recovery codes", err)
			}
			return a, nil
		})
	do(s, public, http.MethodPost, "/api/v1/me/passkeys/begin", "beginAddPasskey", "identity", "添加通行密钥：开始 Add a passkey: begin",
		func(ctx context.Context, _ *struct{}) (*passkeyQuestion, error) {
			at, err := s.session(ctx)
			if err != nil {
				return nil, err
			}
			q, err := s.Identity.SignIn.BeginPasskey(ctx, at)
			if err != nil {
				return nil, s.unsigned(ctx, "add a passkey", err)
			}
			return &passkeyQuestion{q}, nil
		})
	type named struct {
		Name    string `query:"name" maxLength:"100" doc:"名称 What one calls it"`
		RawBody []byte
	}
	do(s, public, http.MethodPost, "/api/v1/me/passkeys/finish", "finishAddPasskey", "identity", "添加通行密钥：完成 Add a passkey: finish",
		func(ctx context.Context, in *named) (*signedAnswer, error) {
			at, err := s.session(ctx)
			if err != nil {
				return nil, err
			}
			e, err := s.Identity.SignIn.FinishPasskey(ctx, at, in.Name, in.RawBody)
			return s.enrolled(ctx, e, err)
		})
	do(s, signedIn, http.MethodDelete, "/api/v1/me/passkeys/{id}", "removePasskey", "identity", "移除通行密钥 Remove a passkey",
		func(ctx context.Context, in *idPath) (*struct{}, error) {
			at, err := s.session(ctx)
			if err == nil {
				err = s.orFailed(ctx, "remove a passkey", s.Identity.SignIn.RemovePasskey(ctx, at, in.ID))
			}
			return nil, err
		})
	s.sessionRoutes()
}

// sessionRoutes are about the sessions of oneself and of others.
func (s *Server) sessionRoutes() {
	sessions := func(ctx context.Context, person string) (*answered[listed[signin.Session]], error) {
		list, err := s.Identity.SignIn.Sessions(ctx, by(ctx, ""), person)
		if err != nil {
			return nil, s.failed(ctx, "list sessions", err)
		}
		return paged(list, 0, nil), nil
	}
	get(s, signedIn, "/api/v1/me/sessions", "mySessions", "identity", "我的登录 One's sessions",
		func(ctx context.Context, _ *struct{}) (*answered[listed[signin.Session]], error) {
			at, err := s.session(ctx)
			if err != nil {
				return nil, err
			}
			return sessions(ctx, at.Person)
		})
	do(s, signedIn, http.MethodDelete, "/api/v1/me/sessions/{id}", "endMySession", "identity", "结束我的一个登录 End one of one's sessions",
		func(ctx context.Context, in *idPath) (*struct{}, error) {
			at, err := s.session(ctx)
			if err == nil {
				err = s.orFailed(ctx, "end a session", s.Identity.SignIn.EndOne(ctx, by(ctx, ""), at.Person, in.ID))
			}
			return nil, err
		})
	get(s, access.PersonView, "/api/v1/people/{id}/sessions", "personSessions", "identity", "某人的登录 A person's sessions",
		func(ctx context.Context, in *idPath) (*answered[listed[signin.Session]], error) {
			return sessions(ctx, in.ID)
		})
	type why struct {
		ID  string `path:"id" maxLength:"128"`
		Why string `query:"why" maxLength:"500" doc:"理由 The reason"`
	}
	do(s, access.PersonEdit, http.MethodDelete, "/api/v1/people/{id}/sessions", "endSessions", "identity", "结束某人的全部登录 End all sessions of a person",
		func(ctx context.Context, in *why) (*struct{}, error) {
			return nil, s.orFailed(ctx, "end sessions", s.Identity.SignIn.EndAll(ctx, by(ctx, in.Why), in.ID))
		})
	do(s, access.PersonEdit, http.MethodDelete, "/api/v1/people/{id}/factors", "resetFactors", "identity", "清除某人的第二因素 Remove a person's second factors",
		func(ctx context.Context, in *why) (*struct{}, error) {
			return nil, s.orFailed(ctx, "reset factors", s.Identity.SignIn.ResetFactors(ctx, by(ctx, in.Why), in.ID))
		})
	type password struct {
		Body struct {
			Password string `json:"password" doc:"首次登录口令，仅此一次，首次登录须修改 Told once; to be changed at the first sign-in"`
		}
	}
	do(s, access.PersonEdit, http.MethodPost, "/api/v1/people/{id}/password", "resetPassword", "identity", "重置口令 Give a person a new first password",
		func(ctx context.Context, in *why) (*password, error) {
			a := &password{}
			var err error
			if a.Body.Password, err = s.Identity.SignIn.ResetPassword(ctx, by(ctx, in.Why), in.ID); err != nil {
				return nil, s.failed(ctx, "reset a password", err)
			}
			return a, nil
		})
}

func (s *Server) enrolled(ctx context.Context, e signin.Enrolled, err error) (*signedAnswer, error) {
	if err != nil {
		return nil, s.unsigned(ctx, "set up a second factor", err)
	}
	a := s.signed(e.Session, e.Token)
	a.Body.Recovery = e.Recovery
	return a, nil
}

// orFailed is failed for an error that may be none.
func (s *Server) orFailed(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	return s.unsigned(ctx, doing, err)
}

func (s *Server) me(ctx context.Context, c Caller) (me, error) {
	m := me{Subject: c.ID, Name: c.Name, Roles: []meRole{}, Scope: []meReach{}, Next: "done", Actions: c.Rights.Actions(), Gives: c.Rights.Gives()}
	profile := s.city.Snapshot().In(c.Scope).Profile()
	m.City, m.Zone = profile.Name, profile.TimeZone
	if m.Actions == nil {
		m.Actions = []access.Action{}
	}
	if m.Gives == nil {
		m.Gives = []string{}
	}
	if c.Pending != "" {
		m.Next, m.Actions, m.Gives = c.Pending, []access.Action{}, []string{}
	}
	if c.signed != nil {
		system := identity.System("")
		p, err := s.directory().Person(ctx, system, c.signed.Person)
		if err != nil {
			return m, err
		}
		o, err := s.directory().Org(ctx, system, p.Org)
		if err != nil {
			return m, err
		}
		f, err := s.Identity.SignIn.Factors(ctx, by(ctx, ""), p.ID)
		if err != nil {
			return m, err
		}
		m.Login, m.Name, m.Post, m.Org, m.Factors = p.Login, p.Name, p.Post, &o, &f
		m.Session = &meSession{c.signed.ID, c.signed.Since, c.signed.Until}
	}
	table := s.directory().Table()
	for _, b := range c.Rights.Holds() {
		r, _ := table.Role(b.Role)
		m.Roles = append(m.Roles, meRole{Code: r.Code, ZH: r.ZH, EN: r.EN, On: s.nodeOf(ctx, b.On), Until: timeOrNil(b.Until)})
	}
	for _, x := range c.Rights.Scope(access.CityView) {
		m.Scope = append(m.Scope, meReach{s.nodeOf(ctx, x.On), slices.Clone(x.Layers), x.Grade})
	}
	return m, nil
}
