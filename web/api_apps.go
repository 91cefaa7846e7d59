package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"onecity/gov/identity/access"
	"onecity/gov/identity/provider"
	"onecity/internal/flow"
	"onecity/web/problem"
)

type appBody struct {
	ID        string   `json:"id" maxLength:"40" doc:"client_id：小写字母、数字、连字符 Small letters, digits, hyphens"`
	ZH        string   `json:"zh" maxLength:"100" doc:"中文名称"`
	EN        string   `json:"en" maxLength:"100"`
	Org       string   `json:"org" doc:"所属机构编号 ID of the organisation that owns it"`
	Contact   string   `json:"contact,omitempty" maxLength:"200"`
	Kind      string   `json:"kind" enum:"web,spa,native,service"`
	Redirects []string `json:"redirects,omitempty" maxItems:"20"`
	Logouts   []string `json:"post_logout_redirects,omitempty" maxItems:"20"`
	Scopes    []string `json:"scopes,omitempty" maxItems:"20"`
	Grants    []string `json:"grants,omitempty" maxItems:"10"`
	Version   int64    `json:"version,omitempty"`
	Why       string   `json:"why,omitempty" maxLength:"500"`
}

func (b appBody) app() provider.App {
	return provider.App{ID: b.ID, ZH: b.ZH, EN: b.EN, Org: b.Org, Contact: b.Contact, Kind: b.Kind,
		Redirects: b.Redirects, Logouts: b.Logouts, Scopes: b.Scopes, Grants: b.Grants, Version: b.Version}
}

// newApp is an application with its secret, which is told once.
type newApp struct {
	provider.App
	Secret string `json:"secret,omitempty" doc:"密钥，仅此一次 The secret, told once"`
}

func (s *Server) appRoutes() {
	apps := func() *provider.Provider { return s.Identity.Apps }
	type query struct {
		Under string `query:"under" maxLength:"64"`
		Query string `query:"q" maxLength:"100"`
		State string `query:"state" maxLength:"20"`
		After string `query:"after" maxLength:"64"`
		Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	}
	get(s, access.AppView, "/api/v1/apps", "listApps", "identity", "应用列表 Applications",
		func(ctx context.Context, q *query) (*answered[listed[provider.App]], error) {
			list, err := apps().Apps(ctx, by(ctx, ""), provider.AppFilter{Under: q.Under, Query: q.Query, State: q.State, After: q.After, Limit: q.Limit})
			if err != nil {
				return nil, s.failed(ctx, "list applications", err)
			}
			return paged(list, q.Limit, func(a provider.App) string { return a.ID }), nil
		})
	get(s, access.AppView, "/api/v1/apps/{id}", "getApp", "identity", "应用详情 One application",
		func(ctx context.Context, in *idPath) (*answered[provider.App], error) {
			a, err := apps().App(ctx, by(ctx, ""), in.ID)
			if err != nil {
				return nil, s.failed(ctx, "find an application", err)
			}
			return &answered[provider.App]{a}, nil
		})
	type addApp struct{ Body appBody }
	do(s, access.AppEdit, http.MethodPost, "/api/v1/apps", "addApp", "identity", "登记应用 Draft an application",
		func(ctx context.Context, in *addApp) (*answered[newApp], error) {
			a, secret, err := apps().AddApp(ctx, by(ctx, in.Body.Why), in.Body.app())
			if err != nil {
				return nil, s.failed(ctx, "add an application", err)
			}
			return &answered[newApp]{newApp{a, secret}}, nil
		})
	type editApp struct {
		ID   string `path:"id" maxLength:"40"`
		Body appBody
	}
	do(s, access.AppEdit, http.MethodPut, "/api/v1/apps/{id}", "editApp", "identity", "修改应用 Change an application",
		func(ctx context.Context, in *editApp) (*answered[provider.App], error) {
			b := in.Body.app()
			b.ID = in.ID
			a, err := apps().EditApp(ctx, by(ctx, in.Body.Why), b)
			if err != nil {
				return nil, s.failed(ctx, "change an application", err)
			}
			return &answered[provider.App]{a}, nil
		})
	type secretQuery struct {
		ID  string `path:"id" maxLength:"40"`
		Cut bool   `query:"cut" doc:"旧密钥立即失效 The old one ends at once"`
		Why string `query:"why" maxLength:"500"`
	}
	type secretAnswer struct {
		Body struct {
			Secret string `json:"secret" doc:"仅此一次 Told once"`
		}
	}
	do(s, access.AppEdit, http.MethodPost, "/api/v1/apps/{id}/secret", "newSecret", "identity", "更换密钥 A new secret",
		func(ctx context.Context, in *secretQuery) (*secretAnswer, error) {
			a := &secretAnswer{}
			var err error
			if a.Body.Secret, err = apps().NewSecret(ctx, by(ctx, in.Why), in.ID, in.Cut); err != nil {
				return nil, s.failed(ctx, "make a secret", err)
			}
			return a, nil
		})
	s.onboardingRoutes(apps)
}

// onboardingRoutes are an application's way through its machine.
func (s *Server) onboardingRoutes(apps func() *provider.Provider) {
	machine := provider.Machine().Name
	item := func(ctx context.Context, id string) (*answered[itemBody], error) {
		a, err := apps().App(ctx, by(ctx, ""), id)
		if err != nil {
			return nil, s.failed(ctx, "find an application", err)
		}
		b, err := s.itemOf(ctx, callerIn(ctx), machine, a.Item(), true)
		if err != nil {
			return nil, s.unflowed(ctx, "read an application's way", err)
		}
		return &answered[itemBody]{b}, nil
	}
	get(s, access.AppView, "/api/v1/apps/{id}/item", "getAppItem", "identity", "接入流程 Where the onboarding stands, and what may follow",
		func(ctx context.Context, in *idPath) (*answered[itemBody], error) { return item(ctx, in.ID) })
	type fire struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Event   string                     `json:"event" maxLength:"64"`
			Version int64                      `json:"version"`
			Input   map[string]json.RawMessage `json:"input,omitempty"`
			Why     string                     `json:"why,omitempty" maxLength:"500"`
		}
	}
	do(s, access.AppView, http.MethodPost, "/api/v1/apps/{id}/events", "moveApp", "identity", "办理接入 Move an application on",
		func(ctx context.Context, in *fire) (*answered[itemBody], error) {
			a, err := apps().App(ctx, by(ctx, ""), in.ID)
			if err != nil {
				return nil, s.failed(ctx, "find an application", err)
			}
			_, err = s.Flow.Fire(ctx, actor(callerIn(ctx)), flow.Command{Machine: machine, ID: a.Item(), Event: flow.Event(in.Body.Event),
				Version: in.Body.Version, Input: in.Body.Input, Why: in.Body.Why})
			if err != nil {
				return nil, s.unflowed(ctx, "move an application on", err)
			}
			return item(ctx, in.ID)
		})
	type requestAnswer struct{ Body provider.Request }
	get(s, public, "/api/v1/sign-in/requests/{id}", "getSignInRequest", "identity", "应用的登录请求 Which application asks for a sign-in",
		func(ctx context.Context, in *idPath) (*requestAnswer, error) {
			r, err := apps().AuthRequest(ctx, in.ID)
			if err != nil {
				return nil, s.unapproved(ctx, err)
			}
			return &requestAnswer{r}, nil
		})
}

func (s *Server) unapproved(ctx context.Context, err error) error {
	if errors.Is(err, provider.ErrNoRequest) {
		return problem.New(http.StatusNotFound, "登录请求已失效，请回到应用重新开始 / the request is over: begin again at the application")
	}
	return s.failed(ctx, "answer a sign-in request", err)
}

// signInPage serves the sign-in. Who is signed in already goes on: to the
// application that asks (?request=), or to where they came from (?next=).
func (s *Server) signInPage(index http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := CallerOf(r)
		request := r.URL.Query().Get("request")
		if request == "" || s.Identity == nil || s.Identity.Apps == nil {
			index(w, r)
			return
		}
		to, err := s.approve(r, c, request)
		switch {
		case err != nil:
			// The page tells what is wrong: it asks for the request itself.
			index(w, r)
		case to == "":
			index(w, r)
		default:
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
	}
}

// approve answers an application's request for who is signed in; "" when the
// person must do something first.
func (s *Server) approve(r *http.Request, c Caller, request string) (to string, err error) {
	apps := s.Identity.Apps
	asked, err := apps.AuthRequest(r.Context(), request)
	if err != nil {
		return "", err
	}
	if c.signed != nil && c.Pending == "" {
		amr := []string{provider.Password}
		if c.signed.Strong {
			amr = append(amr, provider.Multi)
		}
		to, err = apps.Approve(provider.From(r.Context(), c.From), request, c.ID, c.Session, c.signed.Since, amr)
		if err == nil || !errors.Is(err, provider.ErrAgain) {
			return to, err
		}
	}
	if asked.Silent {
		return apps.Deny(provider.From(r.Context(), c.From), request, provider.LoginRequired)
	}
	return "", nil
}
