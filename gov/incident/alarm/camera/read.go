package camera

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"strings"
	"unicode/utf8"
)

// MaxEvent bounds an event without its picture, in bytes.
const MaxEvent = 64 << 10

// Read reads a message of that content type: JSON, or multipart/form-data with
// the parts "event" (JSON) and "picture". ErrMalformed.
func Read(contentType string, body []byte) (e Event, picture []byte, err error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = contentType
	}
	switch media {
	case "multipart/form-data":
		e, picture, err = readParts(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	default:
		e, err = readEvent(body)
	}
	if err != nil {
		return Event{}, nil, err
	}
	if picture == nil && e.Picture != "" {
		if picture, err = readPicture(e.Picture); err != nil {
			return Event{}, nil, err
		}
	}
	e.Picture = ""
	return e, picture, e.check()
}

func readEvent(body []byte) (e Event, err error) {
	if err := json.Unmarshal(body, &e); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return e, nil
}

func readParts(form *multipart.Reader) (e Event, picture []byte, err error) {
	found := false
	for range 8 {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Event{}, nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		switch part.FormName() {
		case "event":
			text, err := io.ReadAll(io.LimitReader(part, MaxEvent+1))
			if err != nil || len(text) > MaxEvent {
				return Event{}, nil, fmt.Errorf("%w: the part event is over %d bytes or broken", ErrMalformed, MaxEvent)
			}
			if e, err = readEvent(text); err != nil {
				return Event{}, nil, err
			}
			found = true
		case "picture":
			if picture, err = io.ReadAll(part); err != nil {
				return Event{}, nil, fmt.Errorf("%w: %w", ErrMalformed, err)
			}
		}
	}
	if !found {
		return Event{}, nil, fmt.Errorf("%w: the part event is missing", ErrMalformed)
	}
	return e, picture, nil
}

func readPicture(text string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(text, "data:"); ok {
		_, text, ok = strings.Cut(rest, ";base64,")
		if !ok {
			return nil, fmt.Errorf("%w: picture is not base64", ErrMalformed)
		}
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: picture: %w", ErrMalformed, err)
	}
	return b, nil
}

// check finds the first field that is wrong.
func (e *Event) check() error {
	wrong := func(field, what string) error { return fmt.Errorf("%w: %s: %s", ErrMalformed, field, what) }
	for _, f := range []struct {
		name, text string
		most       int
		needed     bool
	}{{"id", e.ID, 128, true}, {"camera", e.Camera, 128, true}, {"kind", e.Kind, 100, true}, {"text", e.Text, 500, false}} {
		switch {
		case f.needed && f.text == "":
			return wrong(f.name, "缺少必填项 / it is missing")
		case !utf8.ValidString(f.text) || strings.ContainsFunc(f.text, func(r rune) bool { return r < ' ' }):
			return wrong(f.name, "文本含非法字符 / characters that it may not have")
		case utf8.RuneCountInString(f.text) > f.most:
			return wrong(f.name, fmt.Sprintf("过长，至多 %[1]d 字 / too long, at most %[1]d characters", f.most))
		}
	}
	switch {
	case e.Time.IsZero():
		return wrong("time", "缺少必填项 / it is missing")
	case math.IsNaN(e.Confidence) || e.Confidence < 0 || e.Confidence > 1:
		return wrong("confidence", "应在 0 至 1 之间 / it is to be between 0 and 1")
	case (e.Lon == nil) != (e.Lat == nil):
		return wrong("lon", "经纬度应同时给出 / lon and lat go together")
	case e.Lon != nil && (math.Abs(*e.Lon) > 180 || math.Abs(*e.Lat) > 90):
		return wrong("lon", "经纬度超出范围 / no such place")
	}
	return nil
}
