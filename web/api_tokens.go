package web

import (
	"context"
	"net/http"
	"time"

	"onecity/gov/identity/access"
	"onecity/gov/identity/signin"
)

// tokenRoutes are the lasting tokens of applications that cannot sign in by
// OpenID: a chart in another page's frame, an Open311 portal, Prometheus.
func (s *Server) tokenRoutes() {
	// visible is the application, if the caller may view it.
	visible := func(ctx context.Context, id string) (subject string, err error) {
		a, err := s.Identity.Apps.App(ctx, by(ctx, ""), id)
		if err != nil {
			return "", s.failed(ctx, "find an application", err)
		}
		return a.Subject(), nil
	}
	get(s, access.AppView, "/api/v1/apps/{id}/tokens", "listTokens", "identity", "应用的长期令牌 An application's lasting tokens",
		func(ctx context.Context, in *idPath) (*answered[listed[signin.Token]], error) {
			subject, err := visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			list, err := s.Identity.SignIn.Tokens(ctx, by(ctx, ""), subject)
			if err != nil {
				return nil, s.failed(ctx, "list tokens", err)
			}
			return paged(list, 0, nil), nil
		})
	type issueToken struct {
		ID   string `path:"id" maxLength:"40"`
		Body struct {
			Name    string     `json:"name" maxLength:"200" doc:"用途 What it is for"`
			Expires *time.Time `json:"expires,omitempty"`
			Why     string     `json:"why,omitempty" maxLength:"500"`
		}
	}
	type issued struct {
		Body struct {
			signin.Token
			Secret string `json:"secret" doc:"令牌，仅此一次 The token, told once"`
		}
	}
	do(s, access.AppEdit, http.MethodPost, "/api/v1/apps/{id}/tokens", "issueToken", "identity", "签发长期令牌 Issue a lasting token",
		func(ctx context.Context, in *issueToken) (*issued, error) {
			subject, err := visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			a := &issued{}
			a.Body.Token, a.Body.Secret, err = s.Identity.SignIn.Issue(ctx, by(ctx, in.Body.Why),
				signin.Token{Subject: subject, Name: in.Body.Name, Expires: in.Body.Expires})
			if err != nil {
				return nil, s.failed(ctx, "issue a token", err)
			}
			return a, nil
		})
	type revokeToken struct {
		Token string `path:"token" maxLength:"64"`
		ID    string `path:"id" maxLength:"40"`
		Why   string `query:"why" maxLength:"500"`
	}
	do(s, access.AppEdit, http.MethodDelete, "/api/v1/apps/{id}/tokens/{token}", "revokeToken", "identity", "作废令牌 Revoke a token",
		func(ctx context.Context, in *revokeToken) (*struct{}, error) {
			subject, err := visible(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			list, err := s.Identity.SignIn.Tokens(ctx, by(ctx, ""), subject)
			if err != nil {
				return nil, s.failed(ctx, "find a token", err)
			}
			for _, t := range list {
				if t.ID == in.Token {
					return nil, s.orFailed(ctx, "revoke a token", s.Identity.SignIn.Revoke(ctx, by(ctx, in.Why), t.ID))
				}
			}
			return nil, notFound("令牌", in.Token)
		})
}
