package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"onecity/gov/identity/access"
	"onecity/ingest"
	"onecity/ingest/mqtt"
	"onecity/streams"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

// letterBody is a dead letter as a person reads it: text where it is text.
type letterBody struct {
	Seq      uint64           `json:"seq"`
	At       time.Time        `json:"at"`
	Way      string           `json:"way" doc:"接入方式 Which way it came" example:"feeds/air-hourly"`
	Source   string           `json:"source" doc:"文件或设备 File name, device id"`
	Row      int              `json:"row,omitempty" doc:"行号，自 1 起 Row of the file, from 1"`
	Body     string           `json:"body" doc:"原文；非文本时为 base64 What was sent; base64 when it is no text"`
	Binary   bool             `json:"binary,omitempty" doc:"body 为 base64 The body is base64"`
	Problems []ingest.Problem `json:"problems" doc:"原因 Why it was not accepted"`
}

func letterOf(l streams.DeadLetter) letterBody {
	b := letterBody{Seq: l.Seq, At: l.At, Way: l.Way, Source: l.Source, Row: l.Row, Problems: []ingest.Problem{}}
	// Another version of the program may have written other reasons; then the
	// letter is shown without.
	_ = json.Unmarshal(l.Why, &b.Problems)
	if utf8.Valid(l.Body) {
		b.Body = string(l.Body)
	} else {
		text, err := json.Marshal(l.Body)
		if err == nil {
			b.Body, b.Binary = strings.Trim(string(text), `"`), true
		}
	}
	return b
}

func (s *Server) deadLetterRoutes() {
	type query struct {
		Skip  int `query:"skip" minimum:"0" doc:"跳过条数 Skip so many of the newest"`
		Limit int `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"至多条数 At most so many"`
	}
	type lettersAnswer struct {
		Body struct {
			Total   int          `json:"total"`
			Letters []letterBody `json:"letters"`
		}
	}
	get(s, access.DeadView, "/api/v1/dead-letters", "listDeadLetters", "feeds", "死信列表，新者在前 Dead letters, newest first",
		func(ctx context.Context, q *query) (*lettersAnswer, error) {
			ls, total, err := s.lettersOf(ctx, q.Skip, q.Limit)
			if err != nil {
				return nil, s.failed(ctx, "list dead letters", err)
			}
			a := &lettersAnswer{}
			a.Body.Total, a.Body.Letters = total, []letterBody{}
			for _, l := range ls {
				a.Body.Letters = append(a.Body.Letters, letterOf(l))
			}
			return a, nil
		})

	seq := []*huma.Param{pathParam("seq", "死信号 The letter's seq")}
	s.raw(operation{
		need: access.DeadMend, method: http.MethodDelete, path: "/api/v1/dead-letters/{seq}", id: "deleteDeadLetter", tag: "feeds",
		summary: "放弃死信 Give a dead letter up", params: seq, status: http.StatusNoContent, errors: []int{404, 503},
	}, s.deleteLetter)
	s.raw(operation{
		need: access.DeadMend, method: http.MethodPost, path: "/api/v1/dead-letters/{seq}/resend", id: "resendDeadLetter", tag: "feeds",
		summary:     "修正后重发 Send a dead letter again, mended",
		description: "正文为修正后的内容；为空则原样重发。接受后死信移除。The body is the mended content, none sends it as it was; the letter goes when it is accepted.",
		params:      seq, bodyType: "application/json", answer: ingest.Accepted{}, errors: []int{404, 413, 422, 503}, maxBody: maxBatchBody,
	}, s.resendLetter)
}

// letterSeq is the seq of the path.
func letterSeq(r *http.Request) (uint64, *problem.Problem) {
	seq, err := strconv.ParseUint(r.PathValue("seq"), 10, 64)
	if err != nil || seq == 0 {
		return 0, notFound("死信", r.PathValue("seq"))
	}
	return seq, nil
}

func (s *Server) deleteLetter(w http.ResponseWriter, r *http.Request) {
	seq, p := letterSeq(r)
	if p != nil {
		p.Write(w)
		return
	}
	letter, err := s.letter(r, seq)
	if err == nil {
		err = s.noteLetter(r, "deadletter.drop", letter)
	}
	if err == nil {
		err = s.Broker.Dig(r.Context(), seq)
	}
	if err != nil {
		s.failed(r.Context(), "delete a dead letter", err).Write(w)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) resendLetter(w http.ResponseWriter, r *http.Request) {
	seq, p := letterSeq(r)
	if p != nil {
		p.Write(w)
		return
	}
	mended, p := readBody(r)
	if p != nil {
		p.Write(w)
		return
	}
	letter, err := s.letter(r, seq)
	if err == nil {
		err = s.noteLetter(r, "deadletter.resend", letter)
	}
	if err != nil {
		s.failed(r.Context(), "read a dead letter", err).Write(w)
		return
	}
	if len(mended) == 0 {
		mended = nil // as it was
	}
	a, err := s.resend(r.Context(), letter, mended)
	if err != nil {
		s.failed(r.Context(), "send a dead letter again", err).Write(w)
		return
	}
	if a.Accepted == 0 {
		s.accepted(w, "resend", a)
		return
	}
	if err := s.Broker.Dig(r.Context(), seq); err != nil {
		// It is in; that the letter stays is seen in the list and does no harm.
		s.log.WarnContext(r.Context(), "a dead letter was sent again but stays", "seq", seq, "error", err)
	}
	s.accepted(w, "resend", a)
}

// resend gives a letter back to the way it came, for what the caller reaches:
// the mended content may speak of anything.
func (s *Server) resend(ctx context.Context, l streams.DeadLetter, mended []byte) (ingest.Accepted, error) {
	may := s.within(callerIn(ctx), access.DeadMend)
	switch {
	case strings.HasPrefix(l.Way, "feeds/"):
		if s.Feeds == nil {
			return ingest.Accepted{}, absent("feeds")
		}
		r, err := s.Feeds.For(may).Resend(ctx, l, mended)
		if err != nil {
			return ingest.Accepted{}, err
		}
		a := ingest.Accepted{Accepted: r.Accepted, Rejected: r.Rejected, Problems: r.Problems}
		if r.Error != "" {
			a.Problems = append(a.Problems, ingest.Problem{Field: "/", Code: ingest.CodeMalformed, Message: r.Error})
		}
		return a, nil
	case l.Way == "mqtt":
		return mqtt.Resend(ctx, s.Gate.For(may), l, mended)
	}
	return ingest.Accepted{}, problem.New(http.StatusUnprocessableEntity, "此类死信不能重发 / letters of this way cannot be sent again: "+l.Way)
}
