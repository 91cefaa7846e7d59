package open311

import (
	"encoding/xml"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"onecity/cim"
	"onecity/ingest"
	"onecity/streams"
)

// receipt is the answer to a report.
type receipt struct {
	XMLName   xml.Name `json:"-" xml:"request"`
	ID        string   `json:"service_request_id" xml:"service_request_id"`
	Notice    string   `json:"service_notice" xml:"service_notice"`
	AccountID *string  `json:"account_id" xml:"account_id"`
	// Key opens this request, and nothing else, to whoever reported it; see [Owner].
	Key string `json:"report_key,omitempty" xml:"report_key,omitempty"`
}

func (h *handler) receiptOf(status int, in *cim.Incident, en bool) answer {
	c := receipt{ID: in.ID, Notice: "已受理，编号 " + in.ID}
	if h.Owner != nil {
		c.Key = h.Owner.Key(in.ID)
	}
	if en {
		c.Notice = "received as " + in.ID
	}
	list := []receipt{c}
	return answer{status, list, struct {
		XMLName  xml.Name `xml:"service_requests"`
		Receipts []receipt
	}{Receipts: list}}
}

// report takes one report: 201 when it is a new incident and on the disk, 200
// when the client has sent it before.
func (h *handler) report(r *http.Request, _ string) answer {
	if a, ok := readForm(r); !ok {
		return a
	}
	if r.MultipartForm != nil {
		// An error leaves a temporary file behind, which the system clears.
		defer func() { _ = r.MultipartForm.RemoveAll() }()
	}
	en := english(r)
	id, before, told := h.identify(r)
	if told != nil {
		return failProblems(ingest.Problems{*told})
	}
	if before != nil {
		return h.receiptOf(http.StatusOK, before, en)
	}
	in, ps := h.incidentOf(r)
	in.ID = id
	photos, more := readPhotos(r)
	if ps = append(ps, more...); len(ps) > 0 {
		return failProblems(ps)
	}
	for _, p := range photos {
		in.Photos = append(in.Photos, h.MediaBase+p.name)
	}
	// Everything is checked before a photo is stored for it.
	if err := h.For(r).Checking().Incident(r.Context(), source, "", in); err != nil {
		return failed(err)
	}
	for _, p := range photos {
		if err := h.Media.PutMedia(r.Context(), p.name, p.contentType, p.body); err != nil {
			return failed(err)
		}
	}
	err := h.For(r).Incident(r.Context(), source, "", in)
	if errors.Is(err, ingest.ErrConflict) { // the same report, a moment ago
		if stored, ok := h.Gate.FindIncident(id); ok {
			return h.receiptOf(http.StatusOK, &stored, en)
		}
	}
	if err != nil {
		return failed(err)
	}
	return h.receiptOf(http.StatusCreated, &in, en)
}

// source names this way in in the events.
const source = "/open311"

func failed(err error) answer {
	var ps ingest.Problems
	if errors.As(err, &ps) {
		return failProblems(ps)
	}
	switch {
	case errors.Is(err, streams.ErrTooLarge):
		return fail(http.StatusRequestEntityTooLarge, "内容过大 / it is too large: "+err.Error())
	case errors.Is(err, streams.ErrFull):
		return fail(http.StatusInsufficientStorage, "存储空间已满，请稍后重发 / there is no room left, send it again later: "+err.Error())
	}
	return fail(http.StatusServiceUnavailable, "暂时无法保存，请稍后重发 / it could not be stored, send it again later: "+err.Error())
}

// readForm reads the form, urlencoded or multipart, at most maxReport.
func readForm(r *http.Request) (answer, bool) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxReport)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "multipart/form-data":
		err = r.ParseMultipartForm(4 << 20)
	case err == nil && kind == "application/x-www-form-urlencoded":
		err = r.ParseForm()
	default:
		return fail(http.StatusUnsupportedMediaType, "Content-Type: 应为表单 / expected application/x-www-form-urlencoded or multipart/form-data"), false
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fail(http.StatusRequestEntityTooLarge, "报文过大 / the report is too large; expected at most 64 MiB"), false
	}
	if err != nil {
		return fail(http.StatusBadRequest, "表单无法读取 / the form cannot be read: "+err.Error()), false
	}
	return answer{}, true
}

// identify names the incident of a report. With a key of the client's it also
// finds the one that was made of the same report before, today or, for a
// client that tries again past midnight, yesterday.
func (h *handler) identify(r *http.Request) (id string, before *cim.Incident, wrong *ingest.Problem) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		key = r.PostForm.Get("client_id")
	}
	now := h.Gate.Now().In(h.zone())
	if key == "" {
		return newID(now), nil, nil
	}
	if len(key) > 256 {
		return "", nil, &ingest.Problem{Field: "/id", Value: ingest.Shorten(key), Code: ingest.CodeTooLong,
			Message: "客户端编号过长 / the client's id is too long", Expected: "at most 256 bytes"}
	}
	// Two clients may count their reports alike; what tells them apart is the
	// device or the account.
	client := r.PostForm.Get("device_id") + "\x00" + r.PostForm.Get("account_id")
	if h.By != nil {
		client += "\x00" + h.By(r) // or one program would get the receipt of another's report
	}
	id = idOf(now, client, key)
	for _, try := range []string{id, idOf(now.AddDate(0, 0, -1), client, key)} {
		if in, ok := h.Gate.FindIncident(try); ok {
			return try, &in, nil
		}
	}
	return id, nil, nil
}

// incidentOf reads the form's fields.
func (h *handler) incidentOf(r *http.Request) (cim.Incident, ingest.Problems) {
	var ps ingest.Problems
	now := h.Gate.Now()
	in := cim.Incident{
		Version: 1, Class: r.PostForm.Get("service_code"), Title: r.PostForm.Get("title"),
		Description: r.PostForm.Get("description"), Address: r.PostForm.Get("address_string"),
		Status: cim.StatusReported, Severity: 4, Reported: now, Updated: now,
		Channel: channel(r.PostForm.Get("channel")), Simulated: r.PostForm.Get("simulated") == "true",
	}
	if class, ok := cim.ClassOf(in.Class); ok {
		in.Severity, in.Due = class.Severity, in.Reported.Add(class.Limit)
		if in.Title == "" {
			in.Title = class.Name
		}
	} else if in.Class == "" {
		ps = append(ps, missing("/class", "a service_code of services.json"))
	}
	if s := r.PostForm.Get("attribute[severity]"); s != "" {
		n, err := strconv.ParseUint(s, 10, 8)
		if err != nil {
			n = 0 // which the Gate refuses
		}
		in.Severity = uint8(n)
	}
	lon, lonOK := coordinate(r, "long", &ps)
	lat, latOK := coordinate(r, "lat", &ps)
	if in.Lon, in.Lat = lon, lat; !lonOK || !latOK {
		ps = append(ps, missing("/lon,lat", "lat and long in degrees"))
	}
	return in, ps
}

// coordinate reads one; ok is false when it is not there. What is wrong with
// it goes to ps.
func coordinate(r *http.Request, name string, ps *ingest.Problems) (v float64, ok bool) {
	s := strings.TrimSpace(r.PostForm.Get(name))
	if s == "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		*ps = append(*ps, ingest.Problem{Field: name, Value: ingest.Shorten(s), Code: ingest.CodeMalformed,
			Message: "不是数字 / it is not a number", Expected: "degrees"})
	}
	return v, true
}

func missing(field, expected string) ingest.Problem {
	return ingest.Problem{Field: field, Code: ingest.CodeMissing, Message: "缺少必填项 / it is missing", Expected: expected}
}

// channel is where a report comes from; a citizen unless it says otherwise.
func channel(s string) string {
	switch s {
	case "grid", "sensor", "department":
		return s
	}
	return "citizen"
}

// readPhotos reads the parts called media.
func readPhotos(r *http.Request) (photos []photo, ps ingest.Problems) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	parts := r.MultipartForm.File["media"]
	if len(parts) > ingest.MaxPhotos {
		return nil, ingest.Problems{{Field: "/photos", Value: strconv.Itoa(len(parts)), Code: ingest.CodeTooMany,
			Message: "照片过多 / too many photos", Expected: "at most " + strconv.Itoa(ingest.MaxPhotos)}}
	}
	for _, part := range parts {
		p, problem := readPhoto(part)
		if problem != nil {
			ps = append(ps, *problem)
			continue
		}
		photos = append(photos, p)
	}
	return photos, ps
}
