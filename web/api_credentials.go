package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"onecity/cim"
	"onecity/geo"
	"onecity/gov/identity/access"
	"onecity/internal/audit"
	"onecity/internal/credentials"
	"onecity/streams"
)

// speaker is who may have a credential: a device 设备 or a unit 力量.
type speaker struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind" enum:"device,unit" doc:"设备或力量 A device or a unit"`
	Name   string   `json:"name"`
	Region geo.Code `json:"region,omitempty" doc:"设备所在或力量所属区域 Where the device stands, or the unit is at home"`
	Has    bool     `json:"has" doc:"已有口令 It has a password"`
}

type speakerQuery struct {
	Query  string `query:"q" maxLength:"100" doc:"编号或名称的一部分 Part of the id or name"`
	Region string `query:"region" maxLength:"15" doc:"仅此区域 Within this region only"`
	Kind   string `query:"kind" enum:"device,unit" doc:"仅设备或仅力量 Only devices, or only units"`
	Has    string `query:"has" enum:"yes,no" doc:"仅有或仅无口令的 Only those that have a password, or have none"`
	After  string `query:"after" maxLength:"128" doc:"从此编号之后 Those after this id: the answer's next"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"每页条数 At most so many"`
}

// asked reports whether a speaker is one of those that are asked for.
func (q *speakerQuery) asked(s speaker) bool {
	return strings.HasPrefix(string(s.Region), q.Region) &&
		(q.Kind == "" || q.Kind == s.Kind) && (q.Has == "" || (q.Has == "yes") == s.Has) &&
		(strings.Contains(strings.ToLower(s.ID), strings.ToLower(q.Query)) || strings.Contains(s.Name, q.Query))
}

func (s *Server) credentialRoutes() {
	get(s, access.DeviceSecret, "/api/v1/credentials", "listCredentials", "ingest", "设备与力量的口令 Who may have a password, and who has one",
		func(ctx context.Context, q *speakerQuery) (*answered[listed[speaker]], error) {
			if s.Credentials == nil {
				return nil, absent("credentials")
			}
			return paged(s.speakers(callerIn(ctx), q), q.Limit, func(x speaker) string { return x.ID }), nil
		})
	type issue struct {
		ID   string `path:"id" maxLength:"128" doc:"设备或力量编号 Id of a device or unit"`
		Body *struct {
			Why string `json:"why,omitempty" maxLength:"500" doc:"理由 The reason"`
		}
	}
	do(s, access.DeviceSecret, http.MethodPost, "/api/v1/credentials/{id}", "renewCredential", "ingest",
		"发放或重发口令，旧口令立即失效 Give a device or unit a password, told once; the old one is void at once",
		func(ctx context.Context, in *issue) (*answered[credentials.Credential], error) {
			why := ""
			if in.Body != nil {
				why = in.Body.Why
			}
			var c credentials.Credential
			err := s.changeCredential(ctx, in.ID, why, "device.credential.issue", func() (err error) {
				c, err = s.Credentials.Renew(ctx, in.ID)
				return err
			})
			return &answered[credentials.Credential]{c}, err
		})
	type revoke struct {
		ID  string `path:"id" maxLength:"128" doc:"设备或力量编号 Id of a device or unit"`
		Why string `query:"why" maxLength:"500" doc:"理由 The reason"`
	}
	do(s, access.DeviceSecret, http.MethodDelete, "/api/v1/credentials/{id}", "revokeCredential", "ingest",
		"吊销口令，立即断开 Take a password away; what was begun with it ends at once",
		func(ctx context.Context, in *revoke) (*struct{}, error) {
			return nil, s.changeCredential(ctx, in.ID, in.Why, "device.credential.revoke", func() error {
				return s.Credentials.Revoke(ctx, in.ID)
			})
		})
}

// speakers is a page, in the order of ids, of those whose credentials the caller
// may handle: by rights, not by what it may see of the city, because a unit that
// has no password yet has never been anywhere.
func (s *Server) speakers(c Caller, q *speakerQuery) []speaker {
	city := s.city.Snapshot().In(cim.Whole())
	var ds, us []speaker
	take := func(list *[]speaker, x speaker) bool {
		x.Has = s.Credentials.Known(x.ID)
		if q.asked(x) && c.handles(x) {
			*list = append(*list, x)
		}
		return len(*list) < q.Limit
	}
	city.DevicesAfter(q.After, func(d *cim.DeviceState) bool { return take(&ds, deviceSpeaker(d)) })
	city.UnitsAfter(q.After, func(u *cim.UnitState) bool { return take(&us, unitSpeaker(u)) })
	out := make([]speaker, 0, min(q.Limit, len(ds)+len(us)))
	for len(out) < q.Limit && len(ds)+len(us) > 0 {
		if len(us) == 0 || len(ds) > 0 && ds[0].ID <= us[0].ID {
			out, ds = append(out, ds[0]), ds[1:]
		} else {
			out, us = append(out, us[0]), us[1:]
		}
	}
	return out
}

func deviceSpeaker(d *cim.DeviceState) speaker {
	return speaker{ID: d.ID, Kind: "device", Name: d.Name, Region: d.Region}
}

func unitSpeaker(u *cim.UnitState) speaker {
	return speaker{ID: u.ID, Kind: "unit", Name: u.Name, Region: u.Home}
}

// handles reports whether the caller may handle one's credential.
func (c Caller) handles(x speaker) bool {
	return c.Rights.Can(access.DeviceSecret, access.Object{Region: string(x.Region), NoOrg: true})
}

// changeCredential does it, when the caller may, and leaves a trace before: a
// change that cannot be written down is not made.
func (s *Server) changeCredential(ctx context.Context, id, why, action string, change func() error) error {
	if s.Credentials == nil {
		return absent("credentials")
	}
	c, city := callerIn(ctx), s.city.Snapshot().In(cim.Whole())
	var of []speaker // a device and a unit may go by the same id
	if d, ok := city.Device(id); ok {
		of = append(of, deviceSpeaker(d))
	}
	if u, ok := city.Unit(id); ok {
		of = append(of, unitSpeaker(u))
	}
	if len(of) == 0 {
		return notFound("设备或力量", id)
	}
	e := audit.Entry{Actor: c.ID, From: c.From, Session: c.Session, Action: action, Object: of[0].Kind + ":" + id,
		Region: string(of[0].Region), Why: why, Outcome: audit.Done}
	for _, x := range of {
		if !c.handles(x) {
			e.Outcome = audit.Refused
			if err := s.note(ctx, e); err != nil {
				return err
			}
			return notFound("设备或力量", id)
		}
	}
	if err := s.note(ctx, e); err != nil {
		return err
	}
	if err := change(); err != nil {
		e.Outcome = audit.Failed
		_ = s.note(ctx, e) // it is logged, and the caller is told of the failure anyway
		return s.failed(ctx, "change a credential", err)
	}
	return nil
}

// note writes into the audit log, where there is one.
func (s *Server) note(ctx context.Context, e audit.Entry) error {
	if s.Audit == nil {
		return nil
	}
	if err := s.Audit.Note(ctx, e); err != nil {
		return s.failed(ctx, "write into the audit log", err)
	}
	return nil
}

// void ends what was begun with a credential that is good no longer.
func (s *Server) void(id string) {
	lines := s.units.Drop(id)
	sessions, err := s.Broker.Disconnect(id)
	if errors.Is(err, streams.ErrExternal) {
		s.log.Warn("a credential is void, but the MQTT sessions are the external server's to end", "id", id)
		return
	}
	s.log.Info("a credential is void", "id", id, "sessions", sessions, "lines", lines, "error", err)
}
