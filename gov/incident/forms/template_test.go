package forms

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// full is a value for every field of a template.
func full(t *Template) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, f := range t.Fields {
		if f.Name == "refusal" {
			continue
		}
		v := `"某项 <b>内容</b>"`
		switch f.Kind {
		case Choice:
			v = string(must(json.Marshal(f.Choices[0])))
		case Many:
			v = string(must(json.Marshal(f.Choices[:1])))
		case Date:
			v = `"2026-11-24"`
		case Moment:
			v = `"2026-11-24T15:04"`
		case Number:
			v = `3`
		case Signature:
			v = `[[[10,20],[30,40]],[[500,200]]]`
		}
		out[f.Name] = json.RawMessage(v)
	}
	return out
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var doc = Document{No: "昆-20261124-00017-责改-7F3A", Case: "昆-20261124-00017", Authority: "某市综合行政执法局", ID: "f1", By: "王敏",
	At: time.Date(2026, 11, 24, 15, 4, 5, 0, time.FixedZone("", 8*3600))}

func TestEveryTemplateThatComesWithTheProgramCanBeFilledInAndPrinted(t *testing.T) {
	list := must(Standard())
	if len(list) < 4 {
		t.Fatalf("%d templates", len(list))
	}
	for i := range list {
		tpl := &list[i]
		body := string(must(tpl.Render(full(tpl), doc)))
		for _, want := range []string{tpl.ZH, doc.No, doc.Authority, "示例文书", "@page", "M10 20L30 40M500 200h1"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the document does not hold %q", tpl.Code, want)
			}
		}
		if strings.Contains(body, "{") && strings.Contains(body, "{party}") {
			t.Errorf("%s: a place was left open", tpl.Code)
		}
		if again := string(must(tpl.Render(full(tpl), doc))); again != body {
			t.Errorf("%s: the same values made another document", tpl.Code)
		}
	}
}

func TestWhatIsWrittenIntoAFieldStaysText(t *testing.T) {
	tpl := correction(t)
	v := full(tpl)
	v["party"] = json.RawMessage(`"</script><script>alert(1)</script><img src=x onerror=alert(2)>"`)
	body := string(must(tpl.Render(v, doc)))
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "<img") {
		t.Error("a value became markup")
	}
	if strings.Count(body, "</script>") != 1 {
		t.Error("a value ended the data of the document")
	}
}

func TestADocumentHoldsTheValuesItWasMadeOf(t *testing.T) {
	tpl := correction(t)
	body := string(must(tpl.Render(full(tpl), doc)))
	_, data, _ := strings.Cut(body, `<script type="application/json" id="form">`)
	data, _, _ = strings.Cut(data, "</script>")
	var got struct {
		Template string
		Values   map[string]any
	}
	if err := json.Unmarshal([]byte(data), &got); err != nil || got.Template != "correction" || got.Values["until"] != "2026-11-24" {
		t.Errorf("%v: %+v", err, got)
	}
}

func correction(t *testing.T) *Template {
	t.Helper()
	s := New(Options{Templates: must(Standard())})
	return must(s.template("correction"))
}

func TestEveryFieldThatIsWrongIsNamedWithWhy(t *testing.T) {
	tpl := correction(t)
	for _, c := range []struct{ field, value, code string }{
		{"party", ``, codeMissing},
		{"party", `"  "`, codeMissing},
		{"party", `7`, codeInvalid},
		{"party", `"两\n行"`, codeInvalid},
		{"party", `"a\u0000b"`, codeInvalid},
		{"party", fmt.Sprintf("%q", strings.Repeat("长", 81)), codeLong},
		{"partyKind", `"外星人"`, codeInvalid},
		{"until", `"2026-02-30"`, codeInvalid},
		{"until", `"明天"`, codeInvalid},
		{"officerSign", `[]`, codeMissing},
		{"officerSign", `[[[1,2,3]]]`, codeInvalid},
		{"officerSign", `[[[1001,0]]]`, codeInvalid},
		{"officerSign", `"M0 0"`, codeInvalid},
		{"partySign", `null`, codeMissing}, // and nothing says why
		{"nobody", `"x"`, codeUnknown},
	} {
		v := full(tpl)
		if c.value == "" {
			delete(v, c.field)
		} else {
			v[c.field] = json.RawMessage(c.value)
		}
		var wrong *Invalid
		err := tpl.Check(v)
		if !errors.As(err, &wrong) || len(wrong.Problems) != 1 || wrong.Problems[0].Field != c.field || wrong.Problems[0].Code != c.code {
			t.Errorf("%s = %s: %v", c.field, c.value, err)
		}
		if wrong != nil && (wrong.Problems[0].ZH == "" || wrong.Problems[0].EN == "") {
			t.Errorf("%s = %s: no words", c.field, c.value)
		}
	}
}

func TestAPartyThatDoesNotSignIsToldOfInstead(t *testing.T) {
	tpl := correction(t)
	v := full(tpl)
	delete(v, "partySign")
	v["refusal"] = json.RawMessage(`"当事人拒绝签名"`)
	body := string(must(tpl.Render(v, doc)))
	if !strings.Contains(body, "未签名情况") || strings.Contains(body, "当事人签名：") {
		t.Error("the document does not say why there is no signature")
	}
}

func TestATemplateThatCannotBeFilledInIsNotTaken(t *testing.T) {
	const frame = `[{"code":"a","version":1,"zh":"甲","en":"A","mark":"甲","source":"own","fields":[%s],"body":[%s]}]`
	field := `{"name":"x","zh":"项","en":"X","kind":"text"}`
	for name, c := range map[string][2]string{
		"a place without a field":    {field, `{"text":"{x}{y}"}`},
		"a field without a place":    {field, `{"text":"nothing"}`},
		"an unknown kind":            {`{"name":"x","zh":"项","en":"X","kind":"blob"}`, `{"text":"{x}"}`},
		"nothing to choose from":     {`{"name":"x","zh":"项","en":"X","kind":"choice"}`, `{"text":"{x}"}`},
		"a field twice":              {field + "," + field, `{"text":"{x}"}`},
		"a signature that is a text": {field, `{"sign":["x"]}`},
		"an unknown member":          {`{"name":"x","zh":"项","en":"X","kind":"text","colour":"red"}`, `{"text":"{x}"}`},
	} {
		if _, err := Read(strings.NewReader(fmt.Sprintf(frame, c[0], c[1]))); !errors.Is(err, ErrTemplate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(strings.NewReader(fmt.Sprintf(frame, field, `{"text":"{x}"}`))); err != nil {
		t.Error(err)
	}
}

// A page for the eye: FORMS_SHOW=/tmp/x go test -run ShownToTheEye writes one file a template.
func TestDocumentsAreShownToTheEye(t *testing.T) {
	dir := os.Getenv("FORMS_SHOW")
	if dir == "" {
		t.Skip("FORMS_SHOW is not set")
	}
	for _, tpl := range must(Standard()) {
		v := full(&tpl)
		for _, f := range tpl.Fields {
			if len(f.Choices) > 0 && f.Kind == Area {
				v[f.Name] = must(json.Marshal(strings.Join(f.Choices, "；\n")))
			}
		}
		if err := os.WriteFile(dir+"/"+tpl.Code+".html", must(tpl.Render(v, doc)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzRender(f *testing.F) {
	list := must(Standard())
	tpl := &list[1]
	f.Add([]byte(`{"party":"x","partySign":[[[1,2]]]}`))
	f.Add(must(json.Marshal(full(tpl))))
	f.Fuzz(func(t *testing.T, body []byte) {
		var v map[string]json.RawMessage
		if json.Unmarshal(body, &v) != nil {
			return
		}
		out, err := tpl.Render(v, doc)
		var wrong *Invalid
		switch {
		case errors.As(err, &wrong):
			if len(wrong.Problems) == 0 {
				t.Error("refused without a reason")
			}
		case err != nil:
			t.Error(err)
		case strings.Count(string(out), "<script") != 1:
			t.Error("a value became markup")
		}
	})
}
