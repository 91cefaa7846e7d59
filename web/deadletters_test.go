package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"testing"
	"time"

	"onecity/ingest"
	"onecity/ingest/feeds"
	"onecity/streams"
)

func TestADeadLetterIsMendedSentAgainAndGone(t *testing.T) {
	w := newTown(t, townOptions{})
	w.settle()
	why, err := json.Marshal([]ingest.Problem{{Field: "/value", Code: ingest.CodeMalformed, Message: "不是数 / not a number"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.broker.Bury(t.Context(), streams.DeadLetter{At: time.Now(), Way: "mqtt", Source: "west/telemetry",
			Body: []byte(`{"values":{"pm2_5":"9,5"}}`), Why: why}); err != nil {
			t.Fatal(err)
		}
	}
	list := func() []any {
		v := w.expect("GET", "/api/v1/dead-letters", "", 200).json(t)
		letters := v["letters"].([]any)
		if v["total"] != float64(len(letters)) {
			t.Errorf("a total of %v for %d letters", v["total"], len(letters))
		}
		return letters
	}
	letters := list()
	if len(letters) != 2 {
		t.Fatalf("%d letters", len(letters))
	}
	first := letters[0].(map[string]any)
	if first["body"] != `{"values":{"pm2_5":"9,5"}}` || first["problems"].([]any)[0].(map[string]any)["code"] != "malformed" {
		t.Errorf("the letter: %v", first)
	}
	path := fmt.Sprintf("/api/v1/dead-letters/%v", first["seq"])
	w.expect("POST", path+"/resend", "", 422) // as it was: it stays
	if n := len(list()); n != 2 {
		t.Fatalf("%d letters after one was refused again", n)
	}
	w.expect("POST", path+"/resend", fmt.Sprintf(`{"time":%q,"values":{"pm2_5":9.5}}`, time.Now().Format(time.RFC3339)), 200)
	w.awaitEnd()
	d := w.expect("GET", "/api/v1/devices/west", "", 200).json(t)
	if v := d["datastreams"].([]any)[0].(map[string]any)["value"]; v != 9.5 {
		t.Errorf("the mended value is %v", v)
	}
	left := list()
	if len(left) != 1 {
		t.Fatalf("%d letters are left", len(left))
	}
	w.expect("DELETE", fmt.Sprintf("/api/v1/dead-letters/%v", left[0].(map[string]any)["seq"]), "", 204)
	if n := len(list()); n != 0 {
		t.Errorf("%d letters after the last was given up", n)
	}
	w.expect("POST", path+"/resend", "", 404)
}

// form is a multipart form with one file.
func form(t *testing.T, field, name string, content []byte) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), m.FormDataContentType()
}

const contract = `{"id":"air","name":"空气","nameEn":"Air","department":"生态环境局","timeZone":"Asia/Shanghai",
	"columns":[{"name":"站号","type":"text","required":true},{"name":"时间","type":"time","required":true},{"name":"PM2.5","type":"number","unit":"ug/m3"}],
	"key":["站号","时间"],
	"target":{"kind":"observations","id":"站号","time":"时间","values":[{"column":"PM2.5","property":"pm2_5"}]}}`

func TestAFeedIsUploadedGoodRowsGoInAndBadOnesBecomeLetters(t *testing.T) {
	w := newTown(t, townOptions{contracts: []string{contract}})
	w.settle()
	at := time.Now().Add(-time.Minute).In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05")
	table := "站号,时间,PM2.5\nwest," + at + ",31.5\nnobody," + at + ",1\n"
	body, ct := form(t, "file", "a.csv", []byte(table))
	r := w.expect("POST", "/api/v1/feeds/air/uploads", body, 200, "Content-Type", ct).json(t)
	if r["rows"] != 2.0 || r["accepted"] != 1.0 || r["rejected"] != 1.0 || len(r["problems"].([]any)) != 1 {
		t.Errorf("the report: %v", r)
	}
	if n := w.expect("GET", "/api/v1/dead-letters", "", 200).json(t)["total"]; n != 1.0 {
		t.Errorf("%v dead letters", n)
	}
	list := w.expect("GET", "/api/v1/feeds", "", 200).json(t)["feeds"].([]any)
	if last, _ := list[0].(map[string]any)["last"].(map[string]any); last["accepted"] != 1.0 {
		t.Errorf("the list: %v", list)
	}
	w.expect("POST", "/api/v1/feeds/water/uploads", body, 404, "Content-Type", ct)
	w.expect("POST", "/api/v1/feeds/air/uploads", "a,b", 400, "Content-Type", "text/csv")
	other, ct := form(t, "photo", "a.csv", []byte(table))
	w.expect("POST", "/api/v1/feeds/air/uploads", other, 422, "Content-Type", ct)
	rubbish, ct := form(t, "file", "a.csv", []byte("x,y\n1,2\n"))
	w.expect("POST", "/api/v1/feeds/air/uploads", rubbish, 422, "Content-Type", ct)
	large, ct := form(t, "file", "a.csv", make([]byte, feeds.MaxFile+2<<20))
	w.expect("POST", "/api/v1/feeds/air/uploads", large, 413, "Content-Type", ct)
}
