package cityapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"onecity/cim"
)

// at answers every request with fn.
func at(t *testing.T, fn http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(fn)
	t.Cleanup(s.Close)
	return New(s.URL+"/", "/test")
}

func TestARefusalTellsItsStatusAndTheCodesOfItsProblems(t *testing.T) {
	c := at(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		io.WriteString(w, `{"title":"全部未被接受","errors":[{"code":"unknown-device"},{"code":"future-time"}]}`)
	})
	_, err := c.Observe(t.Context(), []cim.Observation{{Device: "d"}})
	var no *Refused
	if !errors.As(err, &no) || !reflect.DeepEqual(no.Codes, []string{"unknown-device", "future-time"}) || !IsRefused(err, 422) || IsRefused(err, 400) {
		t.Errorf("%v", err)
	}
}

func TestALongAnswerInChineseIsCutBetweenCharacters(t *testing.T) {
	c := at(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, "a"+strings.Repeat("长", 500))
	})
	_, err := c.City(t.Context())
	if err == nil || len(err.Error()) > 400 || strings.ContainsRune(err.Error(), '\uFFFD') {
		t.Errorf("%v", err)
	}
}

func TestAServerThatIsNotThereIsNoRefusal(t *testing.T) {
	c := at(t, func(http.ResponseWriter, *http.Request) {})
	c.base = "http://127.0.0.1:1"
	if _, err := c.City(t.Context()); err == nil || IsRefused(err, 0) {
		t.Errorf("%v", err)
	}
}

func TestManyDevicesAreRegisteredInParts(t *testing.T) {
	var sizes []int
	c := at(t, func(w http.ResponseWriter, r *http.Request) {
		var b struct {
			Source  string
			Devices []cim.Device
		}
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil || b.Source != "/test" || r.URL.Path != "/api/v1/devices" {
			t.Errorf("%s from %q: %v", r.URL.Path, b.Source, err)
		}
		sizes = append(sizes, len(b.Devices))
		fmt.Fprintf(w, `{"accepted":%d,"credentials":[{"id":%q,"password":"p"}]}`, len(b.Devices), b.Devices[0].ID)
	})
	list := make([]cim.Device, 2500)
	for i := range list {
		list[i].ID = fmt.Sprint("d", i)
	}
	passwords, err := c.Devices(t.Context(), list)
	if err != nil || !reflect.DeepEqual(sizes, []int{1000, 1000, 500}) || len(passwords) != 3 || passwords["d2000"] != "p" {
		t.Errorf("%v in %v, %v", passwords, sizes, err)
	}
}

func TestAPartlyRefusedRegistrationIsAnError(t *testing.T) {
	c := at(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"accepted":1,"problems":[{"item":1,"code":"outside-city"}]}`)
	})
	if _, err := c.Units(t.Context(), make([]cim.Unit, 2)); err == nil || !strings.Contains(err.Error(), "1 of 2 accepted: [outside-city]") {
		t.Errorf("%v", err)
	}
}

func TestAllPagesOfOpenIncidentsAreRead(t *testing.T) {
	c := at(t, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("after") == "" {
			io.WriteString(w, `{"incidents":[{"id":"a"},{"id":"b"}],"next":"b"}`)
			return
		}
		io.WriteString(w, `{"incidents":[{"id":"c"}]}`)
	})
	all, err := c.OpenIncidents(t.Context())
	if err != nil || len(all) != 3 || all[2].ID != "c" {
		t.Errorf("%v, %v", all, err)
	}
}

func TestAReportCarriesItsKeyAndNeedsAnID(t *testing.T) {
	empty := false
	c := at(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != "k" || r.PostFormValue("service_code") != "E0101" {
			t.Errorf("%v %v", r.Header, r.PostForm)
		}
		if empty {
			io.WriteString(w, `[]`)
			return
		}
		io.WriteString(w, `[{"service_request_id":"KS-1"}]`)
	})
	form := url.Values{"service_code": {"E0101"}}
	if id, err := c.Report(t.Context(), "k", form); err != nil || id != "KS-1" {
		t.Errorf("%q, %v", id, err)
	}
	empty = true
	if _, err := c.Report(t.Context(), "k", form); err == nil {
		t.Error("an answer without an id was taken")
	}
}
