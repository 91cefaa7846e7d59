package web

import (
	"context"
	"net/http"

	"onecity/cim"
	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/internal/credentials"
	"onecity/web/problem"
)

const maxRegisterBody = 16 << 20

type devicesBody struct {
	ID      string       `json:"id,omitempty"`
	Source  string       `json:"source,omitempty"`
	Devices []cim.Device `json:"devices"`
}

type unitsBody struct {
	ID     string     `json:"id,omitempty"`
	Source string     `json:"source,omitempty"`
	Units  []cim.Unit `json:"units"`
}

// registered is the answer to a registration.
type registered struct {
	ingest.Accepted
	// Credentials are those of newcomers. They are told once: the server keeps
	// only their hash.
	Credentials []credentials.Credential `json:"credentials" doc:"新登记者的 MQTT 口令，仅此一次 MQTT passwords of newcomers, told once"`
}

const registerDoc = "已有编号则更新其资料。新编号得到 MQTT 口令，只在此答复中出现一次。" +
	"An id that exists is replaced. A new one gets an MQTT password, which only this answer tells."

func (s *Server) registerRoutes() {
	s.credentialRoutes()
	s.raw(operation{
		need: access.CityWrite, method: http.MethodPost, path: "/api/v1/devices", id: "postDevices", tag: "ingest",
		summary: "登记设备 Register devices", description: registerDoc,
		body: devicesBody{}, answer: registered{}, errors: []int{400, 413, 422, 503, 507}, maxBody: maxRegisterBody,
	}, func(w http.ResponseWriter, r *http.Request) {
		register(s, w, r, "devices", s.gate(r).Devices, func(d cim.Device) string { return d.ID })
	})
	s.raw(operation{
		need: access.CityWrite, method: http.MethodPost, path: "/api/v1/units", id: "postUnits", tag: "ingest",
		summary: "登记力量 Register units", description: registerDoc,
		body: unitsBody{}, answer: registered{}, errors: []int{400, 413, 422, 503, 507}, maxBody: maxRegisterBody,
	}, func(w http.ResponseWriter, r *http.Request) {
		register(s, w, r, "units", s.gate(r).Units, func(u cim.Unit) string { return u.ID })
	})
}

// gateFunc is one of the Gate's ways in.
type gateFunc[T any] func(ctx context.Context, source, id string, items []T) (ingest.Accepted, error)

// register takes a batch of things that may send from now on.
func register[T any](s *Server, w http.ResponseWriter, r *http.Request, things string,
	store gateFunc[T], id func(T) string) {
	body, p := readBody(r)
	if p != nil {
		p.Write(w)
		return
	}
	b, p := parseBatch[T](body, things)
	if p != nil {
		p.Write(w)
		return
	}
	ids := make([]string, len(b.items))
	for i, item := range b.items {
		ids[i] = id(item)
	}
	a, err := store(r.Context(), sourceOr(b.source, "/http"), idOf(b.source, b.id, body), b.items)
	if err != nil {
		s.failed(r.Context(), "register "+things, err).Write(w)
		return
	}
	answer := registered{Credentials: []credentials.Credential{}}
	if s.Credentials != nil && a.Accepted > 0 {
		answer.Credentials, err = s.Credentials.Issue(r.Context(), without(ids, a.Problems))
		if err != nil {
			s.failed(r.Context(), "give out credentials", err).Write(w)
			return
		}
	}
	answer.Accepted = combine(a, b.refused, b.places)
	s.metrics.ingested(things, answer.Accepted)
	if answer.Accepted.Accepted == 0 {
		problem.New(http.StatusUnprocessableEntity, "全部未被接受 / none was accepted", answer.Problems...).Write(w)
		return
	}
	const shown = 50
	s.told(r.Context(), "city.register", "city:"+things, "", "", map[string]any{
		"ids": ids[:min(len(ids), shown)], "accepted": answer.Accepted.Accepted, "credentials": len(answer.Credentials)})
	writeJSON(w, http.StatusOK, answer)
}

// without leaves out the ids of items that had a problem.
func without(ids []string, problems []ingest.Problem) []string {
	bad := map[int]bool{}
	for _, p := range problems {
		bad[p.Item] = true
	}
	good := ids[:0:0]
	for i, id := range ids {
		if !bad[i] {
			good = append(good, id)
		}
	}
	return good
}
