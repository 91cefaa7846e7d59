package provider

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// userinfo answers what an access token tells of its person (OpenID Connect
// Core 1.0 §5.3).
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	bearer := ""
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		bearer = strings.TrimSpace(token)
	} else if r.Method == http.MethodPost {
		bearer = r.PostFormValue("access_token")
	}
	a, s, err := p.access(r.Context(), bearer)
	if err == nil && !slices.Contains(a.Scopes, ScopeOpenID) {
		refuseBearer(w, http.StatusForbidden, "insufficient_scope")
		return
	}
	if errors.Is(err, ErrToken) {
		refuseBearer(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	claims := map[string]any{"sub": a.Subject, "acr": acrOf(s.AMR), "amr": s.AMR}
	if err == nil && slices.Contains(a.Scopes, ScopeProfile) {
		var name, login, org, path, region string
		err = p.pool.QueryRow(r.Context(), `select p.name, p.login, o.name, o.path, o.region from identity.person p join identity.org o on o.id = p.org
			where 'person:' || p.id = $1`, a.Subject).Scan(&name, &login, &org, &path, &region)
		if errors.Is(err, pgx.ErrNoRows) {
			refuseBearer(w, http.StatusUnauthorized, "invalid_token")
			return
		}
		claims["name"], claims["preferred_username"], claims["org"], claims["org_path"], claims["region"] = name, login, org, path, region
	}
	if err != nil {
		p.log.Error("userinfo", "error", err)
		http.Error(w, "the provider cannot answer now", http.StatusInternalServerError)
		return
	}
	writeJSON(w, claims)
}

func refuseBearer(w http.ResponseWriter, status int, code string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="OneCity", error="`+code+`"`)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code}) // nobody is left to tell
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // nobody is left to tell
}
