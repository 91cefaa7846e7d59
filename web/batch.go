package web

import (
	"encoding/json"
	"net/http"

	"onecity/ingest"
	"onecity/web/problem"
)

// batch is a body of one of the ways in: {"id", "source", "<things>": […]}, or
// one bare thing.
type batch[T any] struct {
	id, source string
	items      []T
	places     []int // of items in what was sent; nil when none is missing
	refused    ingest.Accepted
}

// parseBatch reads item by item, so that one that is malformed does not spoil
// the others. An error is a body that is no JSON.
func parseBatch[T any](body []byte, things string) (batch[T], *problem.Problem) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return batch[T]{}, problem.New(http.StatusBadRequest, "不是 JSON 对象 / not a JSON object",
			*ingest.MalformedJSON("", body, err))
	}
	var b batch[T]
	list := []json.RawMessage{body}
	if raw, ok := members[things]; ok {
		for name, into := range map[string]any{"id": &b.id, "source": &b.source, things: &list} {
			if members[name] == nil {
				continue
			}
			if err := json.Unmarshal(members[name], into); err != nil {
				return batch[T]{}, problem.New(http.StatusUnprocessableEntity, "成员类型不对 / a member of the wrong type",
					*ingest.MalformedJSON("/"+name, raw, err))
			}
		}
	}
	for i, raw := range list {
		var item T
		if err := json.Unmarshal(raw, &item); err != nil {
			p := ingest.MalformedJSON("", raw, err)
			p.Item = i
			b.refused.Rejected++
			if len(b.refused.Problems) < ingest.MaxProblems {
				b.refused.Problems = append(b.refused.Problems, *p)
			}
			continue
		}
		b.items = append(b.items, item)
		b.places = append(b.places, i)
	}
	if b.refused.Rejected == 0 {
		b.places = nil
	}
	return b, nil
}

// combine adds what could not be read to what the gate said, and gives each
// problem the item's place in what was sent.
func combine(a, refused ingest.Accepted, places []int) ingest.Accepted {
	if places != nil {
		for i := range a.Problems {
			if n := a.Problems[i].Item; n >= 0 && n < len(places) {
				a.Problems[i].Item = places[n]
			}
		}
	}
	a.Rejected += refused.Rejected
	for _, p := range refused.Problems {
		if len(a.Problems) < ingest.MaxProblems {
			a.Problems = append(a.Problems, p)
		}
	}
	return a
}
