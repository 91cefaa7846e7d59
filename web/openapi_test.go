package web

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var update = flag.Bool("update", false, "write the API's document to app/openapi.json, from which the front end makes its types")

// document is the API's document as a reader sees it.
func document(t *testing.T) (raw []byte, doc map[string]any, w *town) {
	t.Helper()
	w = newTown(t, townOptions{})
	r := w.expect("GET", "/openapi.json", "", 200)
	if err := json.Unmarshal(r.body, &doc); err != nil {
		t.Fatal(err)
	}
	return r.body, doc, w
}

func TestTheDocumentIsTheOneThatTheFrontEndWasMadeFrom(t *testing.T) {
	raw, _, _ := document(t)
	const file = "app/openapi.json"
	if *update {
		if err := os.WriteFile(file, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(kept)) != string(raw) {
		t.Errorf("%s is out of date: go test ./web -run TheDocument -update", file)
	}
}

func TestEveryRouteIsInTheDocument(t *testing.T) {
	_, doc, w := document(t)
	paths := doc["paths"].(map[string]any)
	undocumented := regexp.MustCompile(`^GET /(\{\$\}|assets/|openapi\.(json|yaml))?$`)
	page := regexp.MustCompile(`^GET /(` + strings.Join(pages, "|") + `)/?$`)
	n := 0
	for _, pattern := range w.server.mux.patterns {
		if undocumented.MatchString(pattern) || page.MatchString(pattern) {
			continue
		}
		method, path, _ := strings.Cut(pattern, " ")
		item, _ := paths[path].(map[string]any)
		if item[strings.ToLower(method)] == nil {
			t.Errorf("%s is not in the document", pattern)
		}
		n++
	}
	if n < 40 {
		t.Errorf("only %d routes were looked at", n)
	}
}

func TestTheDocumentIsWholeOpenAPI31(t *testing.T) {
	raw, doc, w := document(t)
	if v, _ := doc["openapi"].(string); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("version %q", v)
	}
	for _, ref := range regexp.MustCompile(`"\$ref": ?"([^"]*)"`).FindAllStringSubmatch(string(raw), -1) {
		var at any = doc
		for _, name := range strings.Split(strings.TrimPrefix(ref[1], "#/"), "/") {
			m, _ := at.(map[string]any)
			at = m[name]
		}
		if at == nil {
			t.Errorf("%s leads nowhere", ref[1])
		}
	}
	tagged := map[string]bool{}
	for _, tag := range doc["tags"].([]any) {
		tagged[tag.(map[string]any)["name"].(string)] = true
	}
	ids := map[string]string{}
	inPath := regexp.MustCompile(`\{(\w+)\}`)
	for path, item := range doc["paths"].(map[string]any) {
		for method, o := range item.(map[string]any) {
			op := o.(map[string]any)
			name := method + " " + path
			id, _ := op["operationId"].(string)
			if id == "" || ids[id] != "" {
				t.Errorf("%s: operation id %q is also that of %s", name, id, ids[id])
			}
			ids[id] = name
			summary, _ := op["summary"].(string)
			if !strings.ContainsFunc(summary, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || !regexp.MustCompile(`[A-Za-z]{3}`).MatchString(summary) {
				t.Errorf("%s: the summary is not in Chinese and English: %q", name, summary)
			}
			ts, _ := op["tags"].([]any)
			if len(ts) != 1 || !tagged[ts[0].(string)] {
				t.Errorf("%s: tags %v", name, ts)
			}
			declared := map[string]bool{}
			params, _ := op["parameters"].([]any)
			for _, p := range params {
				m := p.(map[string]any)
				if m["in"] == "path" {
					declared[m["name"].(string)] = true
				}
			}
			for _, m := range inPath.FindAllStringSubmatch(path, -1) {
				if !declared[m[1]] {
					t.Errorf("%s: {%s} is not declared", name, m[1])
				}
				delete(declared, m[1])
			}
			if len(declared) > 0 {
				t.Errorf("%s: declares %v, which are not in the path", name, declared)
			}
			if rs, _ := op["responses"].(map[string]any); len(rs) < 2 {
				t.Errorf("%s: responses %v", name, rs)
			}
		}
	}
	if y := w.expect("GET", "/openapi.yaml", "", 200); !strings.Contains(string(y.body), "openapi: 3.1.") {
		t.Error("the YAML is another document")
	}
	if strings.Contains(string(raw), "unpkg") || strings.Contains(string(raw), "http://") {
		t.Error("the document points outside")
	}
}
