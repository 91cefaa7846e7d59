package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/web/problem"
)

// maxBatchBody bounds a body of observations: ingest.MaxBatch of them take
// about 1.5 MB.
const maxBatchBody = 4 << 20

type observationsBody struct {
	ID           string           `json:"id,omitempty" doc:"发送方的批次编号，重复发送不会重复计数 The sender's id of the batch: sent again, it changes nothing"`
	Source       string           `json:"source,omitempty" doc:"来源 URI reference of the sender" example:"/stations/air-3"`
	Observations []ingest.Reading `json:"observations" doc:"至多 10000 条 At most 10,000"`
}

type positionsBody struct {
	ID        string         `json:"id,omitempty"`
	Source    string         `json:"source,omitempty"`
	Positions []cim.Position `json:"positions"`
}

const batchDoc = "好的存入，有问题的逐条退回；全部有问题时答 422。答复 200 时数据已落盘。" +
	"Good ones go in, the others come back with what is wrong; 422 when none is good. 200 means stored for good."

func (s *Server) observationRoutes() {
	s.raw(operation{
		need: access.ObservationPut, method: http.MethodPost, path: "/api/v1/observations", id: "postObservations", tag: "ingest",
		summary: "上报观测值 Send observations, one or a batch", description: batchDoc,
		body: observationsBody{}, answer: ingest.Accepted{}, errors: []int{400, 413, 422, 503, 507}, maxBody: maxBatchBody,
	}, s.postObservations)
	s.raw(operation{
		need: access.UnitMove, method: http.MethodPost, path: "/api/v1/positions", id: "postPositions", tag: "ingest",
		summary: "上报力量位置 Send positions of units, one or a batch", description: batchDoc,
		body: positionsBody{}, answer: ingest.Accepted{}, errors: []int{400, 413, 422, 503, 507}, maxBody: maxBatchBody,
	}, s.postPositions)
}

func (s *Server) postObservations(w http.ResponseWriter, r *http.Request) {
	body, p := readBody(r)
	if p != nil {
		p.Write(w)
		return
	}
	m, err := ingest.ParseObservations(body)
	if err != nil {
		problem.New(http.StatusBadRequest, "不是 JSON / not JSON", *ingest.MalformedJSON("", body, err)).Write(w)
		return
	}
	a, err := s.gate(r).Readings(r.Context(), sourceOr(m.Source, "/http"), idOf(m.Source, m.ID, body), m.Readings)
	if err != nil {
		s.failed(r.Context(), "store observations", err).Write(w)
		return
	}
	s.accepted(w, "observations", combine(a, m.Refused, m.Items))
}

func (s *Server) postPositions(w http.ResponseWriter, r *http.Request) {
	body, p := readBody(r)
	if p != nil {
		p.Write(w)
		return
	}
	b, p := parseBatch[cim.Position](body, "positions")
	if p != nil {
		p.Write(w)
		return
	}
	a, err := s.gate(r).Positions(r.Context(), sourceOr(b.source, "/http"), idOf(b.source, b.id, body), b.items)
	if err != nil {
		s.failed(r.Context(), "store positions", err).Write(w)
		return
	}
	s.accepted(w, "positions", combine(a, b.refused, b.places))
}

// accepted answers what became of a batch: 200, or 422 when nothing was good.
func (s *Server) accepted(w http.ResponseWriter, way string, a ingest.Accepted) {
	s.metrics.ingested(way, a)
	if a.Accepted == 0 {
		if len(a.Problems) == 0 {
			a.Problems = []ingest.Problem{{Field: "/", Code: ingest.CodeMissing, Message: "没有内容 / nothing was sent"}}
		}
		problem.New(http.StatusUnprocessableEntity, "全部未被接受 / none was accepted", a.Problems...).Write(w)
		return
	}
	writeJSON(w, http.StatusOK, a)
}

func sourceOr(source, otherwise string) string {
	if source == "" {
		return otherwise
	}
	return source
}

// idOf is the id of a body that was sent. Without a source it depends on the
// content too: two clients that both count from 1 are not one.
func idOf(source, id string, body []byte) string {
	if source != "" || id == "" || len(id) > ingest.MaxID {
		return id
	}
	sum := sha256.Sum256(body)
	h := hex.EncodeToString(sum[:16])
	if long := id + "~" + h; len(long) <= ingest.MaxID {
		return long
	}
	return h
}

// readBody reads a body within the route's limit.
func readBody(r *http.Request) ([]byte, *problem.Problem) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		return body, nil
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return nil, tooLarge(tooBig.Limit)
	}
	return nil, problem.New(http.StatusRequestTimeout, "未能读完内容 / the body did not arrive in time")
}

// writeJSON answers v, which is made of our own types and can be JSON.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the reader has gone when this fails
}
