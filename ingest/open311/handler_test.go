package open311_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"onecity/cim"
	"onecity/ingest/ingesttest"
	"onecity/ingest/open311"
)

type server struct {
	*ingesttest.City
	url string
}

func start(t *testing.T) server {
	t.Helper()
	c := ingesttest.Start(t)
	mux := http.NewServeMux()
	mux.Handle("/open311/v2/", open311.New(open311.Options{Gate: c.Gate, Media: c.Broker}))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return server{c, s.URL + "/open311/v2"}
}

// get asks for path and reads the answer into v, JSON or XML by the path.
func (s server) get(t *testing.T, path string, status int, v any) {
	t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	s.read(t, resp, status, v)
}

func (s server) read(t *testing.T, resp *http.Response, status int, v any) {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("%s: got %d, want %d: %s", resp.Request.URL, resp.StatusCode, status, body)
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/xml") {
		if !bytes.HasPrefix(body, []byte(`<?xml version="1.0" encoding="UTF-8"?>`)) {
			t.Errorf("no XML declaration: %.60s", body)
		}
		err = xml.Unmarshal(body, v)
	} else {
		err = json.Unmarshal(body, v)
	}
	if err != nil {
		t.Fatalf("%s: %v: %s", resp.Request.URL, err, body)
	}
}

// post sends a form.
func (s server) post(t *testing.T, form url.Values, status int, v any, headers ...string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/requests.json", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	s.read(t, resp, status, v)
}

type receipt struct {
	ID     string `json:"service_request_id" xml:"service_request_id"`
	Notice string `json:"service_notice"`
}

type request struct {
	ID        string  `json:"service_request_id" xml:"service_request_id"`
	Status    string  `json:"status" xml:"status"`
	Name      string  `json:"service_name" xml:"service_name"`
	Code      string  `json:"service_code" xml:"service_code"`
	Requested string  `json:"requested_datetime" xml:"requested_datetime"`
	Expected  string  `json:"expected_datetime" xml:"expected_datetime"`
	Lat       float64 `json:"lat" xml:"lat"`
	Long      float64 `json:"long" xml:"long"`
	Media     string  `json:"media_url" xml:"media_url"`
	Notes     string  `json:"status_notes" xml:"status_notes"`
}

type failure struct {
	Code        string `json:"code" xml:"code"`
	Description string `json:"description" xml:"description"`
}

func lamp() url.Values {
	return url.Values{"service_code": {"C0105"}, "lat": {"31.4"}, "long": {"121"}, "description": {"人民路口路灯不亮"}, "address_string": {"人民路 1 号"}}
}

func TestTheServicesAreListedInBothFormatsAndLanguages(t *testing.T) {
	s := start(t)
	type service struct {
		Code     string `json:"service_code" xml:"service_code"`
		Name     string `json:"service_name" xml:"service_name"`
		Metadata bool   `json:"metadata" xml:"metadata"`
		Type     string `json:"type" xml:"type"`
		Group    string `json:"group" xml:"group"`
	}
	var zh, en []service
	s.get(t, "/services.json", 200, &zh)
	s.get(t, "/services.json?locale=en", 200, &en)
	var x struct {
		XMLName  xml.Name  `xml:"services"`
		Services []service `xml:"service"`
	}
	s.get(t, "/services.xml", 200, &x)
	if len(zh) != len(cim.Classes()) || len(en) != len(zh) || len(x.Services) != len(zh) {
		t.Fatalf("%d, %d, %d services", len(zh), len(en), len(x.Services))
	}
	if zh[0] != x.Services[0] || zh[0].Name == en[0].Name || zh[0].Type != "realtime" || !zh[0].Metadata || zh[0].Group == "" {
		t.Errorf("got %+v, %+v, %+v", zh[0], en[0], x.Services[0])
	}
}

func TestAServiceIsDefined(t *testing.T) {
	s := start(t)
	var d struct {
		Code       string `json:"service_code"`
		Attributes []struct {
			Code   string `json:"code"`
			Values []struct{ Key, Name string }
		} `json:"attributes"`
	}
	s.get(t, "/services/C0105.json", 200, &d)
	if d.Code != "C0105" || len(d.Attributes) != 1 || len(d.Attributes[0].Values) != 4 {
		t.Errorf("got %+v", d)
	}
	var x struct {
		XMLName    xml.Name `xml:"service_definition"`
		Attributes []struct {
			Values []failure `xml:"values>value"`
		} `xml:"attributes>attribute"`
	}
	s.get(t, "/services/C0105.xml", 200, &x)
	if len(x.Attributes) != 1 || len(x.Attributes[0].Values) != 4 {
		t.Errorf("got %+v", x)
	}
	var es []failure
	s.get(t, "/services/X9999.json", 404, &es)
	if len(es) != 1 || es[0].Code != "404" {
		t.Errorf("got %+v", es)
	}
}

func TestAReportIsAnIncidentThatCanBeReadAtOnce(t *testing.T) {
	s := start(t)
	var rs []receipt
	s.post(t, lamp(), 201, &rs)
	if !regexp.MustCompile(`^\d{8}-[0-9A-HJKMNP-TV-Z]{10}$`).MatchString(rs[0].ID) {
		t.Errorf("the id is %q", rs[0].ID)
	}
	var qs []request
	s.get(t, "/requests/"+rs[0].ID+".json", 200, &qs)
	q := qs[0]
	if q.Status != "open" || q.Code != "C0105" || q.Name != "路灯不亮" || q.Lat != 31.4 || q.Long != 121 || q.Notes != "已受理，待立案" {
		t.Errorf("got %+v", q)
	}
	reported, err1 := time.Parse(time.RFC3339, q.Requested)
	due, err2 := time.Parse(time.RFC3339, q.Expected)
	if err1 != nil || err2 != nil || due.Sub(reported) != 24*time.Hour || !strings.HasSuffix(q.Requested, "+08:00") {
		t.Errorf("reported %s, due %s", q.Requested, q.Expected)
	}
	var x struct {
		XMLName  xml.Name  `xml:"service_requests"`
		Requests []request `xml:"request"`
	}
	s.get(t, "/requests/"+rs[0].ID+".xml?locale=en", 200, &x)
	if len(x.Requests) != 1 || x.Requests[0].Name != "Street lamp out" || x.Requests[0].Notes != "reported" {
		t.Errorf("got %+v", x)
	}
}

func TestEverythingThatIsWrongWithAReportIsSaid(t *testing.T) {
	s := start(t)
	for name, tc := range map[string]struct {
		form   url.Values
		status int
		says   []string
	}{
		"nothing":    {url.Values{}, 400, []string{"service_code: ", "lat, long: "}},
		"swapped":    {url.Values{"service_code": {"C0105"}, "lat": {"121"}, "long": {"31.4"}}, 400, []string{"[swapped-lon-lat]"}},
		"outside":    {url.Values{"service_code": {"C0105"}, "lat": {"32"}, "long": {"121"}}, 400, []string{"[outside-city]"}},
		"NaN":        {url.Values{"service_code": {"C0105"}, "lat": {"NaN"}, "long": {"121"}}, 400, []string{"[not-finite]"}},
		"no number":  {url.Values{"service_code": {"C0105"}, "lat": {"here"}, "long": {"121"}}, 400, []string{"lat: 不是数字"}},
		"class":      {url.Values{"service_code": {"Z1"}, "lat": {"31.4"}, "long": {"121"}}, 400, []string{"service_code: 案件类别不存在"}},
		"only a lat": {url.Values{"service_code": {"C0105"}, "lat": {"31.4"}}, 400, []string{"lat, long: 缺少必填项"}},
		"severity":   {url.Values{"service_code": {"C0105"}, "lat": {"31.4"}, "long": {"121"}, "attribute[severity]": {"7"}}, 400, []string{"[out-of-range]"}},
		"too long":   {url.Values{"service_code": {"C0105"}, "lat": {"31.4"}, "long": {"121"}, "description": {strings.Repeat("啊", 4001)}}, 400, []string{"description: 文本过长"}},
	} {
		t.Run(name, func(t *testing.T) {
			var es []failure
			s.post(t, tc.form, tc.status, &es)
			all := ""
			for _, e := range es {
				if e.Code != "400" {
					t.Errorf("code %s", e.Code)
				}
				all += e.Description + "\n"
			}
			for _, want := range tc.says {
				if !strings.Contains(all, want) {
					t.Errorf("got %q, want it to say %q", all, want)
				}
			}
		})
	}
}

func TestTheSameReportFiveTimesIsOneIncident(t *testing.T) {
	s := start(t)
	ids := map[string]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { // at once, as an impatient client does
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/requests.json", strings.NewReader(lamp().Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Idempotency-Key", "phone-7/42")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			var rs []receipt
			if err := json.NewDecoder(resp.Body).Decode(&rs); err != nil || len(rs) != 1 || resp.StatusCode > 201 {
				t.Errorf("%d: %+v, %v", resp.StatusCode, rs, err)
				return
			}
			mu.Lock()
			ids[rs[0].ID] = true
			mu.Unlock()
		})
	}
	all.Wait()
	form := lamp()
	form.Set("client_id", "phone-7/42")
	var rs []receipt
	s.post(t, form, 200, &rs)
	ids[rs[0].ID] = true
	if len(ids) != 1 {
		t.Errorf("it is %v", ids)
	}
	s.Until(t, "the incident is in the city", func(r cim.Reader) bool { return r.Tally("320583").Open > 0 })
	if n := s.Read().Tally("320583").Open; n != 1 {
		t.Errorf("%d incidents are open", n)
	}
}

func TestAReportThatIsSentAgainPastMidnightIsTheSameIncident(t *testing.T) {
	s := start(t)
	zone := time.FixedZone("", 8*3600)
	day := time.Now().In(zone)
	s.Clock.Set(time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 59, 0, zone))
	var before, after []receipt
	s.post(t, lamp(), 201, &before, "Idempotency-Key", "k")
	s.Clock.Set(time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 5, 0, zone))
	s.post(t, lamp(), 200, &after, "Idempotency-Key", "k")
	if before[0].ID != after[0].ID {
		t.Errorf("it is %s and %s", before[0].ID, after[0].ID)
	}
	var others []receipt
	s.post(t, lamp(), 201, &others, "Idempotency-Key", "another")
	if others[0].ID == after[0].ID {
		t.Error("another key is the same incident")
	}
}

func TestWhatIsNotThereIsSaidInTheStandardsForm(t *testing.T) {
	s := start(t)
	var es []failure
	s.get(t, "/requests/nothing.json", 404, &es)
	s.get(t, "/nothing.json", 404, &es)
	var x struct {
		XMLName xml.Name  `xml:"errors"`
		Errors  []failure `xml:"error"`
	}
	s.get(t, "/requests/nothing.xml", 404, &x)
	if len(x.Errors) != 1 || x.Errors[0].Code != "404" {
		t.Errorf("got %+v", x)
	}
	resp, err := http.Post(s.url+"/requests.json", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	s.read(t, resp, 415, &es)
}

func TestDiscoverySaysWhereTheAPIIs(t *testing.T) {
	s := start(t)
	var d struct {
		Endpoints []struct{ URL, Specification string }
	}
	s.get(t, "/discovery.json", 200, &d)
	if len(d.Endpoints) != 1 || d.Endpoints[0].URL != s.url {
		t.Errorf("got %+v", d)
	}
}

func TestAReaderFindsNothingOutsideTheirScope(t *testing.T) {
	c := ingesttest.Start(t)
	h := open311.New(open311.Options{Gate: c.Gate, Media: c.Broker, Scope: func(*http.Request) cim.Scope {
		return cim.Scope{Region: "320583101", Layers: cim.AllLayers, Grade: 255}
	}})
	if err := c.Gate.Incident(t.Context(), "/test", "", cim.Incident{ID: "a", Version: 1, Class: "C0105",
		Status: cim.StatusReported, Severity: 4, Lon: 121, Lat: 31.4, Reported: c.Clock.Now()}); err != nil {
		t.Fatal(err)
	}
	c.Until(t, "it is there", func(r cim.Reader) bool { _, ok := r.Incident("a"); return ok })
	for path, want := range map[string]int{"/open311/v2/requests/a.json": 404, "/open311/v2/requests.json": 200} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want || strings.Contains(w.Body.String(), `"a"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
