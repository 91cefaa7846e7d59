package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/rs/cors"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The protocol's addresses under the issuer.
const (
	pathDiscovery  = "/.well-known/openid-configuration"
	pathAuthorize  = "/authorize"
	pathToken      = "/token"
	pathUserinfo   = "/userinfo"
	pathRevoke     = "/revoke"
	pathIntrospect = "/introspect"
	pathEndSession = "/end_session"
	pathKeys       = "/keys"
)

const maxBody = 64 << 10

// newOP sets the protocol up: what of it is served is in ServeHTTP.
func newOP(p *Provider) (*op.Provider, error) {
	u, err := url.Parse(p.o.Base)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the base %q is no address such as https://city.example.cn", p.o.Base)
	}
	options := []op.Option{
		op.WithCustomEndpoints(op.NewEndpoint(pathAuthorize), op.NewEndpoint(pathToken), op.NewEndpoint(pathUserinfo),
			op.NewEndpoint(pathRevoke), op.NewEndpoint(pathEndSession), op.NewEndpoint(pathKeys)),
		op.WithCustomIntrospectionEndpoint(op.NewEndpoint(pathIntrospect)),
		op.WithAccessTokenVerifierOpts(op.WithSupportedAccessTokenSigningAlgorithms("ES256")),
		op.WithIDTokenHintVerifierOpts(op.WithSupportedIDTokenHintSigningAlgorithms("ES256")),
		op.WithIDTokenHintKeySet(hintKeys{p}),
		op.WithCORSOptions(nil), // see routes
	}
	if u.Scheme == "http" && loopback(u.Hostname()) {
		options = append(options, op.WithAllowInsecure())
	}
	config := &op.Config{CodeMethodS256: true, AuthMethodPost: true, GrantTypeRefreshToken: true, DefaultLogoutRedirectURI: p.o.SignedOut}
	for i, b := range digest(random()) { // seals nothing that we give out
		config.CryptoKey[i] = b
	}
	return op.NewProvider(config, &storage{p}, op.StaticIssuer(p.Issuer()), options...)
}

// discovery is the provider's description of itself (OpenID Connect Discovery
// 1.0 §3): what is served, and nothing else.
func (p *Provider) discovery() *oidc.DiscoveryConfiguration {
	at := func(path string) string { return p.Issuer() + path }
	confidential := []oidc.AuthMethod{oidc.AuthMethodBasic, oidc.AuthMethodPost}
	all := []oidc.AuthMethod{oidc.AuthMethodBasic, oidc.AuthMethodPost, oidc.AuthMethodNone}
	return &oidc.DiscoveryConfiguration{
		Issuer:                p.Issuer(),
		AuthorizationEndpoint: at(pathAuthorize), TokenEndpoint: at(pathToken), UserinfoEndpoint: at(pathUserinfo), JwksURI: at(pathKeys),
		RevocationEndpoint: at(pathRevoke), IntrospectionEndpoint: at(pathIntrospect), EndSessionEndpoint: at(pathEndSession),
		ScopesSupported:                           Scopes,
		ResponseTypesSupported:                    []string{string(oidc.ResponseTypeCode)},
		ResponseModesSupported:                    []string{string(oidc.ResponseModeQuery)},
		GrantTypesSupported:                       []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeClientCredentials},
		ACRValuesSupported:                        []string{OneFactor, TwoFactors},
		SubjectTypesSupported:                     []string{"public"},
		IDTokenSigningAlgValuesSupported:          []string{"ES256"},
		TokenEndpointAuthMethodsSupported:         all,
		RevocationEndpointAuthMethodsSupported:    all,
		IntrospectionEndpointAuthMethodsSupported: []oidc.AuthMethod{confidential[0]},
		ClaimsSupported: []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid", "at_hash", "c_hash",
			"name", "preferred_username", "org", "org_path", "region"},
		CodeChallengeMethodsSupported: []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
	}
}

// routes are the library's, but for what we know better. Pages of any origin
// may fetch tokens and keys; no cookie goes along.
func (p *Provider) routes() http.Handler {
	open := cors.New(cors.Options{AllowedOrigins: []string{"*"}, AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Authorization", "Content-Type"}, MaxAge: 600})
	mux := http.NewServeMux()
	about := p.discovery()
	mux.Handle(pathDiscovery, open.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, about) })))
	mux.Handle(pathUserinfo, open.Handler(http.HandlerFunc(p.userinfo)))
	for _, path := range []string{pathToken, pathRevoke, pathKeys} {
		mux.Handle(path, open.Handler(p.op))
	}
	for _, path := range []string{pathAuthorize, pathIntrospect, pathEndSession} {
		mux.Handle(path, p.op)
	}
	return http.StripPrefix(strings.TrimSuffix(Mount, "/"), mux)
}

// ServeHTTP answers the protocol's requests; it is mounted at Mount, with the
// path as it came.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from := address(r)
	if p.o.From != nil {
		from = p.o.From(r)
	}
	ctx := From(r.Context(), from)
	path := strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(Mount, "/"))
	switch path {
	case pathDiscovery, pathKeys:
		w.Header().Set("Cache-Control", "public, max-age=300")
	case pathAuthorize, pathEndSession:
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	case pathToken, pathUserinfo, pathRevoke, pathIntrospect:
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		ctx = context.WithValue(ctx, tokenKey{}, true)
	default: // the protocol's library has more than we serve
		http.NotFound(w, r)
		return
	}
	r = r.WithContext(ctx)
	switch {
	case r.Method == http.MethodOptions:
	case path == pathAuthorize:
		p.watched(w, r, "identity.oidc.authorize", p.handler)
		return
	case path == pathToken:
		p.watched(w, r, "identity.oidc.token", http.HandlerFunc(p.token))
		return
	case path == pathRevoke:
		p.watched(w, r, "identity.oidc.revoke", p.posted(p.handler))
		return
	case path == pathIntrospect:
		p.watched(w, r, "identity.oidc.introspect", p.posted(p.handler))
		return
	}
	p.handler.ServeHTTP(w, r)
}

// posted takes forms only: a secret does not belong in an address.
func (p *Provider) posted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", "POST")
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		if err := r.ParseForm(); err != nil {
			op.RequestError(w, r, oidc.ErrInvalidRequest().WithDescription("the form cannot be read"), nil)
			return
		}
		r.Form = r.PostForm
		h.ServeHTTP(w, r)
	})
}

// token gives tokens.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.posted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.PostForm.Get("grant_type") {
		case grantCode, grantRefresh, grantService, "":
			p.handler.ServeHTTP(w, r)
		default:
			op.RequestError(w, r, oidc.ErrUnsupportedGrantType().WithDescription("this grant_type is not supported"), nil)
		}
	})).ServeHTTP(w, r)
}
