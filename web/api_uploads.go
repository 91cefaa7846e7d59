package web

import (
	"net/http"
	"time"

	"onecity/gov/identity/access"
	"onecity/web/upload"

	"github.com/danielgtaylor/huma/v2"
)

// uploadRoutes are tus 1.0: resumable uploads of photos.
func (s *Server) uploadRoutes() {
	const base = "/api/v1/uploads/"
	id := pathParam("id", "上传编号 Id of the upload")
	header := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	version := header("Tus-Resumable", "1.0.0")
	tus := func(o operation) {
		o.need, o.tag, o.bodyTime = signedIn, "incidents", 2*time.Minute
		o.params = append(o.params, version)
		s.raw(o, s.uploads(func(w http.ResponseWriter, r *http.Request) { s.Uploads.ServeHTTP(w, r) }))
	}
	tus(operation{method: http.MethodPost, path: base, id: "createUpload", status: http.StatusCreated,
		summary:     "开始断点续传 Begin a resumable upload (tus 1.0, creation)",
		description: "照片不超过 20 MiB。A photo of at most 20 MiB; Location names the upload, Upload-Expires when it is dropped unfinished.",
		params:      []*huma.Param{header("Upload-Length", "字节数 Bytes in all"), header("Upload-Metadata", "filename, filetype, sha256 (base64)")},
		errors:      []int{401, 403, 413, 422, 429, 507}, maxBody: upload.MaxBytes})
	tus(operation{method: http.MethodHead, path: base + "{id}", id: "askUpload", summary: "已收字节数 How much has come", params: []*huma.Param{id}, errors: []int{404}})
	tus(operation{method: http.MethodPatch, path: base + "{id}", id: "goOnUpload", status: http.StatusNoContent,
		summary: "续传 Send the next bytes", bodyType: "application/offset+octet-stream",
		params: []*huma.Param{id, header("Upload-Offset", "从此字节起 From this byte on")},
		errors: []int{404, 409, 413, 422, 423, 507}, maxBody: upload.MaxBytes})
	tus(operation{method: http.MethodDelete, path: base + "{id}", id: "dropUpload", status: http.StatusNoContent, summary: "放弃上传 Drop an upload", params: []*huma.Param{id}, errors: []int{404}})
	s.raw(operation{need: signedIn, method: http.MethodGet, path: base + "{id}/done", id: "uploadDone", tag: "incidents",
		summary: "上传结果 What became of an upload", params: []*huma.Param{id}, answer: upload.Done{}, errors: []int{404, 409, 422, 507}},
		s.uploads(func(w http.ResponseWriter, r *http.Request) {
			d, err := s.Uploads.Done(r.Context(), CallerOf(r).ID, r.PathValue("id"))
			if err != nil {
				p := upload.Problem(err)
				if p.Status == http.StatusServiceUnavailable {
					p = s.failed(r.Context(), "put a photo away", err)
				}
				p.Write(w)
				return
			}
			writeJSON(w, http.StatusOK, d)
		}))
}

// uploads lets through who reports or handles.
func (s *Server) uploads(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := CallerOf(r)
		switch {
		case s.Uploads == nil:
			absent("the uploads").Write(w)
		case !c.may(access.IncidentReport) && !c.may(access.IncidentWork):
			denied(c, access.IncidentReport).Write(w)
		default:
			h(w, r)
		}
	}
}
