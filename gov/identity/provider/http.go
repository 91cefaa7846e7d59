package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"onecity/gov/identity"
	"onecity/internal/audit"

	"github.com/jackc/pgx/v5"
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
	if path == pathToken && r.Method != http.MethodOptions {
		p.token(w, r)
		return
	}
	p.handler.ServeHTTP(w, r)
}

// token gives tokens; what is refused is in the log.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	seen := &peek{ResponseWriter: w}
	switch grant := r.PostFormValue("grant_type"); grant {
	case grantCode, grantRefresh, grantService, "":
		r.Form = r.PostForm // a secret does not belong in an address
		p.handler.ServeHTTP(seen, r)
	default:
		op.RequestError(seen, r, oidc.ErrUnsupportedGrantType().WithDescription("this grant_type is not supported"), nil)
	}
	if seen.status >= http.StatusBadRequest {
		p.refusedToken(r, seen.body.Bytes())
	}
}

// peek remembers an answer that says no.
type peek struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (w *peek) WriteHeader(status int) {
	w.status = status
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="OneCity"`)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *peek) Write(b []byte) (int, error) {
	if w.status >= http.StatusBadRequest && w.body.Len() < 4096 {
		w.body.Write(b[:min(len(b), 4096)])
	}
	return w.ResponseWriter.Write(b)
}

func (p *Provider) refusedToken(r *http.Request, answer []byte) {
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(answer, &said) // what cannot be read is not told
	id, _, ok := r.BasicAuth()
	if !ok {
		id = r.PostFormValue("client_id")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 5*time.Second)
	defer cancel()
	e := audit.Entry{Actor: "nobody", Action: "identity.oidc.token", Outcome: audit.Refused,
		Detail: told(map[string]any{"grant": r.PostFormValue("grant_type"), "error": said.Error, "description": said.Description})}
	a, err := p.app(ctx, p.pool, id, "")
	if err == nil {
		e.Actor, e.Object = a.Subject(), a.Subject()
	} else if errors.Is(err, identity.ErrNotFound) {
		err, a.ID = nil, ""
	}
	if err == nil {
		err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error { return p.write(ctx, tx, a.ID, e) })
	}
	if err != nil {
		p.log.Error("a refused token could not be logged", "error", err)
	}
}
