package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"onecity/gov/incident"
	"onecity/gov/incident/evidence"
	"onecity/gov/incident/forms"
	"onecity/internal/audit"
	"onecity/streams"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// formTown is a town where documents are filled in, kept in a real store, and
// linked to a real chain of evidence.
func formTown(t *testing.T) (*town, *pgxpool.Pool) {
	t.Helper()
	var chain *evidence.Chain
	w, pool := caseTownWith(t, incident.Options{Kept: func(ctx context.Context, tx pgx.Tx, c incident.Case, p incident.Proof) error {
		return chain.Append(ctx, tx, c, p)
	}})
	if err := audit.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(t.Context(), pool, audit.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	chain, err = evidence.Open(t.Context(), pool, log, func(ctx context.Context, media string) ([]byte, error) {
		body, _, err := w.broker.Media(ctx, strings.TrimPrefix(media, "/media/"))
		if errors.Is(err, streams.ErrGone) {
			err = errors.Join(evidence.ErrGone, err)
		}
		return body, err
	})
	if err != nil {
		t.Fatal(err)
	}
	templates, err := forms.Standard()
	if err != nil {
		t.Fatal(err)
	}
	w.server.Forms = forms.New(forms.Options{Templates: templates, Cases: w.server.Cases, Media: w.broker, Chain: chain})
	w.report("c-west", false)
	return w, pool
}

// correctionOf is a 责令改正通知书 that is filled in; more replaces values.
func correctionOf(t *testing.T, id string, more map[string]any) string {
	t.Helper()
	values := map[string]any{"party": "某施工单位", "partyKind": "企业", "place": "前进路", "found": "占用城市道路堆放物料", "rule": "《城市道路管理条例》", "way": "限期改正",
		"until": "2026-11-27", "demand": "清除堆放物", "officer": "王敏", "officerId": "Z-1", "second": "李强", "date": "2026-11-24",
		"refusal": "当事人拒绝签名", "officerSign": [][][]int{{{10, 20}, {30, 40}}}}
	maps.Copy(values, more)
	body, err := json.Marshal(map[string]any{"id": id, "template": "correction", "values": values})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// The officers of the tests.
var (
	westOfficer = []string{"X-Role", "enforcer", "X-Region", atWest}
	eastOfficer = []string{"X-Role", "enforcer", "X-Region", atEast}
)

func TestADocumentIsFilledInPrintedAndHoldsWhatWasTypedAsText(t *testing.T) {
	w, _ := formTown(t)
	list := w.expect("GET", "/api/v1/form-templates", "", 200, westOfficer...).json(t)["templates"].([]any)
	if len(list) < 4 {
		t.Errorf("%d templates", len(list))
	}
	const path = "/api/v1/cases/c-west/forms"
	evil := `</script><script>alert(1)</script><img src=x onerror=alert(2)>`
	body := correctionOf(t, "f-1", map[string]any{"party": evil})
	proof := w.expect("POST", path, body, 200, westOfficer...).json(t)
	if proof["phase"] != "form" || proof["by"] != "person:"+westOfficer[1] {
		t.Errorf("it is kept as %v", proof)
	}
	if again := w.expect("POST", path, body, 200, westOfficer...).json(t); again["sha256"] != proof["sha256"] {
		t.Error("sent again it is another document")
	}
	sheet := w.expect("GET", path+"/f-1", "", 200, westOfficer...)
	if kind := sheet.header.Get("Content-Type"); kind != forms.ContentType {
		t.Errorf("it is sent as %s", kind)
	}
	policy := sheet.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "sandbox") || strings.Contains(policy, "allow-scripts") {
		t.Errorf("its policy is %q", policy)
	}
	if bytes.Contains(sheet.body, []byte("<script>alert")) || bytes.Contains(sheet.body, []byte("<img")) || !bytes.Contains(sheet.body, []byte("&lt;img")) {
		t.Error("what was typed became markup, or is not there")
	}
}

func TestEachFieldThatIsWrongIsNamedOverHTTP(t *testing.T) {
	w, _ := formTown(t)
	const path = "/api/v1/cases/c-west/forms"
	p := w.expect("POST", path, correctionOf(t, "f-1", map[string]any{"party": " ", "partyKind": "外星人", "until": "2026-02-30", "nobody": 1,
		"officer": strings.Repeat("长", 41)}), 422, westOfficer...).json(t)
	got := map[string]string{}
	for _, e := range p["errors"].([]any) {
		e := e.(map[string]any)
		got[fmt.Sprint(e["field"])] = fmt.Sprint(e["code"])
	}
	want := map[string]string{"/values/party": "missing", "/values/partyKind": "invalid", "/values/until": "invalid", "/values/nobody": "unknown", "/values/officer": "too-long"}
	if !maps.Equal(got, want) {
		t.Errorf("it names %v, not %v", got, want)
	}
	w.expect("POST", path, correctionOf(t, "../f", nil), 422, westOfficer...)
	w.expect("POST", path, `{"id":"f-1","template":"poem","values":{}}`, 422, westOfficer...)
	w.expect("GET", path+"/f-1", "", 404, westOfficer...) // nothing of it was kept
}

func TestDocumentsOfElsewhereAreNeitherFilledInNorRead(t *testing.T) {
	w, _ := formTown(t)
	const path = "/api/v1/cases/c-west/forms"
	w.expect("POST", path, correctionOf(t, "f-1", nil), 404, eastOfficer...)
	w.expect("POST", path, correctionOf(t, "f-1", nil), 403, "X-Role", "leader", "X-Region", atWest)
	w.expect("POST", path, correctionOf(t, "f-1", nil), 200, westOfficer...)
	w.expect("GET", path+"/f-1", "", 404, eastOfficer...)
	w.expect("GET", "/api/v1/cases/c-west/evidence", "", 404, eastOfficer...)
	w.expect("GET", path+"/f-1", "", 401, "X-Role", "nobody")
}

func TestEvidenceThatSomebodyHasTouchedIsNamed(t *testing.T) {
	w, pool := formTown(t)
	for _, id := range []string{"f-1", "f-2"} {
		w.expect("POST", "/api/v1/cases/c-west/forms", correctionOf(t, id, nil), 200, westOfficer...)
	}
	check := func() (bool, map[string][]string) {
		t.Helper()
		r := w.expect("GET", "/api/v1/cases/c-west/evidence", "", 200, westOfficer...).json(t)
		faults := map[string][]string{}
		for _, l := range r["links"].([]any) {
			l := l.(map[string]any)
			for _, f := range l["faults"].([]any) {
				faults[l["proof"].(string)] = append(faults[l["proof"].(string)], f.(map[string]any)["code"].(string))
			}
		}
		return r["whole"].(bool), faults
	}
	if whole, faults := check(); !whole || len(faults) != 0 {
		t.Errorf("untouched it is whole: %v, %v", whole, faults)
	}
	if _, err := pool.Exec(t.Context(), `update incident.proof set taken = taken - interval '1 hour' where id = 'f-2'`); err != nil {
		t.Fatal(err)
	}
	if whole, faults := check(); whole || len(faults) != 1 || fmt.Sprint(faults["f-2"]) != "["+evidence.ProofAltered+"]" {
		t.Errorf("whole: %v, %v", whole, faults)
	}
}
