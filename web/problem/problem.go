package problem

import (
	"encoding/json"
	"net/http"
	"strconv"

	"onecity/ingest"
)

// ContentType is the media type of a Problem (RFC 9457, section 6.1).
const ContentType = "application/problem+json"

// Problem is the body of every answer that is not a success.
type Problem struct {
	// Type is a URI reference that names the kind of problem (RFC 9457,
	// section 3.1.1): "about:blank", or "/problems/<code>" in our own cases.
	Type string `json:"type" format:"uri-reference" doc:"The kind of problem 问题类别"`
	// Title is the kind in words, Chinese first.
	Title  string `json:"title" doc:"The kind in words 问题名称" example:"未找到 Not Found"`
	Status int    `json:"status" doc:"HTTP status code 状态码" example:"404"`
	Detail string `json:"detail,omitempty" doc:"What went wrong this time 具体说明"`
	// Instance names this occurrence: the request id that the log carries too.
	Instance string `json:"instance,omitempty" doc:"The request's id, as the log has it 请求编号"`
	// Errors say field by field what is wrong.
	Errors []ingest.Problem `json:"errors,omitempty" doc:"What is wrong, field by field 逐项错误"`
}

// New makes a problem of an HTTP status.
func New(status int, detail string, errs ...ingest.Problem) *Problem {
	return &Problem{Type: "about:blank", Title: Title(status), Status: status, Detail: detail, Errors: errs}
}

// Error is the problem as one line.
func (p *Problem) Error() string {
	s := strconv.Itoa(p.Status) + " " + p.Title
	if p.Detail != "" {
		s += ": " + p.Detail
	}
	return s
}

// GetStatus is what huma answers with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType turns huma's JSON into problem+json.
func (p *Problem) ContentType(string) string { return ContentType }

// Write answers with the problem.
func (p *Problem) Write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Del("ETag")
	w.WriteHeader(p.Status)
	// The status line is out: a failing body can only mean a gone reader.
	_ = json.NewEncoder(w).Encode(p)
}

// titles are the statuses that this server answers with.
var titles = map[int]string{
	http.StatusBadRequest:            "请求有误",
	http.StatusForbidden:             "不允许",
	http.StatusNotFound:              "未找到",
	http.StatusMethodNotAllowed:      "方法不支持",
	http.StatusNotAcceptable:         "格式不支持",
	http.StatusRequestTimeout:        "请求超时",
	http.StatusConflict:              "版本冲突",
	http.StatusRequestEntityTooLarge: "内容过大",
	http.StatusUnsupportedMediaType:  "内容类型不支持",
	http.StatusMisdirectedRequest:    "主机名不对",
	http.StatusUnprocessableEntity:   "内容未通过校验",
	http.StatusTooManyRequests:       "请求过多",
	http.StatusInternalServerError:   "服务器内部错误",
	http.StatusServiceUnavailable:    "暂不可用",
	http.StatusInsufficientStorage:   "存储已满",
}

// Title is a status in words, Chinese first.
func Title(status int) string {
	en := http.StatusText(status)
	if zh, ok := titles[status]; ok {
		return zh + " " + en
	}
	return en
}
