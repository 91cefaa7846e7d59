package web

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"onecity/gov/identity/signin"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

// signedAnswer says what comes next, and sets the session's cookie.
type signedAnswer struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      signedBody
}

type signedBody struct {
	Next     string   `json:"next" enum:"done,totp,password,enrol" doc:"还需要做什么 What comes next: nothing, a second factor, a new password, setting up a second factor"`
	Recovery []string `json:"recovery,omitempty" doc:"恢复码，仅此一次 Recovery codes, told once"`
}

func (s *Server) signed(session signin.Session, token string) *signedAnswer {
	next := session.Pending
	if next == "" {
		next = "done"
	}
	// The server ends sessions; the cookie lasts as long as the browser runs.
	return &signedAnswer{s.Identity.cookie(token, 0), signedBody{Next: next}}
}

// passkeyQuestion is what navigator.credentials is asked with.
type passkeyQuestion struct{ Body json.RawMessage }

// passkeyAnswer is what it answered, as JSON.
type passkeyAnswer struct {
	UserAgent string `header:"User-Agent"`
	RawBody   []byte
}

func (s *Server) signInRoutes() {
	s.upstreamRoutes()
	type ways struct {
		Password bool `json:"password"`
		Passkey  bool `json:"passkey"`
		Upstream bool `json:"upstream" doc:"可用上级统一认证登录 One may sign in at another provider: /sign-in/upstream?next="`
	}
	get(s, public, "/api/v1/sign-in/ways", "signInWays", "identity", "可用的登录方式 How one may sign in here",
		func(context.Context, *struct{}) (*answered[ways], error) {
			return &answered[ways]{ways{Password: true, Passkey: true, Upstream: s.Identity.Upstream != nil}}, nil
		})
	type credentials struct {
		UserAgent string `header:"User-Agent"`
		Body      struct {
			Login    string `json:"login" maxLength:"64" doc:"登录名"`
			Password string `json:"password" maxLength:"512" doc:"口令"`
		}
	}
	do(s, public, http.MethodPost, "/api/v1/sign-in", "signIn", "identity", "登录 Sign in",
		func(ctx context.Context, in *credentials) (*signedAnswer, error) {
			session, token, err := s.Identity.SignIn.Begin(ctx, in.Body.Login, in.Body.Password, callerIn(ctx).From, in.UserAgent)
			if err != nil {
				return nil, s.unsigned(ctx, "sign in", err)
			}
			return s.signed(session, token), nil
		})
	type code struct {
		Body struct {
			Code string `json:"code" maxLength:"32" doc:"动态口令或恢复码 Code of the app, or a recovery code"`
		}
	}
	do(s, public, http.MethodPost, "/api/v1/sign-in/totp", "signInSecond", "identity", "第二因素 The second factor",
		func(ctx context.Context, in *code) (*signedAnswer, error) {
			at, err := s.session(ctx)
			if err != nil {
				return nil, err
			}
			session, token, err := s.Identity.SignIn.Second(ctx, at, in.Body.Code)
			if err != nil {
				return nil, s.unsigned(ctx, "check a code", err)
			}
			return s.signed(session, token), nil
		})
	do(s, public, http.MethodPost, "/api/v1/sign-in/passkey/begin", "beginPasskey", "identity", "通行密钥：开始 Ask for a passkey: to sign in, or as second factor",
		func(ctx context.Context, _ *struct{}) (*passkeyQuestion, error) {
			var question json.RawMessage
			var err error
			if c := callerIn(ctx); c.signed != nil && c.Pending == signin.PendingSecond {
				question, err = s.Identity.SignIn.BeginPasskeySecond(ctx, *c.signed)
			} else {
				question, err = s.Identity.SignIn.BeginPasskeySignIn(ctx, c.From)
			}
			if err != nil {
				return nil, s.unsigned(ctx, "ask for a passkey", err)
			}
			return &passkeyQuestion{question}, nil
		})
	do(s, public, http.MethodPost, "/api/v1/sign-in/passkey/finish", "finishPasskey", "identity", "通行密钥：完成 Answer with a passkey",
		func(ctx context.Context, in *passkeyAnswer) (*signedAnswer, error) {
			var session signin.Session
			var token string
			var err error
			if c := callerIn(ctx); c.signed != nil && c.Pending == signin.PendingSecond {
				session, token, err = s.Identity.SignIn.FinishPasskeySecond(ctx, *c.signed, in.RawBody)
			} else {
				session, token, err = s.Identity.SignIn.FinishPasskeySignIn(ctx, in.RawBody, c.From, in.UserAgent)
			}
			if err != nil {
				return nil, s.unsigned(ctx, "check a passkey", err)
			}
			return s.signed(session, token), nil
		})
	type fresh struct {
		Body struct {
			Old string `json:"old,omitempty" maxLength:"512"`
			New string `json:"new" maxLength:"512"`
		}
	}
	change := func(ctx context.Context, in *fresh) (*signedAnswer, error) {
		at, err := s.session(ctx)
		if err != nil {
			return nil, err
		}
		session, token, err := s.Identity.SignIn.ChangePassword(ctx, at, in.Body.Old, in.Body.New)
		if err != nil {
			return nil, s.unsigned(ctx, "change a password", err)
		}
		return s.signed(session, token), nil
	}
	do(s, public, http.MethodPost, "/api/v1/sign-in/password", "firstPassword", "identity", "首次改密 Change the first password", change)
	do(s, signedIn, http.MethodPost, "/api/v1/me/password", "changePassword", "identity", "修改口令 Change one's password", change)
	do(s, public, http.MethodPost, "/api/v1/sign-out", "signOut", "identity", "退出 Sign out",
		func(ctx context.Context, _ *struct{}) (*signedAnswer, error) {
			if c := callerIn(ctx); c.signed != nil {
				if err := s.Identity.SignIn.End(ctx, *c.signed); err != nil {
					return nil, s.unsigned(ctx, "sign out", err)
				}
			}
			return &signedAnswer{s.Identity.cookie("", -1), signedBody{Next: "done"}}, nil
		})
}

// session is the caller's, whatever it still waits for.
func (s *Server) session(ctx context.Context) (signin.Session, error) {
	c := callerIn(ctx)
	if c.signed == nil {
		return signin.Session{}, challenged(denied(c, signedIn))
	}
	return *c.signed, nil
}

// unsigned turns errors of signing in into answers.
func (s *Server) unsigned(ctx context.Context, doing string, err error) error {
	var limited *signin.LimitedError
	if errors.As(err, &limited) {
		seconds := strconv.Itoa(int(math.Ceil(limited.RetryAfter.Seconds())))
		why := map[string]string{
			"locked": "错误次数过多，已暂时锁定 / too many wrong attempts, locked for a while",
			"rate":   "请求过于频繁 / too many requests",
			"busy":   "登录人数较多，请稍后再试 / many are signing in, try again",
		}[limited.Why]
		return huma.ErrorWithHeaders(problem.New(http.StatusTooManyRequests, why), http.Header{"Retry-After": {seconds}})
	}
	return s.failed(ctx, doing, err)
}
