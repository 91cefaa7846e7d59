package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"onecity/gov/identity/access"
	"onecity/gov/incident/alarm"
	"onecity/gov/incident/alarm/camera"
	"onecity/ingest"
	"onecity/web/problem"

	"github.com/danielgtaylor/huma/v2"
)

// ruleBy is the caller as the alarm rules know who changes them.
func ruleBy(ctx context.Context, why string) alarm.By {
	c := callerIn(ctx)
	return alarm.By{Subject: c.ID, From: c.From, Session: c.Session, Why: why, May: func(region string) bool {
		return c.Rights.Can(access.AlarmRules, access.Object{Region: region, NoOrg: true})
	}}
}

// unruled is failed for the alarm rules' own errors.
func (s *Server) unruled(ctx context.Context, doing string, err error) error {
	var faults alarm.Faults
	switch {
	case errors.As(err, &faults):
		ps := make([]ingest.Problem, len(faults))
		for i, f := range faults {
			ps[i] = ingest.Problem{Field: f.Field, Code: ingest.CodeMalformed, Message: f.Message}
			if f.Line > 0 {
				ps[i].Expected = place(f)
			}
		}
		return problem.New(http.StatusUnprocessableEntity, "内容未通过校验 / the content was refused", ps...)
	case errors.Is(err, alarm.ErrNotFound), errors.Is(err, camera.ErrNotFound):
		return problem.New(http.StatusNotFound, "没有，或不在可见范围 / no such thing, or not for you to see")
	case errors.Is(err, alarm.ErrRefused), errors.Is(err, camera.ErrRefused):
		return problem.New(http.StatusForbidden, "权限不及该区域 / your rights do not reach this region")
	case errors.Is(err, alarm.ErrConflict), errors.Is(err, camera.ErrConflict):
		return problem.New(http.StatusConflict, "已被他人修改，请刷新 / somebody else changed it in between: read it again",
			ingest.Problem{Field: "/version", Code: ingest.CodeConflict, Message: "版本已变 / the version has changed", Expected: "the newest version"})
	case errors.Is(err, alarm.ErrUntried):
		return problem.New(http.StatusConflict, "尚未用历史数据试跑：请先试跑，或填写理由 / it was never tried against history: try it first, or give a reason",
			ingest.Problem{Field: "/why", Code: ingest.CodeMissing, Message: "未试跑 / not tried", Expected: "a trial or a reason"})
	}
	return s.failed(ctx, doing, err)
}

type ruleBody struct {
	alarm.Definition
	Version int64  `json:"version,omitempty" doc:"修改时填所见版本 The version that was read, to change it"`
	Why     string `json:"why,omitempty" maxLength:"500" doc:"理由 The reason"`
}

type ruleDetail struct {
	alarm.Standing
	History []alarm.Change `json:"history"`
	Opened  []alarm.Report `json:"opened" doc:"最近触发 The newest that it opened"`
}

func (s *Server) alarmRoutes() {
	const tag = "alarms"
	need := access.AlarmRules
	get(s, need, "/api/v1/alarm-rules", "listAlarmRules", tag, "告警规则 Alarm rules in the caller's regions, and what came of them",
		func(ctx context.Context, _ *struct{}) (*answered[listed[alarm.Standing]], error) {
			list, err := s.Alarms.List(ctx, ruleBy(ctx, ""))
			if err != nil {
				return nil, s.unruled(ctx, "list alarm rules", err)
			}
			return paged(list, 0, nil), nil
		})
	get(s, need, "/api/v1/alarm-rules/{id}", "getAlarmRule", tag, "一条告警规则 One alarm rule with its history",
		func(ctx context.Context, in *idPath) (*answered[ruleDetail], error) {
			a := &answered[ruleDetail]{}
			var err error
			if a.Body.Standing, err = s.Alarms.Get(ctx, ruleBy(ctx, ""), in.ID); err == nil {
				if a.Body.History, err = s.Alarms.History(ctx, ruleBy(ctx, ""), in.ID); err == nil {
					a.Body.Opened, err = s.Alarms.Openings(ctx, ruleBy(ctx, ""), in.ID, 50)
				}
			}
			if err != nil {
				return nil, s.unruled(ctx, "read an alarm rule", err)
			}
			return a, nil
		})
	type add struct{ Body ruleBody }
	do(s, need, http.MethodPost, "/api/v1/alarm-rules", "addAlarmRule", tag, "新增告警规则，未启用 Add an alarm rule, switched off",
		func(ctx context.Context, in *add) (*answered[alarm.Rule], error) {
			r, err := s.Alarms.Add(ctx, ruleBy(ctx, in.Body.Why), in.Body.Definition)
			if err != nil {
				return nil, s.unruled(ctx, "add an alarm rule", err)
			}
			return &answered[alarm.Rule]{r}, nil
		})
	type edit struct {
		ID   string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		Body ruleBody
	}
	do(s, need, http.MethodPut, "/api/v1/alarm-rules/{id}", "changeAlarmRule", tag,
		"修改告警规则；条件变动后停用并须重新试跑 Change an alarm rule; with another condition it is switched off and to be tried anew",
		func(ctx context.Context, in *edit) (*answered[alarm.Rule], error) {
			r, err := s.Alarms.Change(ctx, ruleBy(ctx, in.Body.Why), in.ID, in.Body.Version, in.Body.Definition)
			if err != nil {
				return nil, s.unruled(ctx, "change an alarm rule", err)
			}
			return &answered[alarm.Rule]{r}, nil
		})
	type remove struct {
		ID  string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		Why string `query:"why" maxLength:"500" doc:"理由 The reason"`
	}
	do(s, need, http.MethodDelete, "/api/v1/alarm-rules/{id}", "removeAlarmRule", tag, "删除告警规则 Remove an alarm rule; its history stays",
		func(ctx context.Context, in *remove) (*struct{}, error) {
			if err := s.Alarms.Remove(ctx, ruleBy(ctx, in.Why), in.ID); err != nil {
				return nil, s.unruled(ctx, "remove an alarm rule", err)
			}
			return nil, nil
		})
	type turn struct {
		ID   string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		Body struct {
			On  bool   `json:"on"`
			Why string `json:"why,omitempty" maxLength:"500" doc:"未试跑而启用时必填 The reason; needed to switch on what was never tried"`
		}
	}
	do(s, need, http.MethodPost, "/api/v1/alarm-rules/{id}/switch", "switchAlarmRule", tag, "启用或停用 Switch an alarm rule on or off",
		func(ctx context.Context, in *turn) (*answered[alarm.Rule], error) {
			r, err := s.Alarms.Switch(ctx, ruleBy(ctx, in.Body.Why), in.ID, in.Body.On)
			if err != nil {
				return nil, s.unruled(ctx, "switch an alarm rule", err)
			}
			return &answered[alarm.Rule]{r}, nil
		})
	type try struct {
		ID   string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		Body struct {
			From time.Time `json:"from"`
			To   time.Time `json:"to"`
		}
	}
	do(s, need, http.MethodPost, "/api/v1/alarm-rules/{id}/try", "tryAlarmRule", tag,
		"用历史数据试跑 Try an alarm rule against history: what it would have opened",
		func(ctx context.Context, in *try) (*answered[alarm.Trial], error) {
			ctx, cancel := context.WithTimeout(ctx, 100*time.Second)
			defer cancel()
			t, err := s.Alarms.Try(ctx, ruleBy(ctx, ""), in.ID, in.Body.From, in.Body.To)
			if err != nil {
				return nil, s.unruled(ctx, "try an alarm rule", err)
			}
			return &answered[alarm.Trial]{t}, nil
		})
	type check struct {
		Body struct {
			Expression string `json:"expression" maxLength:"4000"`
		}
	}
	type checked struct {
		OK    bool         `json:"ok"`
		Fault *alarm.Fault `json:"fault,omitempty" doc:"错误及位置 What is wrong, and where"`
	}
	do(s, need, http.MethodPost, "/api/v1/alarm-rules/check", "checkAlarmExpression", tag, "检查表达式 Check an expression",
		func(_ context.Context, in *check) (*answered[checked], error) {
			f := alarm.Check(in.Body.Expression)
			return &answered[checked]{checked{OK: f == nil, Fault: f}}, nil
		})
	s.cameraRoutes()
}

// place says where in an expression something is wrong.
func place(f alarm.Fault) string {
	b, err := json.Marshal(map[string]int{"line": f.Line, "column": f.Column})
	if err != nil {
		return ""
	}
	return string(b)
}

// maxCameraEvent is a picture of the largest size in base64, and the event.
const maxCameraEvent = 12 << 20

func (s *Server) cameraRoutes() {
	const tag = "alarms"
	need := access.AlarmRules
	get(s, need, "/api/v1/camera-partners", "listCameraPartners", tag, "视频平台 Video platforms whose cameras report, and what their events mean",
		func(ctx context.Context, _ *struct{}) (*answered[listed[camera.Settings]], error) {
			list, err := s.Cameras.List(ctx, ruleBy(ctx, ""))
			if err != nil {
				return nil, s.unruled(ctx, "list the camera partners", err)
			}
			return paged(list, 0, nil), nil
		})
	type put struct {
		Partner string `path:"partner" maxLength:"40"`
		Body    camera.Settings
	}
	do(s, need, http.MethodPut, "/api/v1/camera-partners/{partner}", "putCameraPartner", tag, "新增或修改视频平台 Add or change a video platform",
		func(ctx context.Context, in *put) (*answered[camera.Settings], error) {
			in.Body.Partner = in.Partner
			x, err := s.Cameras.Put(ctx, ruleBy(ctx, ""), in.Body)
			if err != nil {
				return nil, s.unruled(ctx, "change a camera partner", err)
			}
			return &answered[camera.Settings]{x}, nil
		})
	type partnerPath struct {
		Partner string `path:"partner" maxLength:"40"`
	}
	type secret struct {
		Secret string `json:"secret" doc:"仅显示一次 Shown this once"`
	}
	do(s, need, http.MethodPost, "/api/v1/camera-partners/{partner}/secret", "newCameraSecret", tag, "新密钥，仅显示一次；旧的仍有效至下一次 A new secret, shown once; the old one is good until the next",
		func(ctx context.Context, in *partnerPath) (*answered[secret], error) {
			text, err := s.Cameras.NewSecret(ctx, ruleBy(ctx, ""), in.Partner)
			if err != nil {
				return nil, s.unruled(ctx, "give a camera partner a secret", err)
			}
			return &answered[secret]{secret{text}}, nil
		})
	s.raw(operation{
		need: public, method: http.MethodPost, path: "/hooks/camera/{partner}", id: "cameraEvent", tag: tag,
		summary: "视频识别事件 An event that a camera saw, signed by its platform",
		description: "签名按 Standard Webhooks 1.0（webhook-id、webhook-timestamp、webhook-signature）。JSON，图片为 base64；或 multipart/form-data，部件 event 与 picture。" +
			"Signed after Standard Webhooks 1.0. JSON with the picture in base64, or multipart/form-data with the parts event and picture.",
		params: []*huma.Param{pathParam("partner", "平台编号 Id of the platform")},
		body:   camera.Event{}, answer: camera.Receipt{}, errors: []int{400, 401, 413, 422, 503, 507},
		maxBody: maxCameraEvent, bodyTime: time.Minute,
	}, s.cameraEvent)
}

func (s *Server) cameraEvent(w http.ResponseWriter, r *http.Request) {
	if s.Cameras == nil {
		absent("the cameras' way in").Write(w)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.failed(r.Context(), "read a camera's event", err).Write(w)
		return
	}
	receipt, err := s.Cameras.Receive(r.Context(), r.PathValue("partner"), r.Header, body)
	refused := func(status int, code, detail string) {
		problem.New(status, detail, ingest.Problem{Field: "/", Code: code, Message: err.Error()}).Write(w)
	}
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, receipt)
	case errors.Is(err, camera.ErrSignature):
		// What exactly was wrong helps only who has the secret; who has none learns
		// not even whether there is such a partner.
		problem.New(http.StatusUnauthorized, "签名无效或已过期 / the signature is wrong or too old").Write(w)
	case errors.Is(err, camera.ErrTooLarge):
		refused(http.StatusRequestEntityTooLarge, ingest.CodeTooLarge, "图片过大 / the picture is too large")
	case errors.Is(err, camera.ErrNotImage):
		refused(http.StatusUnprocessableEntity, ingest.CodeNotAnImage, "不是图片 / the picture is not an image")
	case errors.Is(err, camera.ErrMalformed):
		refused(http.StatusUnprocessableEntity, ingest.CodeMalformed, "内容未通过校验 / the event was refused")
	default:
		s.failed(r.Context(), "take a camera's event", err).Write(w)
	}
}
