package upload

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"onecity/ingest"
	"onecity/streams"
	"onecity/web/problem"

	"github.com/tus/tusd/v2/pkg/handler"
)

type ownerKey struct{}

func ownerIn(ctx context.Context) string {
	owner, _ := ctx.Value(ownerKey{}).(string)
	return owner
}

// ServeHTTP speaks tus 1.0. What goes wrong is answered with a problem: 401 for
// nobody, 404 for what is somebody else's or gone, 409 for a wrong offset, 413
// over MaxBytes, 422 for what is no image, 423 while another request writes, 507
// when there is no room.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	owner := s.Owner(r)
	if owner == "" {
		problem.New(http.StatusUnauthorized, "请先登录 / sign in first").Write(w)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, s.Base)
	if path != "" && !s.answered(w, r, owner, path) {
		return
	}
	u := *r.URL
	u.Path = path
	r = r.WithContext(context.WithValue(r.Context(), ownerKey{}, owner))
	r.URL = &u
	a := &answer{ResponseWriter: w}
	s.tus.ServeHTTP(a, r)
	a.end()
}

// answered reports whether tusd may go on with an upload: it is there, and the
// sender's. One that is finished and put away is answered here.
func (s *Store) answered(w http.ResponseWriter, r *http.Request, owner, id string) bool {
	if d, err := s.told(owner, id); err == nil && r.Method == http.MethodHead {
		h := w.Header()
		h.Set("Tus-Resumable", "1.0.0")
		h.Set("Upload-Offset", strconv.FormatInt(d.Bytes, 10))
		h.Set("Upload-Length", strconv.FormatInt(d.Bytes, 10))
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusOK)
		return false
	}
	if _, err := s.info(r.Context(), owner, id); err != nil {
		Problem(err).Write(w)
		return false
	}
	return true
}

// Problem says an error of this package to a person; what it does not know is
// a 503.
func Problem(err error) *problem.Problem {
	switch {
	case errors.Is(err, ErrUnknown):
		return problem.New(http.StatusNotFound, "没有这个上传 / no such upload")
	case errors.Is(err, ErrUnfinished):
		return problem.New(http.StatusConflict, "照片还没有传完 / the photo has not come whole yet")
	case errors.Is(err, ErrNotImage):
		return problem.New(http.StatusUnprocessableEntity, "不是可用的图片 / "+err.Error(),
			ingest.Problem{Field: "/", Code: ingest.CodeNotAnImage, Message: "不是可用的图片 / not an image", Expected: "JPEG, PNG, WebP or GIF"})
	case errors.Is(err, streams.ErrFull), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return full()
	}
	return problem.New(http.StatusServiceUnavailable, "暂时无法保存，请稍后再试 / it cannot be kept now, try again")
}

func full() *problem.Problem {
	return problem.New(http.StatusInsufficientStorage, "存储已满，未保存 / the store is full, nothing was stored")
}

// answer turns tusd's plain-text errors into problems.
type answer struct {
	http.ResponseWriter
	code int // of an error that is being said
	text []byte
}

// Unwrap lets tusd set deadlines.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader holds errors back.
func (a *answer) WriteHeader(code int) {
	if code >= 400 {
		a.code = code
		return
	}
	// The path only: behind a proxy the sender knows the server by another name.
	if at, err := url.Parse(a.Header().Get("Location")); err == nil && at.Path != "" {
		a.Header().Set("Location", at.Path)
	}
	a.ResponseWriter.WriteHeader(code)
}

// Write keeps an error's words.
func (a *answer) Write(b []byte) (int, error) {
	if a.code != 0 {
		a.text = append(a.text, b...)
		return len(b), nil
	}
	return a.ResponseWriter.Write(b)
}

// end says the error that was held back.
func (a *answer) end() {
	if a.code == 0 {
		return
	}
	h := a.Header()
	h.Del("Content-Length")
	h.Del("Content-Type")
	text := strings.TrimSpace(string(a.text))
	said := problem.New(a.code, "上传未被接受 / the upload was refused: "+text)
	switch {
	case a.code == http.StatusRequestEntityTooLarge:
		said = problem.New(a.code, "照片过大 / the photo is too large", ingest.Problem{Field: "/", Code: ingest.CodeTooLarge,
			Message: "过大 / too large", Expected: "at most " + strconv.Itoa(MaxBytes) + " bytes"})
	case a.code == http.StatusNotFound:
		said = Problem(ErrUnknown)
	case a.code == http.StatusInternalServerError && outOfRoom(text):
		said = full()
	case a.code == http.StatusInternalServerError:
		said = Problem(errors.New(text))
	}
	said.Write(a.ResponseWriter)
}

// outOfRoom: tusd passes errors of the disk on in words.
func outOfRoom(text string) bool {
	return strings.Contains(text, syscall.ENOSPC.Error()) || strings.Contains(text, syscall.EDQUOT.Error()) || strings.Contains(text, streams.ErrFull.Error())
}

// inWords makes an error of Done one that tusd answers with its status.
func inWords(err error) error {
	p := Problem(err)
	return handler.NewError("REFUSED", err.Error(), p.Status)
}
