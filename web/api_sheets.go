package web

import (
	"bytes"
	"io"
	"mime"
	"net/http"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (s *Server) sheetRoutes() {
	s.raw(operation{
		need: access.OrgView, method: http.MethodGet, path: "/api/v1/orgs/export.xlsx", id: "exportOrgs", tag: "identity",
		summary:     "导出机构和人员 Organisations and people as a workbook",
		description: "可见的机构与人员，可再导入；导出记入审计。What the caller may view, as the import takes it; the audit log tells of it.",
		answerType:  xlsxType, errors: []int{401, 403, 503},
	}, s.exportSheets)
	s.raw(operation{
		need: access.OrgView, method: http.MethodGet, path: "/api/v1/orgs/template.xlsx", id: "orgTemplate", tag: "identity",
		summary:    "导入模板 A workbook to fill in",
		answerType: xlsxType, errors: []int{401, 403},
	}, func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		if err := identity.Template(&b); err != nil {
			s.failed(r.Context(), "write the template", err).Write(w)
			return
		}
		sendWorkbook(w, "机构人员导入模板.xlsx", b.Bytes())
	})
	s.raw(operation{
		need: access.OrgEdit, method: http.MethodPost, path: "/api/v1/orgs/import", id: "importOrgs", tag: "identity",
		summary: "导入机构和人员 Organisations and people from a workbook",
		description: "全部行无误才导入；dry=true 只检查。请求体为工作簿，或表单域 file。" +
			"Nothing goes in unless every row is good; with dry=true nothing does at all. The body is the workbook, or a form with it as file.",
		params: []*huma.Param{
			queryParam("dry", huma.TypeBoolean, "只检查 Check only"),
			queryParam("why", huma.TypeString, "理由 The reason"),
		},
		bodyType: xlsxType, answer: identity.ImportReport{}, errors: []int{400, 401, 403, 413, 422, 503},
		maxBody: identity.MaxWorkbook + 64<<10,
	}, s.importSheets)
}

func (s *Server) exportSheets(w http.ResponseWriter, r *http.Request) {
	if s.Identity == nil {
		absent("the directory").Write(w)
		return
	}
	var b bytes.Buffer
	if err := s.directory().Export(r.Context(), by(r.Context(), ""), &b); err != nil {
		s.failed(r.Context(), "export the directory", err).Write(w)
		return
	}
	sendWorkbook(w, "机构人员.xlsx", b.Bytes())
}

func (s *Server) importSheets(w http.ResponseWriter, r *http.Request) {
	if s.Identity == nil {
		absent("the directory").Write(w)
		return
	}
	var dry bool
	switch v := r.URL.Query().Get("dry"); v {
	case "true", "1":
		dry = true
	case "", "false", "0":
	default:
		problem.New(http.StatusBadRequest, "dry 应为 true 或 false / dry is true or false").Write(w)
		return
	}
	var body io.Reader = r.Body
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		_, data, p := uploaded(r)
		if p != nil {
			p.Write(w)
			return
		}
		body = bytes.NewReader(data)
	}
	report, err := s.directory().Import(r.Context(), by(r.Context(), r.URL.Query().Get("why")), body, dry)
	if err != nil {
		s.failed(r.Context(), "import a workbook", err).Write(w)
		return
	}
	writeJSON(w, http.StatusOK, report)
}

// sendWorkbook answers a file to keep: it may hold what people are called.
func sendWorkbook(w http.ResponseWriter, name string, data []byte) {
	h := w.Header()
	h.Set("Content-Type", xlsxType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(data) // who is gone does not miss it
}
