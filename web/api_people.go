package web

import (
	"context"
	"net/http"

	"onecity/gov/identity"
	"onecity/gov/identity/access"
)

type personBody struct {
	Login   string `json:"login" maxLength:"64" doc:"登录名 Small letters, digits, points and hyphens"`
	Name    string `json:"name" maxLength:"100"`
	Phone   string `json:"phone,omitempty" maxLength:"32"`
	Email   string `json:"email,omitempty" maxLength:"200"`
	Org     string `json:"org" doc:"机构编号 ID of the organisation"`
	Post    string `json:"post,omitempty" maxLength:"100" doc:"岗位 Post"`
	State   string `json:"state,omitempty" enum:"active,locked,left"`
	Version int64  `json:"version,omitempty" doc:"修改时填所见版本 The version that was read, to change it"`
	Why     string `json:"why,omitempty" maxLength:"500"`
}

func (s *Server) personRoutes() {
	d := s.directory()
	type query struct {
		Under string `query:"under" maxLength:"64" doc:"机构路径 Path of an organisation"`
		Query string `query:"q" maxLength:"100" doc:"姓名、登录名或电话 Part of name, login or phone"`
		State string `query:"state" enum:"active,locked,left"`
		After string `query:"after" maxLength:"64"`
		Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	}
	get(s, access.PersonView, "/api/v1/people", "listPeople", "identity", "人员列表 People",
		func(ctx context.Context, q *query) (*answered[listed[identity.Person]], error) {
			people, err := d.People(ctx, by(ctx, ""), identity.PersonFilter{Under: q.Under, Query: q.Query, State: q.State, After: q.After, Limit: q.Limit})
			if err != nil {
				return nil, s.failed(ctx, "list people", err)
			}
			return paged(people, q.Limit, func(p identity.Person) string { return p.Login }), nil
		})
	get(s, access.PersonView, "/api/v1/people/{id}", "getPerson", "identity", "人员详情 One person",
		func(ctx context.Context, in *idPath) (*answered[identity.Person], error) {
			p, err := d.Person(ctx, by(ctx, ""), in.ID)
			if err != nil {
				return nil, s.failed(ctx, "find a person", err)
			}
			return &answered[identity.Person]{p}, nil
		})
	type add struct{ Body personBody }
	do(s, access.PersonEdit, http.MethodPost, "/api/v1/people", "addPerson", "identity", "新增人员 Add a person",
		func(ctx context.Context, in *add) (*answered[identity.Person], error) {
			p, err := d.AddPerson(ctx, by(ctx, in.Body.Why), in.Body.person(""), false)
			if err != nil {
				return nil, s.failed(ctx, "add a person", err)
			}
			return &answered[identity.Person]{p}, nil
		})
	type edit struct {
		ID   string `path:"id" maxLength:"128" doc:"编号 The thing's id"`
		Body personBody
	}
	do(s, access.PersonEdit, http.MethodPut, "/api/v1/people/{id}", "editPerson", "identity", "修改、锁定人员 Change or lock a person",
		func(ctx context.Context, in *edit) (*answered[identity.Person], error) {
			p, err := d.EditPerson(ctx, by(ctx, in.Body.Why), in.Body.person(in.ID))
			if err != nil {
				return nil, s.failed(ctx, "change a person", err)
			}
			return &answered[identity.Person]{p}, nil
		})
}

func (b personBody) person(id string) identity.Person {
	state := b.State
	if state == "" {
		state = "active"
	}
	return identity.Person{ID: id, Login: b.Login, Name: b.Name, Phone: b.Phone, Email: b.Email, Org: b.Org, Post: b.Post, State: state, Version: b.Version}
}
