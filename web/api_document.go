package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// publishAPI writes the OpenAPI document, after every route was declared, and
// serves it. /docs, a page of the front end, shows it.
func (s *Server) publishAPI() error {
	doc := s.api.OpenAPI()
	asJSON, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return fmt.Errorf("write the OpenAPI document: %w", err)
	}
	asYAML, err := doc.YAML()
	if err != nil {
		return fmt.Errorf("write the OpenAPI document as YAML: %w", err)
	}
	serve := func(pattern, contentType string, body []byte) {
		s.mux.HandleFunc(pattern, s.needs(signedIn, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.Header().Set("Cache-Control", "no-cache")
			_, _ = w.Write(body) // the reader has gone when this fails
		}))
	}
	serve("GET /openapi.json", "application/openapi+json", asJSON)
	serve("GET /openapi.yaml", "application/openapi+yaml", asYAML)
	return nil
}
