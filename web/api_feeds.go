package web

import (
	"context"
	"errors"
	"io"
	"net/http"

	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/ingest/feeds"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

func (s *Server) feedRoutes() {
	type feedsAnswer struct {
		Body struct {
			Feeds []feeds.Feed `json:"feeds"`
		}
	}
	get(s, access.FeedView, "/api/v1/feeds", "listFeeds", "feeds", "部门数据清单及最近一次交付 Feeds with their contracts and last delivery",
		func(ctx context.Context, _ *struct{}) (*feedsAnswer, error) {
			a := &feedsAnswer{}
			a.Body.Feeds = []feeds.Feed{}
			if s.Feeds != nil {
				a.Body.Feeds = s.Feeds.Feeds()
			}
			if !s.wholeCity(callerIn(ctx), access.FeedView) {
				for i := range a.Body.Feeds {
					withoutRows(&a.Body.Feeds[i])
				}
			}
			return a, nil
		})
	s.raw(operation{
		need: access.FeedDeliver, method: http.MethodPost, path: "/api/v1/feeds/{feed}/uploads", id: "uploadFeed", tag: "feeds",
		summary:     "上传交付 Deliver a file: CSV, XLSX or GeoJSON",
		description: "表单域 file。好的行入库，有问题的行进入死信。The form's file. Good rows go in, the others become dead letters.",
		params:      []*huma.Param{pathParam("feed", "数据编号 Id of the feed")},
		bodyType:    "multipart/form-data",
		body: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"},
			Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}}},
		answer: feeds.Report{}, errors: []int{400, 404, 413, 422, 503, 507},
		maxBody: feeds.MaxFile + 1<<20, bodyTime: maxUploadTime,
	}, s.upload)
}

// withoutRows leaves out what a delivery's rows said: they may be of places
// that the reader does not see. Their own are among the dead letters.
func withoutRows(f *feeds.Feed) {
	if f.Last != nil {
		last := *f.Last
		last.Problems = nil
		f.Last = &last
	}
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	if s.Feeds == nil {
		absent("feeds").Write(w)
		return
	}
	name, body, p := uploaded(r)
	if p != nil {
		p.Write(w)
		return
	}
	report, err := s.Feeds.For(s.within(CallerOf(r), access.FeedDeliver)).Deliver(r.Context(), r.PathValue("feed"), name, body)
	switch {
	case errors.Is(err, feeds.ErrUnknownFeed):
		notFound("部门数据", r.PathValue("feed")).Write(w)
	case errors.Is(err, feeds.ErrTooLarge):
		tooLarge(feeds.MaxFile).Write(w)
	case err != nil:
		s.failed(r.Context(), "take a delivery", err).Write(w)
	case report.Error != "":
		problem.New(http.StatusUnprocessableEntity, report.Error,
			append([]ingest.Problem{{Field: "file", Value: report.File, Code: ingest.CodeMalformed, Message: report.Error}}, report.Problems...)...).Write(w)
	default:
		s.metrics.ingested("feeds", ingest.Accepted{Accepted: report.Accepted, Rejected: report.Rejected, Problems: report.Problems})
		s.told(r.Context(), "feed.deliver", "feed:"+r.PathValue("feed"), "", "", report)
		writeJSON(w, http.StatusOK, report)
	}
}

// uploaded is the form's file, read part by part so that nothing goes to disk.
func uploaded(r *http.Request) (name string, body []byte, p *problem.Problem) {
	form, err := r.MultipartReader()
	if err != nil {
		return "", nil, problem.New(http.StatusBadRequest, "应为 multipart/form-data / a multipart form is expected")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil, problem.New(http.StatusUnprocessableEntity, "表单中没有文件 / no file in the form",
				ingest.Problem{Field: "file", Code: ingest.CodeMissing, Message: "缺少文件 / the file is missing"})
		}
		if err == nil && part.FormName() == "file" {
			body, err = io.ReadAll(part)
		}
		var tooBig *http.MaxBytesError
		switch {
		case errors.As(err, &tooBig):
			return "", nil, tooLarge(feeds.MaxFile)
		case err != nil:
			return "", nil, problem.New(http.StatusBadRequest, "表单无法读取 / the form cannot be read")
		case part.FormName() == "file":
			return part.FileName(), body, nil
		}
	}
}
