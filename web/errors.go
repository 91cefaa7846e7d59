package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"onecity/gov/identity"
	"onecity/gov/identity/provider"
	"onecity/gov/identity/signin"
	"onecity/gov/incident/dispatch"
	"onecity/ingest"
	"onecity/streams"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

// huma takes these from package variables of its own; this is the one place
// where they are set.
func init() {
	huma.DefaultArrayNullable = false // our lists are empty, never null
	huma.NewError = func(status int, detail string, errs ...error) huma.StatusError {
		p := problem.New(status, detail)
		for _, err := range errs {
			if err != nil {
				p.Errors = append(p.Errors, fieldError(err))
			}
		}
		return p
	}
}

// fieldError makes huma's "body.devices[3].lon" our item 3, "/devices/3/lon".
func fieldError(err error) ingest.Problem {
	var d huma.ErrorDetailer
	if !errors.As(err, &d) {
		return ingest.Problem{Field: "/", Code: ingest.CodeMalformed, Message: err.Error()}
	}
	e := d.ErrorDetail()
	p := ingest.Problem{Field: pointer(e.Location), Code: "invalid", Message: e.Message}
	if e.Value != nil {
		p.Value = ingest.Shorten(strings.TrimSpace(toString(e.Value)))
	}
	if _, after, ok := strings.Cut(e.Location, "["); ok {
		number, _, _ := strings.Cut(after, "]")
		if n, err := strconv.Atoi(number); err == nil {
			p.Item = n
		}
	}
	return p
}

// pointer turns a location of huma into a JSON pointer (RFC 6901); parameters
// keep their kind in front: "query/limit".
func pointer(location string) string {
	s := strings.NewReplacer("[", "/", "]", "", ".", "/").Replace(location)
	if s == "body" || s == "" {
		return "/"
	}
	return strings.TrimPrefix(s, "body")
}

// refuse turns an error of the packages below into a problem.
func refuse(err error) *problem.Problem {
	var p *problem.Problem
	var list ingest.Problems
	var one ingest.Problem
	var tooBig *http.MaxBytesError
	var field *identity.FieldError
	var weak *signin.WeakError
	var row *dispatch.FieldError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &list):
		return problem.New(http.StatusUnprocessableEntity, "内容未通过校验 / the content was refused", list...)
	case errors.As(err, &one):
		return problem.New(http.StatusUnprocessableEntity, "内容未通过校验 / the content was refused", one)
	case errors.As(err, &tooBig):
		return tooLarge(tooBig.Limit)
	case errors.Is(err, ingest.ErrUnknownIncident):
		return problem.New(http.StatusNotFound, "没有这个案件 / no such incident")
	case errors.Is(err, ingest.ErrConflict):
		return problem.New(http.StatusConflict, err.Error(),
			ingest.Problem{Field: "/version", Code: ingest.CodeConflict, Message: err.Error(), Expected: "the newest version"})
	case errors.As(err, &field):
		return problem.New(http.StatusUnprocessableEntity, "内容未通过校验 / the content was refused",
			ingest.Problem{Field: "/" + field.Field, Value: ingest.Shorten(field.Value), Code: field.Code, Message: field.Message, Expected: field.Want})
	case errors.As(err, &row):
		return problem.New(http.StatusUnprocessableEntity, "内容未通过校验 / the content was refused",
			ingest.Problem{Field: row.Field, Value: ingest.Shorten(row.Value), Code: row.Code, Message: row.Message, Expected: row.Want})
	case errors.As(err, &weak):
		return problem.New(http.StatusUnprocessableEntity, "密码不合要求 / this password is not taken",
			ingest.Problem{Field: "/new", Code: weak.Code, Message: weak.Message})
	case errors.Is(err, signin.ErrRefused):
		return problem.New(http.StatusUnauthorized, "登录名、密码或验证码不正确 / the login, password or code is wrong")
	case errors.Is(err, signin.ErrEnded):
		return problem.New(http.StatusUnauthorized, "登录已失效，请重新登录 / the session is over, sign in again")
	case errors.Is(err, signin.ErrPending):
		return problem.New(http.StatusConflict, "登录不在这一步 / the sign-in is not at this step")
	case errors.Is(err, signin.ErrStrong):
		return problem.New(http.StatusForbidden, "需要以第二因素登录 / this needs a sign-in with a second factor")
	case errors.Is(err, signin.ErrLastFactor):
		return problem.New(http.StatusConflict, "这是最后一个第二因素，角色要求保留 / this is the last second factor, and the role needs one")
	case errors.Is(err, signin.ErrNoFactor):
		return problem.New(http.StatusNotFound, "没有这个验证方式 / there is no such factor")
	case errors.Is(err, signin.ErrNoPasskeys):
		return problem.New(http.StatusConflict, "此处未启用通行密钥 / passkeys are not set up here")
	case errors.Is(err, provider.ErrToken), errors.Is(err, provider.ErrScope):
		return problem.New(http.StatusUnauthorized, "访问令牌无效 / the access token is not valid")
	case errors.Is(err, identity.ErrNotFound):
		return problem.New(http.StatusNotFound, "没有，或不在可见范围 / no such thing, or not for you to see")
	case errors.Is(err, identity.ErrConflict), errors.Is(err, dispatch.ErrConflict):
		return problem.New(http.StatusConflict, "已被他人修改，请刷新 / somebody else changed it in between: read it again",
			ingest.Problem{Field: "/version", Code: ingest.CodeConflict, Message: "版本已变 / the version has changed", Expected: "the newest version"})
	case errors.Is(err, identity.ErrRefused), errors.Is(err, dispatch.ErrRefused):
		return problem.New(http.StatusForbidden, "权限不及 / your rights do not reach this")
	case errors.Is(err, streams.ErrGone):
		return problem.New(http.StatusNotFound, "已经不在 / not there any more")
	case errors.Is(err, streams.ErrTooLarge):
		return problem.New(http.StatusRequestEntityTooLarge, err.Error())
	case errors.Is(err, streams.ErrFull):
		return problem.New(http.StatusInsufficientStorage, "存储已满，未保存 / the store is full, nothing was stored")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return problem.New(http.StatusServiceUnavailable, "未能在时限内完成 / not done in time")
	}
	return nil
}

// failed is refuse for errors that may be anything: what nobody can mend from
// outside is logged with its cause and answered without it.
func (s *Server) failed(ctx context.Context, doing string, err error) *problem.Problem {
	if p := refuse(err); p != nil {
		return p
	}
	s.log.ErrorContext(ctx, "cannot "+doing, "error", err, "request", requestID(ctx))
	return problem.New(http.StatusServiceUnavailable, "暂时无法完成，请稍后再试 / cannot "+doing+" now, try again")
}

func tooLarge(limit int64) *problem.Problem {
	return problem.New(http.StatusRequestEntityTooLarge, "内容超过上限 / the body is over the limit",
		ingest.Problem{Field: "/", Code: ingest.CodeTooLarge, Message: "内容过大 / too large",
			Expected: "at most " + strconv.FormatInt(limit, 10) + " bytes"})
}

func notFound(what, id string) *problem.Problem {
	return problem.New(http.StatusNotFound, "没有这个"+what+"，或不在可见范围 / no such thing, or not for you to see: "+ingest.Shorten(id))
}

func toString(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
